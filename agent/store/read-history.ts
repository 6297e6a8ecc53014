import type { DatabaseSync } from 'node:sqlite';
import { CHUNK, type Columns, columns, type Wants } from './codec.ts';
import type { Damage } from './damage.ts';
import { bounded, type KnownNames, snapshot } from './reading.ts';
import { chunkId, chunkOf } from './schema.ts';
import type { Reader, StoredReading } from './store.ts';
import { isGood } from './summary.ts';

/** Readings of one characteristic, a chunk at a time. The columns are reused between calls. */
type Visit = (chunk: Columns) => boolean | undefined;

export interface HistoryReader extends Pick<Reader, 'readings' | 'histogram'> {
  /** every stored reading in order of arrival; stop by returning false. For studies and exports */
  scan(characteristic: string, visit: Visit, wants?: Partial<Wants>): void;
}

const MOST_IN_HISTOGRAM = 20_000;
const MOST_BINS = 1000;

export function historyReader(db: DatabaseSync, names: KnownNames, damage: Damage): HistoryReader {
  const chunks = chunkSource(db, damage);
  const visitAll = (id: string, newestFirst: boolean, visit: Visit, wants: Wants) => {
    const number = names.number(id);
    if (number !== undefined) snapshot(db, () => chunks(number, newestFirst, visit, wants));
  };
  return {
    scan: (id, visit, wants) =>
      visitAll(id, false, visit, { times: true, sequences: true, ...wants }),
    readings(id, limit) {
      const most = bounded(limit);
      const found: StoredReading[] = [];
      const wants = { times: true, sequences: true };
      if (most > 0) visitAll(id, true, (chunk) => takeNewest(chunk, found, most), wants);
      return found.reverse();
    },
    histogram(id, query) {
      const bins = Math.max(1, bounded(query.bins, MOST_BINS));
      const most = bounded(query.limit, MOST_IN_HISTOGRAM);
      const { from, to } = query;
      const counted = { from, to, counts: Array<number>(bins).fill(0), below: 0, above: 0 };
      const result = { ...counted, readings: 0 };
      const scale = to > from ? bins / (to - from) : 0;
      const wants = { times: false, sequences: false };
      visitAll(
        id,
        true,
        (chunk) => {
          for (let i = chunk.count - 1; i >= 0 && result.readings < most; i -= 1) {
            const value = chunk.value[i] as number;
            if (!isGood(chunk.quality[i] as number, value)) continue;
            result.readings += 1;
            if (value < from) result.below += 1;
            else if (value > to) result.above += 1;
            else {
              const bin = Math.min(bins - 1, Math.floor((value - from) * scale));
              result.counts[bin] = (result.counts[bin] ?? 0) + 1;
            }
          }
          return result.readings < most;
        },
        wants,
      );
      return result;
    },
  };
}

function takeNewest(chunk: Columns, found: StoredReading[], most: number): boolean {
  for (let i = chunk.count - 1; i >= 0 && found.length < most; i -= 1) {
    const value = chunk.value[i] as number;
    const sequence = chunk.sequence[i] as number;
    found.push({
      sourceMs: chunk.sourceMs[i] as number,
      value: Number.isFinite(value) ? value : null,
      quality: chunk.quality[i] as number,
      sequence: Number.isFinite(sequence) ? sequence : null,
    });
  }
  return found.length < most;
}

/** Full chunks and the open one, unless the open one has become full since it was saved. */
function chunkSource(db: DatabaseSync, damage: Damage) {
  const ordered = (order: 'ASC' | 'DESC') => {
    const sql = `SELECT data, id FROM chunks WHERE id >= ? AND id < ? ORDER BY id ${order}`;
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const oldestFirst = ordered('ASC');
  const newestFirst = ordered('DESC');
  const open = openChunk(db);
  const room = columns(CHUNK);
  return (number: number, newest: boolean, visit: Visit, wants: Wants): void => {
    const last = open(number);
    const show = (data: Uint8Array, id: number) => {
      const chunk = damage.decode(id, data, room, wants);
      return chunk === null || visit(chunk) !== false;
    };
    if (newest && last !== undefined && !show(last, -number)) return;
    const full = newest ? newestFirst : oldestFirst;
    const rows: Iterable<unknown> = full.iterate(chunkId(number, 0), chunkId(number + 1, 0));
    for (const row of rows as Iterable<[Uint8Array, number]>) if (!show(...row)) return;
    if (!newest && last !== undefined) show(last, -number);
  };
}

/** Bytes of the chunk being filled, as last saved; undefined when it is among the full ones. */
export function openChunk(db: DatabaseSync): (number: number) => Uint8Array | undefined {
  const open = db.prepare('SELECT chunk, data FROM open_chunks WHERE number = ?');
  const full = db.prepare('SELECT max(id) AS id FROM summaries WHERE id >= ? AND id < ?');
  return (number) => {
    const row = open.get(number);
    if (row === undefined) return undefined;
    const newest = full.get(chunkId(number, 0), chunkId(number + 1, 0))?.['id'];
    const stale = typeof newest === 'number' && chunkOf(newest) >= Number(row['chunk']);
    return stale ? undefined : (row['data'] as Uint8Array);
  };
}
