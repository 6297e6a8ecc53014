import { decodeBatch } from '../batch.ts';
import type { SourceEvent } from '../model.ts';
import type { SavedEntries, Writer } from '../store/store.ts';
import type { Outputs } from './outputs.ts';
import type { Command, CoreOptions } from './protocol.ts';
import type { Reducer } from './reducer.ts';

type Settings = CoreOptions['settings'];

export interface RecoverOptions {
  writer: Writer;
  settings: Settings;
  /** makes an empty reducer for these settings */
  make(settings: Settings): Reducer;
  /** what the store is called if it has no id yet */
  newStoreId: string;
  nowMs: number;
}

export interface Recovered {
  reducer: Reducer;
  /** transactions of the journal behind the last snapshot */
  replayed: number;
  storeId: string;
  /** what was done about parts of the saved state that were damaged, in words */
  mended: string[];
}

const STORE_ID = 'store-id';
const SETTINGS = 'settings';

/**
 * The state as it was at the last commit: snapshot, then the journal behind it through the same
 * reducer. The tail is replayed under the settings it was made with, else alerts that are told
 * already would be numbered differently; only then do new settings take over.
 */
export function recover(o: RecoverOptions): Recovered {
  const { writer } = o;
  let saved = writer.loadState();
  const settings = JSON.stringify(o.settings);
  const before = saved.entries.get(SETTINGS);
  const storeId = textOf(saved.entries.get(STORE_ID)) ?? o.newStoreId;
  let replayed = 0;
  const damaged = damagedOf(saved, before);
  const mended: string[] = damaged.includes(SETTINGS)
    ? ['the settings of before are not known']
    : [];
  const old = before === undefined || before === settings ? null : makeOld(o, before);
  if (old !== null) {
    old.restore(saved.entries);
    mended.push(...mend(old, damaged.splice(0), writer));
    replayed += replay(old, writer, saved.seq);
    save(o, [...old.snapshot(true)]);
    saved = writer.loadState();
  }
  const reducer = o.make(o.settings);
  reducer.restore(saved.entries);
  mended.push(...mend(reducer, damaged, writer));
  replayed += replay(reducer, writer, saved.seq);
  if (before !== settings || mended.length > 0) {
    // With a snapshot: the state is saved whole or not at all.
    const id = JSON.stringify(storeId);
    save(o, [[STORE_ID, id], [SETTINGS, settings], ...reducer.snapshot(true)]);
  }
  return { reducer, replayed, storeId, mended };
}

/** Rows that are not what was written, and characteristics of the saved settings without a row. */
function damagedOf(
  { entries, damaged = [] }: SavedEntries,
  settings: string | undefined,
): string[] {
  if (settings === undefined || damaged.length === 0) return [...damaged];
  const { characteristics, groups = {} } = JSON.parse(settings) as Settings;
  const keys = [...Object.keys(characteristics), ...Object.keys(groups)];
  const missing = keys.map((id) => `characteristic:${id}`).filter((key) => !entries.has(key));
  return [...new Set([...damaged, ...missing])];
}

function mend(reducer: Reducer, damaged: readonly string[], writer: Writer): string[] {
  if (damaged.length === 0) return [];
  const remains = writer.remains();
  try {
    return reducer.mend(damaged, remains);
  } finally {
    remains.close();
  }
}

/** Settings of an older program may name kinds that are gone; then the new ones must do. */
function makeOld(o: RecoverOptions, settings: string): Reducer | null {
  try {
    return o.make(JSON.parse(settings) as Settings);
  } catch {
    return null;
  }
}

function textOf(json: string | undefined): string | null {
  return json === undefined ? null : String(JSON.parse(json));
}

function save(o: RecoverOptions, entries: (readonly [string, string])[]): void {
  o.writer.begin(o.nowMs);
  o.writer.saveState(entries);
  o.writer.commit();
}

/** Puts the journal after a position through the reducer; history alone is rewritten. */
function replay(reducer: Reducer, writer: Writer, after: number): number {
  const out = replaying(writer);
  let replayed = 0;
  let lastSeq = after;
  for (const frame of writer.frames(after)) {
    if (frame.seq !== lastSeq) replayed += 1;
    lastSeq = frame.seq;
    if (frame.kind === 'batch') {
      reducer.batch(decodeBatch(frame.bytes), out);
      // They stand in the journal as the next batch.
      reducer.features();
    } else replayJson(reducer, frame.kind, new TextDecoder().decode(frame.bytes), out);
  }
  return replayed;
}

function replayJson(reducer: Reducer, kind: string, text: string, out: Outputs): void {
  const value: unknown = JSON.parse(text);
  if (kind === 'event') reducer.event(value as SourceEvent, out);
  else if (kind === 'command') reducer.command(value as Command, out);
  else {
    const tick = value as { nowMs: number; start: boolean };
    reducer.tick(tick.nowMs, tick.start, out);
  }
}

/** The rows were committed with the frames; only the open history chunks live in memory. */
function replaying(writer: Writer): Outputs {
  return {
    point() {},
    signal() {},
    alert() {},
    limits() {},
    gap() {},
    reading: (number, sourceMs, value, quality, sequence) =>
      writer.reading(number, sourceMs, value, quality, sequence),
  };
}
