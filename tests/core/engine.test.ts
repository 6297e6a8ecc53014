import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changingPart,
  OUT_OF_TOLERANCE,
  POINT,
  savedState,
} from '../../agent/core/characteristic.ts';
import { expectHonest } from '../contracts/chart.ts';
import { given, individuals, normals, type Rig, rig } from '../support/spc.ts';

const charts = (size: number) => [
  { kind: size === 1 ? 'imr' : 'xbar-r' },
  { kind: 'ewma' },
  { kind: 'cusum' },
];

/** Everything switched on; limits learned in Phase I or given. */
const full = (size: number, learned: boolean, more: Record<string, unknown> = {}) =>
  rig({
    subgroup: { kind: 'by-count', size },
    charts: charts(size),
    rules: 'nelson',
    limits: learned ? { kind: 'baseline', subgroups: 8 } : given,
    lsl: 7,
    usl: 13,
    maxGap: '1h',
    ...more,
  });

interface Reading {
  value: number;
  quality: number;
  pauseMs: number;
}

const gauge = fc.integer({ min: -40, max: 40 }).map((i) => 10 + i / 10);
const odd = fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 1e99, -1e99, 1e308, 5e-324, 1e200);
const reading: fc.Arbitrary<Reading> = fc.record({
  value: fc.oneof({ weight: 20, arbitrary: gauge }, { weight: 1, arbitrary: odd }),
  quality: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 3, 16, 22),
  pauseMs: fc.constantFrom(1000, 1000, 1000, 1000, 1000, 0, -500, 4_000_000, -4_000_000),
});
const setup = fc.record({ size: fc.constantFrom(1, 2, 5), learned: fc.boolean() });

const seen = (r: Rig) =>
  JSON.stringify([r.points, r.signals, r.limits, r.flags, savedState(r.plan, r.state)]);

describe('the engine as a deterministic machine', () => {
  it('goes on bit for bit after a snapshot at any point', () => {
    fc.assert(
      fc.property(setup, fc.array(reading, { maxLength: 120 }), fc.nat(), (own, list, at) => {
        const straight = full(own.size, own.learned);
        const cut = full(own.size, own.learned);
        list.forEach((one, i) => {
          if (i === at % (list.length + 1)) cut.reload();
          straight.give(one.value, one);
          cut.give(one.value, one);
        });
        expect(seen(cut)).toEqual(seen(straight));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps characteristics apart when they take turns', () => {
    const [a, b] = [normals(200, 1), normals(200, 2)];
    const alone = [full(5, false), full(1, true)] as const;
    for (const x of a) alone[0].give(10 + x);
    for (const x of b) alone[1].give(10 + x);
    const turns = [full(5, false), full(1, true)] as const;
    for (let i = 0; i < 200; i += 1) {
      turns[0].give(10 + (a[i] ?? 0));
      turns[1].give(10 + (b[i] ?? 0));
    }
    expect(turns.map(seen)).toEqual(alone.map(seen));
  });

  it('never puts out NaN or Infinity, whatever comes in', () => {
    fc.assert(
      fc.property(setup, fc.array(reading, { maxLength: 150 }), (own, list) => {
        const r = full(own.size, own.learned);
        for (const one of list) r.give(one.value, one);
        r.points.forEach(expectHonest);
        for (const signal of r.signals) expect(Number.isFinite(signal.value)).toBe(true);
        const summary = changingPart(r.plan, r.state, r.nowMs);
        for (const part of [summary, summary.capability, summary.limits ?? {}]) {
          for (const value of Object.values(part)) {
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          }
        }
        const saved = savedState(r.plan, r.state);
        expect(JSON.parse(JSON.stringify(saved))).toEqual(saved);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the engine equals plain arrays', () => {
  it('for EWMA, CUSUM, means and moments', () => {
    const sized = fc.record({
      size: fc.constantFrom(1, 2, 3, 5),
      values: fc.array(gauge, { maxLength: 150 }),
    });
    fc.assert(
      fc.property(sized, ({ size, values }) => {
        const r = full(size, false).feed(...values);
        const naive = naiveCharts(values, size);
        const of = (kind: string) => r.points.filter((p) => p.chart === kind);
        expect(of('ewma').length).toBe(naive.length);
        naive.forEach((want, i) => {
          expect(of(size === 1 ? 'imr' : 'xbar-r')[i]?.value).toBeCloseTo(want.mean, 11);
          expect(of('ewma')[i]?.value).toBeCloseTo(want.ewma, 11);
          expect(of('ewma')[i]?.ucl).toBeCloseTo(want.ucl, 11);
          expect(of('cusum')[i]?.value).toBeCloseTo(want.high, 9);
          expect(of('cusum')[i]?.spread).toBeCloseTo(want.low, 9);
        });
      }),
      { numRuns: 100 },
    );
  });
});

function naiveCharts(values: number[], size: number) {
  const error = 1 / Math.sqrt(size);
  const means: number[] = [];
  for (let i = 0; i + size <= values.length; i += size) {
    means.push(values.slice(i, i + size).reduce((a, b) => a + b, 0) / size);
  }
  return means.map((mean, i) => {
    const past = means.slice(0, i + 1);
    const weights = past.map((_, j) => 0.2 * 0.8 ** (i - j));
    const ewma = past.reduce((sum, m, j) => sum + m * (weights[j] ?? 0), 10 * 0.8 ** (i + 1));
    const variance = weights.reduce((sum, w) => sum + w * w, 0) / size;
    const sum = (sign: number) =>
      past.reduce((c, m) => Math.max(0, c + (sign * (m - 10)) / error - 0.5), 4.774 / 2);
    return { mean, ewma, ucl: 10 + 2.962 * Math.sqrt(variance), high: sum(1), low: sum(-1) };
  });
}

describe('one reading', () => {
  it('is out of tolerance strictly outside the limits, subgroup or not', () => {
    const r = full(5, false).feed(13, 7, 13.0001, 6.9999, 10);
    expect(r.flags.map((f) => f & OUT_OF_TOLERANCE)).toEqual([0, 0, 4, 4, 0]);
    expect(r.flags.map((f) => f & POINT)).toEqual([0, 0, 0, 0, 1]);
    expect(savedState(r.plan, r.state).outOfTolerance).toBe(2);
  });

  it('carries its part number and time to the point', () => {
    const r = full(2, false);
    r.give(10, { sequence: 41 });
    r.give(10, { sequence: 42 });
    expect(r.points[0]).toMatchObject({ partSequence: 42, timeMs: r.nowMs, size: 2, index: 1 });
    r.feed(10, 10);
    expect(r.points.at(-1)?.partSequence).toBeNull();
  });

  it('tells of given limits once, with the first reading', () => {
    const r = rig({ subgroup: individuals, limits: given }).feed(10, 10).reload().feed(10);
    expect(r.limits).toMatchObject([{ version: 1, origin: 'settings', estimator: 'given' }]);
  });
});
