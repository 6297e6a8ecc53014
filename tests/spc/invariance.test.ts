import fc from 'fast-check';
import * as simple from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { indices } from '../../agent/spc/capability.ts';
import { controlChart } from '../../agent/spc/control-chart.ts';
import { cusum } from '../../agent/spc/cusum.ts';
import { ewmaChart } from '../../agent/spc/ewma.ts';
import { moments } from '../../agent/spc/moments.ts';
import { andersonDarling, jarqueBera, lilliefors } from '../../agent/spc/normality.ts';
import { shapiroWilk } from '../../agent/spc/shapiro-wilk.ts';
import { grandMean, rangeChart, sdChart, xbarChart } from '../../agent/spc/shewhart.ts';
import {
  INDIVIDUAL_SIGMAS,
  individualSigma,
  SUBGROUP_SIGMAS,
  subgroupSigma,
  subgroupSigmas,
} from '../../agent/spc/sigma.ts';
import { meanOf, medianOf, sdOf, squaresOf, sumOf } from '../../agent/spc/summation.ts';

/** Thousandths: sums and differences of them have an exact answer to compare with. */
const value = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 1000);
const group = fc.array(value, { minLength: 5, maxLength: 5 });
const groups = fc.array(group, { minLength: 3, maxLength: 30 });

describe('shift and scale', () => {
  it('sigma estimators follow the scale and ignore the shift', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: -500, max: 500 }), (data, shift) => {
        const moved = data.map((one) => one.map((x) => 4 * x + shift));
        for (const method of SUBGROUP_SIGMAS) {
          const own = subgroupSigma(method, data) ?? 0;
          expect(subgroupSigma(method, moved) ?? 0).toBeCloseTo(4 * own, 9);
        }
        const line = data.flat();
        for (const method of INDIVIDUAL_SIGMAS) {
          const own = individualSigma(method, line) ?? 0;
          expect(individualSigma(method, moved.flat()) ?? 0).toBeCloseTo(4 * own, 9);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('points outside stay the same points', () => {
    fc.assert(
      fc.property(groups, (data) => {
        const judge = (all: number[][]) => {
          const sigma = subgroupSigma('range-unweighted', all);
          const center = grandMean(all);
          return [xbarChart(all, center, sigma).beyond, rangeChart(all, sigma).beyond];
        };
        // Doubling and a whole shift are exact in binary, so not one point may change.
        expect(judge(data.map((one) => one.map((x) => 2 * x)))).toEqual(judge(data));
      }),
      { numRuns: 50 },
    );
  });

  it('tests of normality do not depend on the unit', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 8, maxLength: 60 }), (data) => {
        fc.pre((sdOf(data) ?? 0) > 0.01);
        const moved = data.map((x) => 25.4 * x + 100);
        expect(andersonDarling(moved)?.adjusted).toBeCloseTo(
          andersonDarling(data)?.adjusted ?? 0,
          6,
        );
        expect(shapiroWilk(moved)?.w).toBeCloseTo(shapiroWilk(data)?.w ?? 0, 8);
        expect(lilliefors(moved)?.d).toBeCloseTo(lilliefors(data)?.d ?? 0, 8);
        expect(jarqueBera(moved)?.statistic).toBeCloseTo(jarqueBera(data)?.statistic ?? 0, 5);
      }),
      { numRuns: 50 },
    );
  });
});

describe('order', () => {
  const shuffled = (list: number[]) => [...list].reverse();

  it('of subgroups, and inside them, changes no estimator of sigma within', () => {
    fc.assert(
      fc.property(groups, (data) => {
        const turned = [...data].reverse().map(shuffled);
        for (const method of SUBGROUP_SIGMAS) {
          expect(subgroupSigma(method, turned) ?? 0).toBeCloseTo(
            subgroupSigma(method, data) ?? 0,
            12,
          );
        }
        expect(grandMean(turned) ?? 0).toBeCloseTo(grandMean(data) ?? 0, 12);
      }),
    );
  });

  it('changes neither moments nor the overall sd, and a turned series no moving range', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 4, maxLength: 60 }), (data) => {
        const sorted = [...data].sort((a, b) => a - b);
        for (const other of [shuffled(data), sorted]) {
          expect(individualSigma('sd', other)).toBeCloseTo(individualSigma('sd', data) ?? 0, 12);
          expect(medianOf(other)).toBe(medianOf(data));
          expect(meanOf(other)).toBeCloseTo(meanOf(data) ?? 0, 14);
        }
        for (const method of ['mr-mean', 'mr-median'] as const) {
          const own = individualSigma(method, data) ?? 0;
          expect(individualSigma(method, shuffled(data))).toBeCloseTo(own, 12);
        }
      }),
    );
  });
});

