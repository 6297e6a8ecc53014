import type { Table } from './plan.ts';

/**
 * How a request ended: 0 data, 1 to 255 the device's exception, below 0 no answer. FENCED: a write
 * that the settings do not allow, and that was never sent.
 */
export const OUTCOME = { DATA: 0, TIMEOUT: -1, LINK: -2, GARBLED: -3, FENCED: -4 } as const;

/** One answer. The same object every time and valid only during the call: copy what you keep. */
export interface Answer {
  outcome: number;
  /** data bytes of the answer; what was read first stands first, more may follow */
  data: Uint8Array;
  /** the whole answer as received */
  received: Uint8Array;
  /** ms between sending and receiving, and the monotonic time in the middle of the two */
  roundTripMs: number;
  middleMs: number;
}

/** Functions that are sent: reading tables, the writes of handshakes, reading a queue. */
export type FunctionCode = 1 | 2 | 3 | 4 | 5 | 6 | 16 | 22 | 23 | 24;

/** A request; made once and used for every poll. */
export interface Request {
  unit: number;
  code: FunctionCode;
  table: Table;
  address: number;
  length: number;
  /** what a write writes: 0 or 1 (5), one register (6), registers (16), AND and OR masks (22), registers (23) */
  values?: readonly number[];
  /** where function 23 writes, while it reads from `address` */
  writeAddress?: number;
  timeoutMs: number;
  done(answer: Answer): void;
}

export const newAnswer = (): Answer => ({
  outcome: 0,
  data: NOTHING,
  received: NOTHING,
  roundTripMs: 0,
  middleMs: 0,
});

const NOTHING = new Uint8Array(0);
