import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformingZone, conformity, guardBand } from '../../agent/spc/conformity.ts';
import { actualCp, discriminationRatio } from '../../agent/spc/gage.ts';
import { gaugeStability } from '../../agent/spc/gauge-stability.ts';
import { resolution, resolutionWarnings } from '../../agent/spc/resolution.ts';
import {
  type Entry,
  FORMS,
  INFLUENCES,
  type Influence,
  standardUncertainty,
  uncertaintyBudget,
} from '../../agent/spc/uncertainty.ts';
import { normals } from '../support/spc.ts';

/** Worked by hand: u = 3, 2, 4, 12, 3, 84; 3² + 4² + 12² = 13²; 13² + 84² = 85². */
const worked: Entry[] = [
  { influence: 'cal', value: 6 },
  { influence: 'res', value: 2 * Math.sqrt(12) },
  { influence: 'evr', value: 4 },
  { influence: 'bias', value: 12 * Math.sqrt(3) },
  { influence: 'evo', value: 3 },
  { influence: 'av', value: 84 },
];

describe('the uncertainty budget', () => {
  it('adds squares, counts the largest repeat once, and expands with k', () => {
    const budget = uncertaintyBudget(worked, { tolerance: 1000 });
    expect(budget?.system?.u).toBeCloseTo(13, 12);
    expect(budget?.system?.expanded).toBeCloseTo(26, 12);
    expect(budget?.system?.q).toBeCloseTo(5.2, 12);
    expect(budget?.system?.leastTolerance).toBeCloseTo(52 / 0.15, 9);
    expect(budget?.process?.u).toBeCloseTo(85, 12);
    expect(budget?.process?.q).toBeCloseTo(34, 12);
    expect(budget?.process?.leastTolerance).toBeCloseTo(340 / 0.3, 9);
    expect(budget?.resolution).toBeCloseTo(0.2 * Math.sqrt(12), 12);
    const counted = budget?.rows.filter((row) => row.inProcess).map((row) => row.influence);
    expect(counted).toEqual(['cal', 'evr', 'bias', 'av']);
    const shares = budget?.rows.map((row) => row.share ?? 0) ?? [];
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 9);
  });

  it('takes repeats on parts in place of those on the master when they are larger', () => {
    const entries: Entry[] = [
      { influence: 'evr', value: 3 },
      { influence: 'evo', value: 4 },
      { influence: 'obj', value: 3 },
    ];
    const budget = uncertaintyBudget(entries, { tolerance: null });
    expect(budget?.system?.u).toBe(3);
    expect(budget?.process?.u).toBe(5);
    expect(budget?.process?.q).toBeNull();
  });

  it('a maximum permissible error stands for the whole system', () => {
    const entries: Entry[] = [...worked, { influence: 'mpe', value: 5 * Math.sqrt(3) }];
    const budget = uncertaintyBudget(entries, { tolerance: 1000 });
    expect(budget?.system?.u).toBeCloseTo(5, 12);
    expect(budget?.process?.u).toBeCloseTo(Math.hypot(5, 84), 10);
  });

  it('turns every form into a standard uncertainty (GUM)', () => {
    const of = (value: number) => FORMS.map((form) => standardUncertainty(value, form, 2));
    expect(of(6)).toEqual([
      6,
      3,
      6 / Math.sqrt(3),
      6 / Math.sqrt(6),
      6 / Math.sqrt(2),
      6 / Math.sqrt(12),
    ]);
    expect(of(-1)).toEqual(FORMS.map(() => null));
    expect(standardUncertainty(Number.NaN, 'standard')).toBeNull();
  });

  it('is null for an influence that is no number or comes twice, and empty for nothing', () => {
    expect(uncertaintyBudget([{ influence: 'cal', value: -1 }], { tolerance: 1 })).toBeNull();
    const twice: Entry[] = [...worked, { influence: 'av', value: 1 }];
    expect(uncertaintyBudget(twice, { tolerance: 1 })).toBeNull();
    const empty = uncertaintyBudget([], { tolerance: 1 });
    expect(empty).toMatchObject({ system: null, process: null, resolution: null });
  });

  it('grows with every influence, scales with the unit, and does not ask for an order', () => {
    const names = Object.keys(INFLUENCES).filter((name) => name !== 'mpe') as Influence[];
    const entries = fc.uniqueArray(
      fc.record({
        influence: fc.constantFrom(...names),
        value: fc.double({ min: 0, max: 100, noNaN: true }),
      }),
      { selector: (one) => one.influence, minLength: 1 },
    );
    fc.assert(
      fc.property(entries, (all) => {
        const u = (list: Entry[]) => {
          const budget = uncertaintyBudget(list, { tolerance: 10 });
          return (budget?.process ?? budget?.system)?.u ?? 0;
        };
        const whole = u(all);
        expect(u([...all].reverse())).toBeCloseTo(whole, 9);
        expect(u(all.map((one) => ({ ...one, value: 8 * one.value })))).toBeCloseTo(8 * whole, 6);
        expect(u(all.slice(1))).toBeLessThanOrEqual(whole + 1e-9);
      }),
    );
  });
});

