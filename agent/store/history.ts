import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CHUNK, type Columns, columns, decodeChunk, encodeChunk } from './codec.ts';
import { chunkId } from './schema.ts';
import { type Summary, summarize } from './summary.ts';

/**
 * Writing side of the history. Readings gather per characteristic; a full chunk becomes a row at
 * once, chunks that are not full are written with the state. After a crash the open chunks are
 * those of the saved state, and replaying the journal behind it makes the same full chunks again.
 */
export interface History {
  add(number: number, sourceMs: number, value: number, quality: number, sequence: number): void;
  /** writes chunks that filled while no transaction was open; call with one open */
  flush(seq: number): void;
  /** writes every open chunk that changed since the last time */
  saveOpen(seq: number): void;
}

interface OpenChunk extends Columns {
  number: number;
  chunk: number;
  changed: boolean;
}

interface Filled {
  number: number;
  chunk: number;
  summary: Summary;
  data: Uint8Array;
}

interface State {
  /** by number of the characteristic */
  open: (OpenChunk | undefined)[];
  changed: OpenChunk[];
  /** filled outside a transaction, in a replay */
  waiting: Filled[];
  summary: StatementSync;
  data: StatementSync;
  save: StatementSync;
  load: StatementSync;
}

const FIRST_CAPACITY = 16;
/** Filled chunks held while a replay runs without a transaction; then they are written. */
const WAITING = 256;

/** `transaction` gives the open transaction's seq, or 0 when none is open. */
export function openHistory(db: DatabaseSync, transaction: () => number): History {
  const state: State = {
    open: [],
    changed: [],
    waiting: [],
    summary: db.prepare(
      'INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    data: db.prepare('INSERT OR REPLACE INTO chunks VALUES (?, ?)'),
    save: db.prepare(
      'INSERT OR REPLACE INTO open_chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    load: db.prepare('SELECT chunk, data FROM open_chunks WHERE number = ?'),
  };
  return {
    add(number, sourceMs, value, quality, sequence) {
      let chunk = state.open[number];
      if (chunk === undefined) chunk = load(state, number);
      const i = chunk.count;
      if (i === chunk.value.length) grow(chunk);
      chunk.sourceMs[i] = sourceMs;
      chunk.value[i] = value;
      chunk.sequence[i] = sequence;
      chunk.quality[i] = quality;
      chunk.count = i + 1;
      if (!chunk.changed) {
        chunk.changed = true;
        state.changed.push(chunk);
      }
      if (i + 1 === CHUNK) fill(db, state, chunk, transaction());
    },
    flush: (seq) => flush(state, seq),
    saveOpen(seq) {
      for (const chunk of state.changed) save(state, chunk, seq);
      state.changed.length = 0;
    },
  };
}

function load(state: State, number: number): OpenChunk {
  const row = state.load.get(number);
  const empty = { number, chunk: Number(row?.['chunk'] ?? 0), changed: false };
  let held = columns(FIRST_CAPACITY);
  if (row !== undefined) {
    const whole = decodeChunk(row['data'] as Uint8Array, columns(CHUNK));
    if (whole.count > 0) held = whole;
  }
  const chunk = { ...held, ...empty };
  state.open[number] = chunk;
  return chunk;
}

/** Most characteristics of a large plant are slow: columns start small and double. */
function grow(chunk: OpenChunk): void {
  const larger = columns(Math.min(CHUNK, 2 * chunk.value.length));
  larger.sourceMs.set(chunk.sourceMs);
  larger.value.set(chunk.value);
  larger.sequence.set(chunk.sequence);
  larger.quality.set(chunk.quality);
  chunk.sourceMs = larger.sourceMs;
  chunk.value = larger.value;
  chunk.sequence = larger.sequence;
  chunk.quality = larger.quality;
}

function fill(db: DatabaseSync, state: State, chunk: OpenChunk, seq: number): void {
  const { number } = chunk;
  const filled = {
    number,
    chunk: chunk.chunk,
    summary: summarize(chunk),
    data: encodeChunk(chunk),
  };
  chunk.chunk += 1;
  chunk.count = 0;
  if (seq > 0) {
    write(state, filled, seq);
    return;
  }
  state.waiting.push({ ...filled, data: filled.data.slice() });
  if (state.waiting.length < WAITING) return;
  db.exec('BEGIN IMMEDIATE');
  flush(state, 0);
  db.exec('COMMIT');
}

function flush(state: State, seq: number): void {
  if (state.waiting.length === 0) return;
  for (const filled of state.waiting) write(state, filled, seq);
  state.waiting.length = 0;
}

function write(state: State, { number, chunk, summary: s, data }: Filled, seq: number): void {
  const id = chunkId(number, chunk);
  state.summary.run(id, seq, ...columnsOf(s));
  state.data.run(id, data);
}

function save(state: State, chunk: OpenChunk, seq: number): void {
  const s = summarize(chunk);
  chunk.changed = false;
  state.save.run(chunk.number, chunk.chunk, seq, ...columnsOf(s), encodeChunk(chunk));
}

/** A summary in the order of the columns of both tables. */
function columnsOf(s: Summary): (number | null)[] {
  const extremes = [s.count, s.good, s.min, s.max, s.mean];
  return [...extremes, s.firstMs, s.lastMs, s.firstValue, s.lastValue];
}
