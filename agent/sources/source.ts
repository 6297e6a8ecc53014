import type { Duplex } from 'node:stream';
import type { Delivery } from '../batch.ts';
import type { SourceEvent, SourceHealth } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Memory } from '../runtime/memory.ts';
import type { Shelf } from '../runtime/shelf.ts';

/**
 * The port of every way in. `create` does nothing but remember; `start` begins and returns at once
 * (a PLC that is off is retried for ever with jittered back-off, never thrown); after the promise
 * of `stop` resolved, `deliver` is not called again.
 */
export interface Source {
  start(): void;
  stop(): Promise<void>;
  /**
   * Everything up to and including this delivery number is durable: release acknowledgements now,
   * in order. Never called backwards.
   */
  committed(upTo: number): void;
  /** true: too much is held in memory, take in nothing more until told false. */
  pause(paused: boolean): void;
  health(): SourceHealth;
  /**
   * Takes in one value that a person read off a gauge; resolves when it is durable. Rejects with an
   * InputError that says why it cannot be taken. Only kinds that people type into have it.
   */
  enter?(entry: ManualEntry): Promise<void>;
}

/** One value as a person gives it. */
export interface ManualEntry {
  tag: string;
  value: number;
  /** when it was measured; null = now */
  timeMs: number | null;
  operator: string;
  gauge: string;
  reason: string;
  lsl: number | null;
  usl: number | null;
  unit: string;
}

/** What a source is made with: its name, its way out, time and chance. */
export interface SourceContext {
  name: string;
  /** name of the site: part of names that must be unique outside, e.g. at a broker */
  site?: string;
  /** the store already holds readings of this source: what is missing now was lost meanwhile */
  resumed?: boolean;
  /** number of the characteristic that reads this tag, -1 when none does. Ask once, keep it. */
  tagNumber(tag: string): number;
  /** every tag of this source that some characteristic reads */
  tags: readonly string[];
  /** hands over one delivery; returns its number, counting up from 1 per source */
  deliver(delivery: Delivery): number;
  /**
   * hands over something that happened in the plant and that the other side waits to have
   * acknowledged; counts with the deliveries, and `committed` says when it is durable
   */
  deliverEvent(event: Omit<SourceEvent, 'source'>): number;
  /** something worth recording that is not a reading, e.g. the broker forgot our session */
  report(event: Omit<SourceEvent, 'source'>): void;
  clock: Clock;
  random: () => number;
  log: Log;
  /**
   * somebody only looks: nothing is left behind at the other side, such as a session that goes on
   * gathering messages; each message is shown as it comes
   */
  looking?: { message(topic: string, payload: Buffer): void };
  /** one short text of its own that lasts over restarts; left out: nothing is remembered */
  memory?: Memory;
  /** small records of its own that last over restarts and power cuts; left out: nothing is kept */
  shelf?: Shelf;
  /** opens a connection; left out: the real network */
  dial?: Dial;
}

/** A connection to an address such as tcp://10.0.0.5:1883, as `node:net` gives it. */
export type Dial = (url: string) => Duplex & { setNoDelay(on: boolean): unknown };