describe('three zones', () => {
  const limits = { lsl: 10, usl: 20 };
  const guard = guardBand(1) ?? 0;
  const zoneOf = (x: number) => conformity(x, limits, 1, guard)?.zone;

  it('the guard band at 5 % is 1.645 u', () => {
    expect(guard).toBeCloseTo(1.644853627, 8);
    expect(guardBand(2, 0.5)).toBeCloseTo(0, 12);
    expect(guardBand(1, 0)).toBeNull();
    expect(guardBand(1, 0.7)).toBeNull();
  });

  it('conform, not conform, and between them not decidable', () => {
    expect([11.7, 18.3].map(zoneOf)).toEqual(['conform', 'conform']);
    expect([11.6, 18.4, 8.4, 21.6, 10, 20].map(zoneOf)).toEqual(Array(6).fill('not decidable'));
    expect([8.3, 21.7].map(zoneOf)).toEqual(['not conform', 'not conform']);
    expect(conformity(12, { lsl: null, usl: 20 }, 1, guard)?.zone).toBe('conform');
  });

  it('gives at the edge of a zone the risk that was allowed', () => {
    expect(conformity(10 + guard, limits, 1, guard)?.probability).toBeCloseTo(0.95, 9);
    expect(conformity(10, limits, 1, guard)?.probability).toBeCloseTo(0.5, 9);
  });

  it('without a guard band there is no middle, and on the limit a piece conforms', () => {
    expect(conformity(10, limits, 0, 0)).toEqual({ zone: 'conform', probability: null });
    expect(conformity(9.999, limits, 0, 0)?.zone).toBe('not conform');
  });

  it('says when nothing can be proven, and is null for what cannot be judged', () => {
    expect(conformingZone(limits, 5)).toEqual({ lsl: 15, usl: 15 });
    expect(conformingZone(limits, 5.1)).toBeNull();
    expect(conformity(15, limits, 4, 5.1)?.zone).toBe('not decidable');
    expect(conformity(Number.NaN, limits, 1, 1)).toBeNull();
    expect(conformity(1, { lsl: null, usl: null }, 1, 1)).toBeNull();
    expect(conformity(1, { lsl: 3, usl: 2 }, 1, 1)).toBeNull();
  });
});

describe('resolution', () => {
  it('finds the step in the data, also far from 0', () => {
    expect(resolution([1, 1.2, 1.1, 1.5])?.step).toBeCloseTo(0.1, 12);
    expect(resolution([1e9, 1e9 + 0.001, 1e9 + 0.003])?.step).toBeCloseTo(0.001, 6);
    expect(resolution([2, 2, 2])).toMatchObject({ step: null, distinct: 1, sigmaInSteps: null });
    expect(resolution([2])).toBeNull();
    expect(resolution([2, Number.NaN])).toBeNull();
  });

  it('warns of a step above 5 % of the tolerance, and of few different ranges', () => {
    const coarse = resolution([1, 1.2, 1.4, 1.2], { tolerance: 3 });
    expect(coarse?.pctTolerance).toBeCloseTo(20 / 3, 9);
    expect(resolutionWarnings(coarse as never)).toHaveLength(2);
    const rounded = normals(150, 3).map((x) => 2 * Math.round(x / 2));
    const subgroups = Array.from({ length: 30 }, (_, i) => rounded.slice(5 * i, 5 * i + 5));
    const few = resolution(rounded, { subgroups, sigmaWithin: 1 });
    expect(few?.distinctRanges).toBe(3);
    expect(resolutionWarnings(few as never).join()).toContain('3 different ranges');
    const fine = normals(150, 3).map((x) => Math.round(x * 100) / 100);
    const groups = Array.from({ length: 30 }, (_, i) => fine.slice(5 * i, 5 * i + 5));
    const many = resolution(fine, { subgroups: groups, sigmaWithin: 1, tolerance: 10 });
    expect(resolutionWarnings(many as never)).toEqual([]);
  });
});

