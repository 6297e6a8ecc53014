import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pointBuffer, seriesIn, takePoints } from '../../agent/batch.ts';
import type { Point } from '../../agent/model.ts';
import { checkStore } from '../../agent/store/checks.ts';
import { openForWriting } from '../../agent/store/database.ts';
import { inspectStore } from '../../agent/store/inspect.ts';
import { MIGRATIONS, migrate } from '../../agent/store/migrations.ts';
import { openReader } from '../../agent/store/reader.ts';
import { rowId } from '../../agent/store/schema.ts';
import { openWriter } from '../../agent/store/writer.ts';
import { point, START_MS } from './support.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-points-'));
  file = join(folder, 'a.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const number = fc.double({ noNaN: true });
const line = fc.oneof(fc.constant(null), fc.constantFrom(1.5, -0, 0), number);
const anyPoint = fc.record({
  characteristic: fc.constantFrom('c0', 'c1', 'c300'),
  chart: fc.constantFrom('w0', 'w1', 'w9'),
  skipped: fc.nat(3),
  index: fc.nat(2 ** 40),
  timeMs: number,
  partSequence: line,
  size: fc.nat(500),
  value: fc.double(),
  cl: line,
  lcl: line,
  ucl: line,
  z: line,
  rules: fc.integer(),
  spread: line,
  spreadCl: line,
  spreadLcl: line,
  spreadUcl: line,
  spreadZ: line,
  spreadRules: fc.integer(),
  phase: fc.constantFrom(1 as const, 2 as const),
  limitsVersion: fc.nat(1000),
});

const names = { characteristic: (n: number) => `c${n}`, word: (n: number) => `w${n}` };
const numberOf = (text: string) => Number(text.slice(1));

function placed(drawn: (Omit<Point, 'seq' | 'ordinal'> & { skipped: number })[]): Point[] {
  let ordinal = -1;
  return drawn.map(({ skipped, ...rest }) => {
    ordinal += 1 + skipped;
    return { seq: 7, ordinal, ...rest };
  });
}

describe('a block of points', () => {
  it('gives every point back bit for bit, all of them or those of one characteristic', () => {
    const buffer = pointBuffer();
    fc.assert(
      fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 60 }), (drawn) => {
        const points = placed(drawn);
        for (const p of points) buffer.add(numberOf(p.characteristic), numberOf(p.chart), p);
        const bytes = buffer.take().slice();
        expect(buffer.count()).toBe(0);
        const all: Point[] = [];
        takePoints({ seq: 7, bytes }, names, all);
        expect(all).toStrictEqual(points);
        const some: Point[] = [];
        takePoints({ seq: 7, bytes }, names, some, 1);
        expect(some).toStrictEqual(points.filter((p) => p.characteristic === 'c1'));
        const counted = seriesIn(bytes).reduce((sum, { points: n }) => sum + n, 0);
        expect(counted).toBe(points.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not repeat limits that stay', () => {
    const buffer = pointBuffer();
    const bytesOf = (over: (i: number) => Partial<Point>) => {
      for (let i = 0; i < 100; i += 1) buffer.add(0, 0, point(i, { ordinal: i, ...over(i) }));
      return buffer.take().length;
    };
    const moving = bytesOf((i) => ({ cl: 10, lcl: 9, ucl: 11 + i }));
    expect(bytesOf(() => ({ cl: 10, lcl: 9, ucl: 11 }))).toBeLessThanOrEqual(moving - 99 * 24);
  });
});

/** A point as programs of schema version 6 stored it. */
function putOld(db: DatabaseSync, p: Point): void {
  db.prepare(`INSERT INTO points VALUES (${Array(21).fill('?').join(', ')})`).run(
    ...[rowId(p.seq, p.ordinal), 0, 0, p.index, p.timeMs, p.partSequence, p.size, p.value],
    ...[p.cl, p.lcl, p.ucl, p.z, p.rules, p.spread, p.spreadCl, p.spreadLcl, p.spreadUcl],
    ...[p.spreadZ, p.spreadRules, p.phase, p.limitsVersion],
  );
}

/** Two points of an older program, the first of them in its index. */
function oldStore(): Point[] {
  const db = openForWriting(file);
  migrate(db, file, MIGRATIONS.slice(0, 6));
  db.exec("INSERT INTO characteristics VALUES (0, 'od'); INSERT INTO words VALUES (0, 'xbar-r')");
  const old = [1, 2].map((n) => point(n, { seq: n, ordinal: 0, chart: 'xbar-r' }));
  for (const p of old) {
    putOld(db, p);
    const journal = `INSERT INTO journal VALUES (${p.seq}, ${START_MS}, 0, 1, 0, x'', 0)`;
    db.exec(journal);
  }
  const [first] = old as [Point];
  const run = new Float64Array([rowId(first.seq, 0)]);
  db.prepare('INSERT INTO point_runs VALUES (0, ?, ?)').run(rowId(first.seq, 0), run);
  db.prepare("INSERT INTO meta VALUES ('pointsIndexed', ?)").run(String(rowId(first.seq, 0)));
  db.close();
  return old;
}

describe('a store of before', () => {
  it('shows its points as they are, and together with new ones', () => {
    const old = oldStore();
    const before = openReader(file);
    expect(before.points('od', { limit: 10 })).toEqual(old);
    expect(before.rows(0, 100).points).toEqual(old);
    before.close();
    expect(inspectStore(file).rows['points']).toBe(2);
    const writer = openWriter(file, { monotonic: () => 0 });
    writer.begin(START_MS);
    const fresh = [point(3, { chart: 'xbar-r' }), point(4, { chart: 'xbar-r' })];
    for (const p of fresh) writer.point(p);
    writer.commit();
    const reader = openReader(file);
    expect(reader.points('od', { limit: 10 })).toEqual([...old, ...fresh]);
    expect(reader.points('od', { limit: 3 })).toEqual([old[1], ...fresh]);
    expect(reader.points('od', { limit: 9, after: 1, chart: 'xbar-r' })).toHaveLength(3);
    expect(reader.rows(1, 100).points).toEqual([old[1], ...fresh]);
    reader.close();
    const seen = inspectStore(file);
    expect(seen.rows['points']).toBe(4);
    expect(seen.characteristics.map((c) => [c.id, c.points])).toEqual([['od', 4]]);
    writer.close();
  });

  it('loses its points by age before any new one', () => {
    oldStore();
    const writer = openWriter(file, { monotonic: () => 0, pointsKeepMs: 1000, journalKeepMs: 1 });
    for (let n = 3; n < 6; n += 1) {
      writer.begin(START_MS + 1000 * n);
      writer.point(point(n, { chart: 'xbar-r' }));
      writer.saveState([['a', '1']]);
      writer.commit();
    }
    const reader = openReader(file);
    const left = () => reader.points('od', { limit: 10 }).map((p) => p.index);
    expect(left()).toEqual([1, 2, 3, 4, 5]);
    writer.retain(START_MS + 5500);
    expect(left()).toEqual([5]);
    reader.close();
    writer.close();
  });
});

it('a damaged block is left out and counted, and the check names it', () => {
  const writer = openWriter(file, { monotonic: () => 0 });
  for (let n = 1; n <= 3; n += 1) {
    writer.begin(START_MS);
    writer.point(point(n));
    writer.commit();
  }
  writer.close();
  expect(checkStore(file).found).toEqual([]);
  const db = new DatabaseSync(file);
  const data = db.prepare('SELECT data FROM point_blocks WHERE seq = 2').get()?.['data'];
  const bytes = data as Uint8Array;
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  db.prepare('UPDATE point_blocks SET data = ? WHERE seq = 2').run(bytes);
  db.close();
  const reader = openReader(file);
  expect(reader.points('od', { limit: 10 }).map((p) => p.index)).toEqual([1, 3]);
  expect(reader.rows(0, 10).points.map((p) => p.index)).toEqual([1, 3]);
  expect(reader.damagedParts()).toBe(1);
  reader.close();
  expect(checkStore(file).found).toEqual(['1 blocks of points are damaged']);
});
