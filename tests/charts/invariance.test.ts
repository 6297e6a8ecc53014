import { describe, expect, it } from 'vitest';
import { changingPart, savedState } from '../../agent/core/characteristic.ts';
import { QUALITY } from '../../agent/model.ts';
import { type ChartRig, expectHonest } from '../contracts/chart.ts';
import { chartRigs } from '../support/chart-rigs.ts';
import { given, normals, type Rig, rig } from '../support/spc.ts';

/** What must hold for every kind of chart, whatever the unit and wherever the readings lie. */

const COUNTS = new Set(['p', 'np', 'laney-p', 'c', 'u', 'laney-u']);
/** Between events: not on a scale that can be shifted. */
const EVENTS = new Set(['g', 't']);
const measured = chartRigs.filter((one) => !COUNTS.has(one.kind) && !EVENTS.has(one.kind));

/** x becomes a x + b. */
interface Move {
  a: number;
  b: number;
}

/** Multiples of 2⁻¹², so that powers of two and whole shifts lose no bit. */
const onGrid = (x: number) => Math.round(x * 4096) / 4096;

/** Settings of a rig for readings that were moved. */
function movedSettings(one: ChartRig, { a, b }: Move): Record<string, unknown> {
  const at = (x: unknown) => a * (x as number) + b;
  const own = { ...one.own };
  for (const limit of ['lsl', 'usl']) if (limit in own) own[limit] = at(own[limit]);
  const settings: Record<string, unknown> = { kind: one.kind, ...one.settings };
  if ('sigmaOfMeans' in settings)
    settings['sigmaOfMeans'] = a * (settings['sigmaOfMeans'] as number);
  if ('nominals' in settings) settings['nominals'] = mapped(settings['nominals'], at);
  if ('parts' in settings) {
    settings['parts'] = mapped(settings['parts'], (part) => {
      const { mean, sigma } = part as { mean: number; sigma: number };
      return { mean: at(mean), sigma: a * sigma };
    });
  }
  const limits = { ...(one.limits ?? given) } as Record<string, unknown>;
  // Charts of deviations stay about 0.
  const center = limits['center'] as number;
  limits['center'] = center === 0 ? 0 : at(center);
  limits['sigma'] = a * (limits['sigma'] as number);
  if ('parameters' in limits)
    limits['parameters'] = mapped(limits['parameters'], (x) => a * (x as number));
  return {
    subgroup: one.subgroup ?? { kind: 'by-count', size: one.size },
    charts: [settings],
    rules: 'nelson',
    ...(one.given === true ? {} : { limits }),
    ...own,
  };
}

function mapped(record: unknown, by: (value: unknown) => unknown): Record<string, unknown> {
  const entries = Object.entries(record as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, by(value)]));
}

function started(
  one: ChartRig,
  move: Move = { a: 1, b: 0 },
  own: Record<string, unknown> = {},
): Rig {
  const made = rig({ ...movedSettings(one, move), ...own });
  made.contextOf = one.contextOf ?? (() => ({}));
  return made;
}

/** Thirty quiet points, ten shifted ones, some of them quiet again. */
function series(one: ChartRig, seed = 11): number[] {
  const reading = one.reading ?? ((chance: number, shift: number) => 10 + chance + shift);
  const perPoint = one.subgroup?.['kind'] === 'counts' ? 1 : one.size;
  const shift = one.shifts?.[0] ?? 4;
  return normals(50 * perPoint, seed).map((chance, i) => {
    const point = Math.floor(i / perPoint);
    return reading(chance, point >= 30 && point < 40 ? shift : 0, i);
  });
}

const signalsOf = (r: Rig) =>
  r.signals.map((s) => `${s.rule} ${s.statistic} ${s.side} ${s.pointIndex}`);
const distances = (r: Rig) => r.points.map((p) => [p.z, p.spreadZ]);

