import type { PackedPoints } from './packed-points.ts';
import type { Reader, StoredRows } from './store.ts';

/** The seam between the shell and the reader thread: one request, one answer, by number. */
export type Method = keyof Reader;

export interface Request {
  id: number;
  method: Method;
  args: unknown[];
}

export type Answer =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; failure: string; message: string };

/** What `rows` says between the threads: points stay packed until they are where they are needed. */
export interface PackedRows {
  rows: StoredRows;
  packed: PackedPoints;
}

/** First message of the thread: the file is open, or why not. */
export type Started = { started: true } | { started: false; failure: string; message: string };

/** First message to the thread: its code may be loaded before the file is there. */
export interface ReaderStart {
  file: string;
}
