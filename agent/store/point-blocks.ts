import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { pointBuffer, seriesIn } from '../batch.ts';
import type { Point } from '../model.ts';
import type { Names } from './names.ts';
import { metaNumber } from './opening.ts';

/** Writing side of the points: those of the open transaction, and the index over the others. */
export interface PointBlocks {
  /** `point.ordinal` is its place in the transaction */
  add(point: Point): void;
  /** writes what was added, as of this transaction; call before commit */
  write(seq: number): void;
  /** drops what was added to a transaction that is none */
  clear(): void;
}

/** Points that a reader must look through for those of one characteristic. */
const UNINDEXED = 4096;

export function openPointBlocks(db: DatabaseSync, names: Names): PointBlocks {
  const buffer = pointBuffer();
  const index = openIndex(db);
  const insert = db.prepare('INSERT INTO point_blocks VALUES (?, ?, ?, ?)');
  return {
    add: (p) => buffer.add(names.characteristic(p.characteristic), names.word(p.chart), p),
    write(seq) {
      const points = buffer.count();
      if (points === 0) return;
      for (const { characteristic } of buffer.series()) index.add(characteristic, seq);
      const bytes = buffer.take();
      insert.run(seq, points, crc32(bytes), bytes);
      index.grown(seq, points);
    },
    clear: buffer.clear,
  };
}

/** Which transactions hold points of a characteristic, written as runs of many. */
function openIndex(db: DatabaseSync) {
  const gathered = new Map<number, number[]>();
  let points = 0;
  const run = db.prepare('INSERT OR REPLACE INTO point_seqs VALUES (?, ?, ?)');
  const mark = db.prepare("INSERT OR REPLACE INTO meta VALUES ('blocksIndexed', ?)");
  const add = (characteristic: number, seq: number) => {
    const seqs = gathered.get(characteristic);
    if (seqs === undefined) gathered.set(characteristic, [seq]);
    else if (seqs[seqs.length - 1] !== seq) seqs.push(seq);
  };
  const rest = db.prepare('SELECT seq, points, data FROM point_blocks WHERE seq > ? ORDER BY seq');
  for (const row of rest.iterate(metaNumber(db, 'blocksIndexed'))) {
    points += Number(row['points']);
    for (const { characteristic } of readable(row['data'] as Uint8Array)) {
      add(characteristic, Number(row['seq']));
    }
  }
  const grown = (seq: number, more: number) => {
    points += more;
    if (points < UNINDEXED) return;
    for (const [characteristic, seqs] of gathered) {
      run.run(characteristic, seqs[seqs.length - 1] ?? 0, new Float64Array(seqs));
    }
    mark.run(String(seq));
    gathered.clear();
    points = 0;
  };
  return { add, grown };
}

/** A damaged block is in no index: readers could not read it either, and say so. */
function readable(bytes: Uint8Array) {
  try {
    return seriesIn(bytes);
  } catch {
    return [];
  }
}