describe('stability of a gauge', () => {
  /** Ranges of 2 about 10: limits 10 ± 0.5768·2 (A2 of five). */
  const steady = Array.from({ length: 20 }, (_, i) =>
    [9, 9.5, 10, 10.5, 11].map((x) => x + (i % 2) / 10),
  );

  it('has limits by A2, and D4 for the ranges', () => {
    const s = gaugeStability(steady, 10.05);
    expect(s).toMatchObject({ chart: 'xbar-r', subgroups: 20, estimator: 'range-weighted' });
    expect(s?.location.ucl[0]).toBeCloseTo(10.05 + 0.5768 * 2, 3);
    expect(s?.spread.ucl[0]).toBeCloseTo(2.1145 * 2, 3);
    expect(s?.location.beyond).toEqual([]);
    expect(s?.bias?.bias).toBeCloseTo(0, 12);
    expect(s?.drift?.p).toBeGreaterThan(0.5);
  });

  it('sees a drift that no single point shows', () => {
    const drifting = steady.map((one, i) => one.map((x) => x + 0.04 * i));
    const s = gaugeStability(drifting);
    expect(s?.location.beyond).toEqual([]);
    expect(s?.drift?.slope).toBeCloseTo(0.04, 2);
    expect(s?.drift?.p).toBeLessThan(1e-6);
    expect(s?.bias).toBeNull();
  });

  it('takes s from ten repeats on, moving ranges for single ones', () => {
    const ten = Array.from({ length: 4 }, (_, i) => normals(10, i + 1));
    expect(gaugeStability(ten)).toMatchObject({ chart: 'xbar-s', estimator: 's-weighted' });
    const single = gaugeStability([[1], [2], [1], [2], [9]]);
    expect(single).toMatchObject({ chart: 'imr', estimator: 'mr-mean' });
    expect(single?.location.beyond).toEqual([]);
  });

  it('unequal subgroups have limits of their own; constant ones have none to break', () => {
    const s = gaugeStability([[1, 2], [1, 2, 3], [2], []]);
    expect(s?.subgroups).toBe(3);
    expect(new Set(s?.location.ucl).size).toBe(3);
    const flat = gaugeStability([
      [3, 3],
      [3, 3],
    ]);
    expect(flat).toMatchObject({ sigma: 0, drift: { slope: 0, t: null, p: null } });
    expect(flat?.location.beyond).toEqual([]);
    expect(gaugeStability([[1, 2]])).toBeNull();
    expect(gaugeStability([])).toBeNull();
  });

  it('moves with the readings and follows their scale, also 10⁹ away', () => {
    const moved = gaugeStability(steady.map((one) => one.map((x) => 1e9 + 4 * x)));
    const own = gaugeStability(steady);
    expect(moved?.sigma).toBeCloseTo(4 * (own?.sigma ?? 0), 5);
    expect(moved?.drift?.p).toBeCloseTo(own?.drift?.p ?? 0, 4);
  });
});

describe('gauge and process', () => {
  it('discrimination: ndc without the 1; Wheeler', () => {
    expect(discriminationRatio(3, 1)).toBeCloseTo(Math.sqrt(19), 12);
    expect(discriminationRatio(0, 1)).toBe(1);
    expect(discriminationRatio(1, 0)).toBeNull();
  });

  it.each([
    [0.1, 1.33, 1.32],
    [0.1, 2, 1.96],
    [0.2, 1.67, 1.58],
    [0.3, 1.33, 1.24],
    [0.3, 2, 1.71],
  ])('with a gauge of %f of the tolerance a true %f is seen as %f, and back', (g, real, seen) => {
    const observed = 1 / Math.sqrt(1 / real ** 2 + g ** 2);
    expect(observed).toBeCloseTo(seen, 1.9);
    expect(actualCp(observed, g / 6, 1)).toBeCloseTo(real, 9);
    expect(actualCp(1 / g, g / 6, 1)).toBeNull();
  });
});
