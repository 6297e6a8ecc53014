import { createRequire } from 'node:module';
import type { SerialLine } from './target.ts';
import { stillborn, type Wire, type WireEvents } from './wire.ts';

/** As much of the serialport library as is used here. */
interface SerialPort {
  on(event: 'open' | 'close', listener: () => void): void;
  on(event: 'data', listener: (chunk: Buffer) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  write(bytes: Buffer): void;
  close(callback: () => void): void;
}

interface Library {
  SerialPort: new (options: Record<string, unknown>) => SerialPort;
}

/** Opens a serial line. The library is native and optional: it is loaded when a line is opened. */
export function openSerial(
  path: string,
  line: SerialLine,
  events: WireEvents,
  load: () => unknown = loadLibrary,
): Wire {
  let library: Library;
  try {
    library = load() as Library;
  } catch {
    return stillborn(events, MISSING);
  }
  const port = new library.SerialPort({
    path,
    baudRate: line.baud,
    dataBits: line.dataBits,
    parity: line.parity,
    stopBits: line.stopBits,
  });
  let open = true;
  port.on('error', (error) => events.onDown(error.message));
  port.on('close', () => events.onDown('the serial line was closed'));
  port.on('data', events.onData);
  port.on('open', events.onUp);
  return {
    write: (bytes) => port.write(bytes),
    destroy() {
      // Called back with an error when it never opened; there is nothing to be done about it.
      if (open) port.close(() => {});
      open = false;
    },
  };
}

const MISSING =
  "serial lines need the optional library 'serialport', which is not installed here: " +
  'npm install without --omit=optional, or use a gateway with tcp:// or rtu+tcp://';

/** It is modbus-serial's own optional dependency, so it is looked for from there. */
function loadLibrary(): unknown {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('modbus-serial'))('serialport');
}
