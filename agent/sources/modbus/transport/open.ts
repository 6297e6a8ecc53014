import { createSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../../../runtime/errors.ts';
import { sayTls, type TlsSettings, tlsOptions } from '../../../runtime/tls.ts';
import type { Dial } from '../../source.ts';
import { openSerial } from './serial.ts';
import type { Target } from './target.ts';
import { stillborn, type Wire, type WireEvents } from './wire.ts';

/** Opens the line of a target. A failure is told through `onDown`, never thrown. */
export function openWire(
  target: Pick<Target, 'line' | 'url'>,
  tls: TlsSettings,
  events: WireEvents,
  now: () => number,
  dial?: Dial,
): Wire {
  const { line } = target;
  if (line.kind === 'serial') return openSerial(line.path, line.serial, events);
  if (line.kind === 'udp') return openUdp(line.host, line.port, events);
  if (line.kind === 'tcp') {
    if (dial !== undefined) return attend(dial(target.url), 'connect', events, now);
    const socket = new Socket();
    const wire = attend(socket, 'connect', events, now);
    socket.connect({ host: line.host, port: line.port });
    return wire;
  }
  try {
    const socket = connectTls({
      host: line.host,
      port: line.port,
      ...tlsOptions(tls),
    });
    return attend(socket, 'secureConnect', events, now);
  } catch (error) {
    return stillborn(events, sayTls(error, now()) ?? messageOf(error));
  }
}

const ENDED = 'the other side closed the connection';

function attend(
  socket: ReturnType<Dial>,
  ready: 'connect' | 'secureConnect',
  events: WireEvents,
  now: () => number,
): Wire {
  let failure = ENDED;
  socket.on('error', (error: Error) => {
    const plain = error.message === '' ? 'connection failed' : error.message;
    failure = sayTls(error, now()) ?? plain;
  });
  socket.on('end', () => events.onDown(ENDED));
  socket.on('close', () => events.onDown(failure));
  socket.on('data', events.onData);
  socket.on(ready, () => {
    socket.setNoDelay(true);
    events.onUp();
  });
  return { write: (bytes) => void socket.write(bytes), destroy: () => void socket.destroy() };
}

/** One datagram is one frame. There is no connection: silence is found out by asking. */
function openUdp(host: string, port: number, events: WireEvents): Wire {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  const close = () => {
    if (open) socket.close();
    open = false;
  };
  socket.on('error', (error) => events.onDown(error.message));
  socket.on('message', events.onData);
  socket.on('connect', events.onUp);
  socket.connect(port, host);
  return {
    write: (bytes) => {
      if (open) socket.send(bytes, ignore);
    },
    destroy: close,
  };
}

/** A send that fails is a request without an answer, and its deadline tells. */
const ignore = () => {};
