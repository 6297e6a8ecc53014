import type { DatabaseSync } from 'node:sqlite';
import { type Batch, decodeBatch } from '../batch.ts';
import { takeFrames } from './frames.ts';
import { isSound } from './opening.ts';
import type { KnownNames } from './reading.ts';
import type { Reader } from './store.ts';

/** What was said with the reading that ended a point: part, serial, lot, tool, spindle … */
export function occasionReader(db: DatabaseSync, names: KnownNames): Reader['occasion'] {
  const journal = db.prepare('SELECT crc, frames FROM journal WHERE seq = ?');
  return (characteristic, { seq, timeMs }) => {
    const number = names.number(characteristic);
    const row = journal.get(seq);
    if (number === undefined || row === undefined) return null;
    const bytes = row['frames'] as Uint8Array;
    if (!isSound(bytes, Number(row['crc']))) return null;
    let found: string | null = null;
    for (const frame of takeFrames(seq, bytes)) {
      if (frame.kind !== 'batch') continue;
      found = contextIn(decodeBatch(frame.bytes), number, timeMs) ?? found;
    }
    return found === null ? null : parsed(found);
  };
}

/** Of the last reading with that time, to the ms as the API says it; null when there is none. */
function contextIn(batch: Batch, number: number, timeMs: number): string | null {
  for (let d = batch.deliveries - 1; d >= 0; d -= 1) {
    const end = d + 1 < batch.deliveries ? (batch.first[d + 1] as number) : batch.readings;
    for (let i = end - 1; i >= (batch.first[d] as number); i -= 1) {
      const same = Math.floor(batch.sourceMs[i] as number) === Math.floor(timeMs);
      if (same && batch.characteristic[i] === number) return batch.context(d);
    }
  }
  return null;
}

function parsed(text: string): Record<string, string> {
  if (text === '') return {};
  try {
    const context: unknown = JSON.parse(text);
    const pairs = Object.entries(context as Record<string, unknown>);
    return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
