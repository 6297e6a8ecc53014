import type { DatabaseSync } from 'node:sqlite';
import { seriesIn, takePoints } from '../batch.ts';
import type { Point } from '../model.ts';
import type { Damage } from './damage.ts';
import { isSound, metaNumber } from './opening.ts';
import type { PackedPoints } from './packed-points.ts';
import { oldPointReader } from './read-old-points.ts';
import { bounded, type KnownNames, snapshot } from './reading.ts';

interface PointQuery {
  limit: number;
  chart?: string;
  after?: number;
}

export interface PointReader {
  /** newest points of one characteristic, oldest first */
  newest(characteristic: string, query: PointQuery): Point[];
  /** points of the transactions after `after` up to `upTo`, in order: those that are rows … */
  between(after: number, upTo: number): Point[];
  /** … and behind them those that are blocks */
  blocksBetween(after: number, upTo: number): PackedPoints;
}

type Row = [seq: number, crc: number, data: Uint8Array];

/** Points of other charts, or not after the wanted index, that are skipped before giving up. */
const SKIPPED = 512;

/** `blocks`: whether the store is new enough to have any. */
export function pointReader(
  db: DatabaseSync,
  names: KnownNames,
  damage: Damage,
  blocks: boolean,
): PointReader {
  const old = oldPointReader(db, names);
  const found = blocks ? blockReader(db, names, damage) : undefined;
  function* newestFirst(number: number): Generator<Point> {
    if (found !== undefined) yield* found.newestFirst(number);
    yield* old.newestFirst(number);
  }
  return {
    newest(characteristic, { limit, chart, after }) {
      const number = names.number(characteristic);
      if (number === undefined) return [];
      return snapshot(db, () => take(newestFirst(number), bounded(limit), chart, after));
    },
    between: old.between,
    blocksBetween: (after, upTo) => found?.between(after, upTo) ?? nothing(),
  };
}

function blockReader(db: DatabaseSync, names: KnownNames, damage: Damage) {
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const columns = 'SELECT seq, crc, data FROM point_blocks';
  const one = prepare(`${columns} WHERE seq = ?`);
  const fresh = prepare(`${columns} WHERE seq > ? ORDER BY seq DESC`);
  const span = prepare(`${columns} WHERE seq > ? AND seq <= ? ORDER BY seq`);
  const runs = db.prepare(
    'SELECT seqs FROM point_seqs WHERE characteristic = ? ORDER BY last DESC',
  );
  const sound = <T>([seq, crc, data]: Row, read: () => T): T | null =>
    damage.spared(`points of ${seq}`, () => {
      if (!isSound(data, crc)) throw new Error('checksum');
      return read();
    });

  const pointsOf = (row: Row, number: number): Point[] =>
    sound(row, () => {
      const points: Point[] = [];
      takePoints({ seq: row[0], bytes: row[2] }, names, points, number);
      return points.reverse();
    }) ?? [];

  function* newestFirst(number: number): Generator<Point> {
    const unindexed: Iterable<unknown> = fresh.iterate(metaNumber(db, 'blocksIndexed'));
    for (const row of unindexed as Iterable<Row>) yield* pointsOf(row, number);
    for (const run of runs.iterate(number)) {
      const seqs = new Float64Array((run['seqs'] as Uint8Array).slice().buffer);
      for (let i = seqs.length - 1; i >= 0; i -= 1) {
        const row = one.get(seqs[i] as number) as Row | undefined;
        if (row !== undefined) yield* pointsOf(row, number);
      }
    }
  }

  return {
    newestFirst,
    between(after: number, upTo: number): PackedPoints {
      const packed = nothing();
      for (const row of span.all(after, upTo) as unknown as Row[]) {
        const series = sound(row, () => seriesIn(row[2])) ?? [];
        for (const { characteristic: number, chart } of series) {
          if (!packed.characteristics.has(number)) {
            packed.characteristics.set(number, names.characteristic(number));
          }
          packed.words.set(chart, names.word(chart));
        }
        if (series.length > 0) packed.blocks.push({ seq: row[0], bytes: row[2] });
      }
      return packed;
    },
  };
}

const nothing = (): PackedPoints => ({
  blocks: [],
  characteristics: new Map(),
  words: new Map(),
});

function take(
  newestFirst: Iterable<Point>,
  limit: number,
  chart: string | undefined,
  after = Number.NEGATIVE_INFINITY,
): Point[] {
  const taken: Point[] = [];
  let skipped = 0;
  if (limit === 0) return taken;
  for (const point of newestFirst) {
    const wanted = (chart === undefined || point.chart === chart) && point.index > after;
    if (wanted) taken.push(point);
    skipped = wanted ? 0 : skipped + 1;
    if (taken.length === limit || skipped === SKIPPED) break;
  }
  return taken.reverse();
}
