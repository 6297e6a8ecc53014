import { EventEmitter } from 'node:events';

/** As much of a socket as a Modbus client and the test device use. */
export interface PairedSocket extends EventEmitter {
  writable: boolean;
  write(bytes: Buffer): boolean;
  end(): void;
  destroy(): void;
  resetAndDestroy(): void;
  setNoDelay(): void;
}

/** How long bytes are on their way. */
const TRAVEL_MS = 1;

/** Two ends of a connection inside this process: client first. Bytes arrive a millisecond later. */
export function socketPair(): [PairedSocket, PairedSocket] {
  const client = makeEnd();
  const server = makeEnd();
  join(client, server);
  join(server, client);
  setTimeout(() => {
    if (client.writable) client.emit('connect');
  }, TRAVEL_MS);
  return [client, server];
}

const makeEnd = (): PairedSocket =>
  Object.assign(new EventEmitter(), {
    writable: true,
    write: () => false,
    end() {},
    destroy() {},
    resetAndDestroy() {},
    setNoDelay() {},
  });

function join(here: PairedSocket, there: PairedSocket): void {
  const later = (work: () => void) => void setTimeout(work, TRAVEL_MS);
  const closed = (failure: Error | null) => {
    if (!there.writable) return;
    there.writable = false;
    if (failure) there.emit('error', failure);
    else there.emit('end');
    there.emit('close');
  };
  const leave = (failure: Error | null) => {
    if (!here.writable) return;
    here.writable = false;
    here.emit('close');
    later(() => closed(failure));
  };
  here.write = (bytes) => {
    const copy = Buffer.from(bytes);
    later(() => {
      if (there.writable) there.emit('data', copy);
    });
    return here.writable;
  };
  here.end = () => leave(null);
  here.destroy = () => leave(null);
  here.resetAndDestroy = () => leave(new Error('read ECONNRESET'));
}
