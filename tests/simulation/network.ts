import { Duplex } from 'node:stream';
import type { Random } from '../../agent/plants/random.ts';
import type { SimTime } from './time.ts';

/** One end of a simulated TCP connection. */
export type Socket = Duplex & { setNoDelay(on: boolean): unknown };

/** The far end, as a server has it. */
export interface Peer {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface Server {
  /** a connection came; returns what takes its bytes and its end */
  accept(peer: Peer): { data(bytes: Buffer): void; closed(): void };
  /** nobody listens */
  refuses(): boolean;
}

/** A network between one client machine and one server: slow, cut in pieces, half-open, reset. */
export interface Network {
  dial(): Socket;
  /** bytes vanish both ways, and nobody is told */
  halfOpen(on: boolean): void;
  /** every connection ends with an error */
  reset(): void;
  /** the client machine died: nothing of it is heard any more */
  abandon(): void;
  delayMs: number;
}

interface Line {
  socket: Socket;
  toServer: { data(bytes: Buffer): void; closed(): void } | null;
  /** times until which bytes already on their way keep later ones behind them */
  upMs: number;
  downMs: number;
  open: boolean;
  /** the life that dialled: whatever the network tells it, it hears in its own name */
  owner: number;
}

export function createNetwork(time: SimTime, random: Random, server: Server): Network {
  const lines = new Set<Line>();
  let silent = false;
  const network: Network = { dial, halfOpen, reset, abandon, delayMs: 2 };

  const travel = () => network.delayMs * (0.2 + 1.6 * random.uniform());

  function halfOpen(on: boolean) {
    silent = on;
    // What vanished is never made up for: TCP gives up on such a connection in the end.
    if (!on) reset();
  }

  function end(line: Line, tell: boolean) {
    if (!line.open) return;
    line.open = false;
    lines.delete(line);
    line.toServer?.closed();
    if (!tell) return;
    const error = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    time.own(line.owner, () => time.after(0, () => line.socket.destroy(error)));
  }

  function reset() {
    for (const line of [...lines]) end(line, true);
  }

  function abandon() {
    for (const line of [...lines]) end(line, false);
  }

  function down(line: Line, bytes: Buffer) {
    if (silent || !line.open) return;
    for (const part of cut(bytes)) {
      line.downMs = Math.max(line.downMs, time.now() + travel());
      const arrive = () => {
        if (line.open && !silent && !line.socket.destroyed) line.socket.push(part);
      };
      time.own(line.owner, () => time.after(line.downMs - time.now(), arrive));
    }
  }

  /** TCP knows no messages: now and then the bytes come in pieces. */
  function cut(bytes: Buffer): Buffer[] {
    if (bytes.length < 2 || random.uniform() > 0.1) return [bytes];
    const at = 1 + Math.floor(random.uniform() * (bytes.length - 1));
    return [bytes.subarray(0, at), bytes.subarray(at)];
  }

  function dial(): Socket {
    const socket = makeSocket(
      (bytes) => {
        if (silent || !line.open) return;
        line.upMs = Math.max(line.upMs, time.now() + travel());
        const arrive = () => {
          if (line.open && !silent) line.toServer?.data(bytes);
        };
        time.own(0, () => time.after(line.upMs - time.now(), arrive));
      },
      () => end(line, false),
    );
    const line: Line = {
      socket,
      toServer: null,
      upMs: 0,
      downMs: 0,
      open: true,
      owner: time.owner(),
    };
    if (server.refuses()) {
      line.open = false;
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      time.after(travel(), () => socket.destroy(refused));
      return socket;
    }
    lines.add(line);
    line.toServer = server.accept({
      send: (bytes) => down(line, Buffer.from(bytes)),
      close: () => end(line, true),
    });
    return socket;
  }

  return network;
}

function makeSocket(send: (bytes: Buffer) => void, close: () => void): Socket {
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      send(Buffer.from(chunk));
      done();
    },
    final(done) {
      close();
      done();
    },
    destroy(error, done) {
      close();
      done(error);
    },
  });
  return Object.assign(socket, { setNoDelay: () => socket });
}
