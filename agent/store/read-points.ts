import type { DatabaseSync } from 'node:sqlite';
import type { Point } from '../model.ts';
import { metaNumber } from './opening.ts';
import { bounded, type KnownNames, snapshot } from './reading.ts';
import { ordinalOf, rowId, seqOf } from './schema.ts';

interface PointQuery {
  limit: number;
  chart?: string;
  after?: number;
}

export interface PointReader {
  /** newest points of one characteristic, oldest first */
  newest(characteristic: string, query: PointQuery): Point[];
  /** points of the transactions after `after` up to `upTo`, in order */
  between(after: number, upTo: number): Point[];
}

type Row = unknown[];

/** Points of other charts, or not after the wanted index, that are skipped before giving up. */
const SKIPPED = 512;

export function pointReader(db: DatabaseSync, names: KnownNames): PointReader {
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

  function* newestFirst(number: number): Generator<Row> {
    yield* fresh.iterate(metaNumber(db, 'pointsIndexed'), number) as Iterable<unknown> as Row[];
    for (const run of runs.iterate(number)) {
      const ids = new Float64Array((run['ids'] as Uint8Array).slice().buffer);
      for (let i = ids.length - 1; i >= 0; i -= 1) {
        const row = one.get(ids[i] as number) as Row | undefined;
        if (row !== undefined) yield row;
      }
    }
  }

  return {
    newest(characteristic, query) {
      const number = names.number(characteristic);
      const chart = query.chart === undefined ? undefined : names.wordId(query.chart);
      if (number === undefined || (query.chart !== undefined && chart === undefined)) return [];
      const limit = bounded(query.limit);
      return snapshot(db, () => take(newestFirst(number), limit, chart, query.after)).map((row) =>
        pointOf(row, names),
      );
    },
    between: (after, upTo) =>
      (span.all(rowId(after + 1, 0), rowId(upTo + 1, 0)) as unknown as Row[]).map((row) =>
        pointOf(row, names),
      ),
  };
}

function take(
  newestFirst: Iterable<Row>,
  limit: number,
  chart: number | undefined,
  after = Number.NEGATIVE_INFINITY,
): Row[] {
  const taken: Row[] = [];
  let skipped = 0;
  if (limit === 0) return taken;
  for (const row of newestFirst) {
    const wanted = (chart === undefined || row[2] === chart) && Number(row[3]) > after;
    if (wanted) taken.push(row);
    skipped = wanted ? 0 : skipped + 1;
    if (taken.length === limit || skipped === SKIPPED) break;
  }
  return taken.reverse();
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
