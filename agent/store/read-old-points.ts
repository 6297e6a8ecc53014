import type { DatabaseSync } from 'node:sqlite';
import type { Point } from '../model.ts';
import { metaNumber } from './opening.ts';
import type { KnownNames } from './reading.ts';
import { ordinalOf, rowId, seqOf } from './schema.ts';

type Row = unknown[];

/** Points as programs before schema version 7 stored them: a row each. */
export function oldPointReader(db: DatabaseSync, names: KnownNames) {
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const one = prepare('SELECT * FROM points WHERE id = ?');
  const fresh = prepare(
    'SELECT * FROM points WHERE id > ? AND characteristic = ? ORDER BY id DESC',
  );
  const runs = db.prepare('SELECT ids FROM point_runs WHERE characteristic = ? ORDER BY last DESC');
  const span = prepare('SELECT * FROM points WHERE id >= ? AND id < ? ORDER BY id');

  return {
    /** those of one characteristic */
    *newestFirst(number: number): Generator<Point> {
      const unindexed: Iterable<unknown> = fresh.iterate(metaNumber(db, 'pointsIndexed'), number);
      for (const row of unindexed as Iterable<Row>) yield pointOf(row, names);
      for (const run of runs.iterate(number)) {
        const ids = new Float64Array((run['ids'] as Uint8Array).slice().buffer);
        for (let i = ids.length - 1; i >= 0; i -= 1) {
          const row = one.get(ids[i] as number) as Row | undefined;
          if (row !== undefined) yield pointOf(row, names);
        }
      }
    },
    between: (after: number, upTo: number): Point[] =>
      (span.all(rowId(after + 1, 0), rowId(upTo + 1, 0)) as unknown as Row[]).map((row) =>
        pointOf(row, names),
      ),
  };
}

/** Column order of the points table. */
function pointOf(row: Row, names: KnownNames): Point {
  const id = Number(row[0]);
  return {
    seq: seqOf(id),
    ordinal: ordinalOf(id),
    characteristic: names.characteristic(Number(row[1])),
    chart: names.word(Number(row[2])),
    index: Number(row[3]),
    timeMs: Number(row[4]),
    partSequence: row[5] as number | null,
    size: Number(row[6]),
    value: (row[7] as number | null) ?? Number.NaN,
    cl: row[8] as number | null,
    lcl: row[9] as number | null,
    ucl: row[10] as number | null,
    z: row[11] as number | null,
    rules: Number(row[12]),
    spread: row[13] as number | null,
    spreadCl: row[14] as number | null,
    spreadLcl: row[15] as number | null,
    spreadUcl: row[16] as number | null,
    spreadZ: row[17] as number | null,
    spreadRules: Number(row[18]),
    phase: row[19] === 1 ? 1 : 2,
    limitsVersion: Number(row[20]),
  };
}
