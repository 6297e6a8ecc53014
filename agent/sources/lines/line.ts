import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { backoff } from '../../runtime/retry.ts';
import { openWire } from '../modbus/transport/open.ts';
import { parseLine } from '../modbus/transport/target.ts';
import type { Wire } from '../modbus/transport/wire.ts';
import type { Dial } from '../source.ts';

/** The line to a device: opened again for ever, until closed. */
export interface DeviceLine {
  open(): void;
  close(): void;
  write(text: string): void;
  /** ends the connection, and opens another one soon */
  renew(reason: string): void;
  tick(nowMs: number): void;
  up(): boolean;
  /** why it is not up */
  fault(): string;
  sinceMs(): number;
}

export interface DeviceLineOptions {
  url: string;
  clock: Clock;
  random: () => number;
  log: Log;
  dial: Dial | undefined;
  data(chunk: Buffer): void;
  /** a connection begins, the first or another one */
  begun(): void;
}

const FIRST_MS = 200;
const MOST_MS = 30_000;
const CONNECT_MS = 10_000;
/** A connection that lasted this long was a good one: the next loss is answered quickly. */
const STABLE_MS = 5000;

export function createDeviceLine(o: DeviceLineOptions): DeviceLine {
  const { clock } = o;
  const target = parseLine(o.url);
  if (typeof target === 'string') throw new Error(`${o.url}: ${target}`);
  const wait = backoff({ firstMs: FIRST_MS, maxMs: MOST_MS, random: o.random });
  let wire: Wire | null = null;
  let up = false;
  let fault = '';
  let told = '';
  let sinceMs = clock.now();
  let begunAt = 0;
  let openAt = Number.POSITIVE_INFINITY;

  const down = (own: Wire | null, reason: string) => {
    if (own === null || own !== wire) return;
    own.destroy();
    wire = null;
    if (up) sinceMs = clock.now();
    up = false;
    fault = reason;
    if (told !== reason) o.log.warn('line-down', { reason });
    told = reason;
    openAt = clock.monotonic() + wait.next();
  };
  const open = () => {
    openAt = Number.POSITIVE_INFINITY;
    begunAt = clock.monotonic();
    let own: Wire | null = null;
    const events = {
      onUp() {
        if (own === null || own !== wire) return;
        up = true;
        begunAt = clock.monotonic();
        sinceMs = clock.now();
        if (fault !== '') o.log.info('line-up', {});
        fault = '';
        told = '';
        o.begun();
      },
      onData(chunk: Buffer) {
        if (own !== null && own === wire) o.data(chunk);
      },
      onDown: (reason: string) => down(own, reason),
    };
    own = openWire({ line: target, url: o.url }, {}, events, clock.now, o.dial);
    wire = own;
  };
  return {
    open,
    close() {
      wire?.destroy();
      wire = null;
      up = false;
      openAt = Number.POSITIVE_INFINITY;
    },
    write: (text) => wire?.write(Buffer.from(text, 'latin1')),
    renew: (reason) => down(wire, reason),
    tick(nowMs) {
      if (wire === null && nowMs >= openAt) open();
      else if (wire !== null && !up && nowMs - begunAt > CONNECT_MS) down(wire, 'no answer');
      else if (up && nowMs - begunAt >= STABLE_MS) wait.reset();
    },
    up: () => up,
    fault: () => fault,
    sinceMs: () => sinceMs,
  };
}
