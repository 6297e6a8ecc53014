import type { Clock } from '../../runtime/clock.ts';
import type { TlsSettings } from '../../runtime/tls.ts';
import type { Dial } from '../source.ts';
import { openConnection } from './connection.ts';
import type { Fence } from './fence.ts';
import type { Overtake } from './overtake.ts';
import { OUTCOME, type Request } from './request.ts';
import type { Target } from './transport/target.ts';
import type { Trace } from './transport/trace.ts';

/** One connection from its opening to its end. Never used again afterwards. */
export interface Connection {
  /** false when nothing more can be sent now */
  send(request: Request): boolean;
  inFlight(): number;
  /** requests whose answers are late, so that others may go ahead of them */
  lateOnes(): number;
  /** ends it at once; requests under way end with LINK */
  close(reason: string): void;
}

/** What a connection tells. */
export interface ConnectionEvents {
  onUp(): void;
  onDown(reason: string): void;
  onLate(): void;
  /** a rest of the line is over: `send` may be tried again */
  onReady(): void;
  /** a request ended, told after its own `done` */
  onSettled(unit: number, outcome: number, roundTripMs: number): void;
}

/** Opens a connection: the seam behind which the transports stand. */
export type Connect = (events: ConnectionEvents) => Connection;

/** Where to, and how the line is treated. */
export interface ConnectOptions {
  target: Target;
  /** tried when the target cannot be reached */
  standby?: Target | null;
  /** what may be written; nothing when left out */
  fence?: Fence;
  tls?: TlsSettings;
  connectTimeoutMs: number;
  pauseAfterConnectMs?: number;
  depth: number;
  /** lines without ids: rest after an answer that did not come or was damaged */
  quietMs?: number;
  /** lines without ids: how late an answer may come and still be told from the right one */
  patienceMs?: number;
  /** lines without ids: tell answers apart by their length */
  lengthNonce?: 'off' | 'after-timeout' | 'always';
  /** lines with ids: other units go ahead of one that is late */
  overtake?: Overtake;
  trace?: Trace | null;
  /** opens the connections of tcp://; left out: the real network */
  dial?: Dial;
  clock: Clock;
  random: () => number;
}

/**
 * A new connection object for every connection. The standby is tried after the first target failed without having answered, and the other way round.
 */
export function connectTo(options: ConnectOptions): Connect {
  const { target, standby } = options;
  let onStandby = false;
  return (events) => {
    let alive = false;
    const chosen = onStandby && standby ? standby : target;
    return openConnection(
      { ...options, target: chosen },
      {
        ...events,
        onSettled(unit, outcome, roundTripMs) {
          if (outcome >= OUTCOME.DATA) alive = true;
          events.onSettled(unit, outcome, roundTripMs);
        },
        onDown(reason) {
          onStandby = alive ? false : !onStandby;
          events.onDown(standby ? `${chosen.url}: ${reason}` : reason);
        },
      },
    );
  };
}