function expectAlike(moved: Rig, plain: Rig, digits: number): void {
  expect(plain.signals.length).toBeGreaterThan(0);
  expect(signalsOf(moved)).toEqual(signalsOf(plain));
  distances(moved).forEach((pair, i) => {
    pair.forEach((z, k) => {
      const own = distances(plain)[i]?.[k] ?? null;
      if (own === null || z === null) expect(z).toBe(own);
      else expect(z).toBeCloseTo(own, digits);
    });
  });
}

describe.each(measured.map((one) => [one.kind, one] as const))('%s', (_kind, one) => {
  const values = series(one).map(onGrid);
  const plain = () => started(one).feed(...values);
  const moved = (move: Move) => started(one, move).feed(...values.map((x) => move.a * x + move.b));

  it('signals the same points in another unit, and shifted', () => {
    expectAlike(moved({ a: 2, b: 0 }), plain(), 9);
    expectAlike(moved({ a: 1, b: 512 }), plain(), 8);
    expectAlike(moved({ a: 0.25, b: -64 }), plain(), 8);
  });

  it('signals the same points at 10⁹ ± 10⁻³', () => {
    // 2⁻¹⁰ is a thousandth, 2³⁰ a thousand million: every moved reading is exact.
    expectAlike(moved({ a: 2 ** -10, b: 2 ** 30 }), plain(), 2);
  });
});

const grouped = measured.filter(
  (one) => one.size > 1 && (one.subgroup?.['kind'] ?? 'by-count') === 'by-count',
);

describe.each(grouped.map((one) => [one.kind, one] as const))('%s', (_kind, one) => {
  it('does not ask for the order inside a subgroup', () => {
    const values = series(one);
    const turned = values.map((_, i) => {
      const start = i - (i % one.size);
      return values[start + one.size - 1 - (i - start)] as number;
    });
    expectAlike(started(one).feed(...turned), started(one).feed(...values), 9);
  });
});

describe.each(chartRigs.map((one) => [one.kind, one] as const))('%s', (_kind, one) => {
  const start = (limits?: Record<string, unknown>) => {
    const counted = COUNTS.has(one.kind) || EVENTS.has(one.kind);
    const said = limits === undefined || one.given === true ? {} : { limits };
    if (!counted) return started(one, { a: 1, b: 0 }, said);
    const made = rig({
      subgroup: one.subgroup ?? { kind: 'by-count', size: one.size },
      charts: [{ kind: one.kind, ...one.settings }],
      rules: 'nelson',
      limits: one.limits ?? given,
      ...said,
    });
    made.contextOf = one.contextOf ?? (() => ({}));
    return made;
  };
  const honest = (r: Rig) => {
    r.points.forEach(expectHonest);
    const summary = changingPart(r.plan, r.state, r.nowMs);
    const all = [r.points, r.signals, r.limits, summary];
    const seen = JSON.stringify(all, (_, x) => (Number.isNaN(x) ? 'not a number' : x));
    expect(seen).not.toContain('not a number');
    // What is written down holds no NaN either: JSON would make null of it.
    const saved = savedState(r.plan, r.state);
    expect(JSON.parse(JSON.stringify(saved))).toEqual(saved);
  };
  const learned = { kind: 'baseline', subgroups: 8 };
  const perPoint = one.subgroup?.['kind'] === 'counts' ? 1 : one.size;

  it('constant readings give numbers or null, and no limits of no width', () => {
    for (const limits of [undefined, learned]) {
      for (const value of [0, 1, 10, 1e9 + 0.001]) {
        const r = start(limits).feed(...Array<number>(40 * perPoint).fill(value));
        honest(r);
        for (const one of r.limits) expect(one.sigma === null || one.sigma > 0).toBe(true);
      }
    }
  });

  it('readings that are none leave no trace in what follows', () => {
    for (const limits of [undefined, learned]) {
      const r = start(limits);
      series(one).forEach((value, i) => {
        if (i % 7 === 3) r.give(Number.NaN, { quality: QUALITY.BAD_VALUE, pauseMs: 0 });
        if (i % 11 === 5) r.give(Number.POSITIVE_INFINITY, { pauseMs: 0 });
        r.give(value);
      });
      expect(r.points.length).toBeGreaterThan(5);
      honest(r);
    }
  });
});