describe('a huge offset with a tiny spread (1e9 +- 1e-3)', () => {
  it('costs no digits the readings themselves still have', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 5, maxLength: 200 }),
        (k) => {
          // Steps of 2^-16 are exact next to 1e9, so the small series is the exact reference.
          const small = k.map((x) => x / 65536);
          const large = small.map((x) => 1e9 + x);
          expect(sdOf(large)).toBeCloseTo(sdOf(small) ?? 0, 14);
          expect((meanOf(large) ?? 0) - 1e9).toBeCloseTo(meanOf(small) ?? 0, 6);
          expect(moments(large).skewnessG1 ?? 0).toBeCloseTo(moments(small).skewnessG1 ?? 0, 8);
          expect(individualSigma('mr-mean', large)).toBeCloseTo(
            individualSigma('mr-mean', small) ?? 0,
            14,
          );
        },
      ),
    );
  });

  it('costs no estimator of sigma and no index its digits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 4, maxLength: 4 }), {
          minLength: 3,
          maxLength: 20,
        }),
        (k) => {
          const small = k.map((one) => one.map((x) => x / 65536));
          const large = small.map((one) => one.map((x) => 1e9 + x));
          for (const method of SUBGROUP_SIGMAS) {
            const own = subgroupSigma(method, small) ?? 0;
            expect(subgroupSigma(method, large)).toBeCloseTo(own, 14);
          }
          for (const method of INDIVIDUAL_SIGMAS) {
            const own = individualSigma(method, small.flat()) ?? 0;
            expect(individualSigma(method, large.flat())).toBeCloseTo(own, 14);
          }
          const at = (data: number[][], offset: number) =>
            indices({
              mean: grandMean(data) ?? 0,
              sigmaWithin: subgroupSigma('pooled', data),
              sigmaOverall: sdOf(data.flat()),
              lsl: offset - 2 ** -9,
              usl: offset + 2 ** -9,
            });
          const [near, far] = [at(small, 0), at(large, 1e9)];
          expect(far.cp === null).toBe(near.cp === null);
          expect((far.cpk ?? 0) / (near.cpk || 1)).toBeCloseTo(near.cpk === null ? 0 : 1, 3);
          expect((far.ppk ?? 0) / (near.ppk || 1)).toBeCloseTo(near.ppk === null ? 0 : 1, 3);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves a signal where it was', () => {
    const base = Array.from({ length: 30 }, (_, i) => ((i * 7) % 11) / 65536);
    const small = [...base, 200 / 65536];
    const signalsOf = (offset: number) => {
      const means = small.map((x) => offset + x);
      const sizes = means.map(() => 1);
      const target = (meanOf(base) ?? 0) + offset;
      const sigma =
        individualSigma(
          'mr-mean',
          base.map((x) => x + offset),
        ) ?? 0;
      const ewma = ewmaChart({ means, sizes, target, sigma, lambda: 0.2, width: 2.962 });
      const sums = cusum({ means, sizes, target, sigma, k: 0.5, h: 4.774, headStart: 0 });
      return [ewma.beyond, sums?.firstSignal];
    };
    expect(signalsOf(1e9)).toEqual(signalsOf(0));
    expect(signalsOf(0)[0]).toEqual([30]);
  });
});

describe('constant and empty data', () => {
  it('constant data has sigma 0 and no point outside', () => {
    const data = Array.from({ length: 6 }, () => [0.1, 0.1, 0.1]);
    for (const sigma of Object.values(subgroupSigmas(data))) expect(sigma).toBe(0);
    expect(xbarChart(data, grandMean(data), 0).beyond).toEqual([]);
    expect(moments(data.flat())).toMatchObject({ sd: 0, skewnessG1: null, kurtosisG2: null });
    expect(andersonDarling(data.flat())).toBeNull();
    expect(shapiroWilk(data.flat())).toBeNull();
    expect(cusum({ means: [1], sizes: [1], target: 1, sigma: 0, k: 0.5, h: 5, headStart: 0 })).toBe(
      null,
    );
  });

  it('no data answers null', () => {
    expect(meanOf([])).toBeNull();
    expect(medianOf([])).toBeNull();
    expect(sdOf([1])).toBeNull();
    expect(grandMean([])).toBeNull();
    for (const method of SUBGROUP_SIGMAS) expect(subgroupSigma(method, [[1]])).toBeNull();
    for (const method of INDIVIDUAL_SIGMAS) expect(individualSigma(method, [])).toBeNull();
    expect(xbarChart([[]], null, null)).toMatchObject({ plotted: [null], ucl: [null] });
  });

  it('a result is a number or null, never NaN or infinite', () => {
    const anything = fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(anything, (data) => {
        const sigma = subgroupSigma('pooled', data);
        const center = grandMean(data);
        const everything = [
          ...Object.values(subgroupSigmas(data)),
          ...Object.values(moments(data.flat())),
          ...Object.values(xbarChart(data, center, sigma)).flat(),
          ...Object.values(rangeChart(data, sigma)).flat(),
          ...Object.values(sdChart(data, sigma)).flat(),
        ];
        for (const one of everything) expect(one === null || Number.isFinite(one)).toBe(true);
      }),
    );
  });
});

describe('sums against simple-statistics', () => {
  it('agree on well-behaved data', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 100 }), (data) => {
        expect(sumOf(data)).toBeCloseTo(simple.sum(data), 12);
        expect(meanOf(data)).toBeCloseTo(simple.mean(data), 12);
        expect(medianOf(data)).toBeCloseTo(simple.median(data), 12);
        expect(squaresOf(data)).toBeCloseTo(simple.sumNthPowerDeviations(data, 2), 10);
      }),
    );
  });

  it('a point exactly on a limit is not beyond it', () => {
    const band = { center: 10, lcl: 7, ucl: 13 };
    expect(controlChart([7, 13, 13.0001, 6.9999], () => band).beyond).toEqual([2, 3]);
  });
});
