import { describe, expect, it } from 'vitest';
import { cohenKappa } from '../../agent/spc/agreement.ts';
import { pooledRate, rateChart } from '../../agent/spc/attributes.ts';
import { fitBoxCox } from '../../agent/spc/box-cox.ts';
import { changeEstimate, cusum } from '../../agent/spc/cusum.ts';
import { lawOf } from '../../agent/spc/families.ts';
import { fitFamily } from '../../agent/spc/fitting.ts';
import { biasStudy, linearityStudy, type1Study } from '../../agent/spc/gage.ts';
import { crossedStudy, rangeStudy } from '../../agent/spc/gage-rr.ts';
import { mewma } from '../../agent/spc/multivariate.ts';
import { andersonDarling, lilliefors } from '../../agent/spc/normality.ts';
import { logLikelihood } from '../../agent/spc/percentile-capability.ts';
import { gChart } from '../../agent/spc/rare-events.ts';
import { attributePlan, doubleSampling } from '../../agent/spc/sampling.ts';
import { shapiroWilk } from '../../agent/spc/shapiro-wilk.ts';
import { individualsChart, movingRangeChart } from '../../agent/spc/shewhart.ts';
import { individualSigma } from '../../agent/spc/sigma.ts';
import { meanOf } from '../../agent/spc/summation.ts';
import { toleranceFactors } from '../../agent/spc/tolerance-factor.ts';

/** Small public data sets with the figures printed beside them; they need no reference folder. */

it('viscosity, individuals and moving range (Montgomery, as in qcc)', () => {
  const data = [
    34.05, 34.4, 33.59, 35.96, 34.7, 33.51, 33.79, 34.04, 34.52, 33.75, 33.27, 33.71, 34.03, 34.58,
    34.02, 33.97, 34.05, 34.04, 33.73, 34.05,
  ];
  const sigma = individualSigma('mr-mean', data);
  expect(sigma).toBeCloseTo(0.507482, 6);
  expect(individualSigma('mr-median', data)).toBeCloseTo(0.461277, 5);
  const chart = individualsChart(data, meanOf(data), sigma);
  expect(chart.center[0]).toBeCloseTo(34.088, 10);
  expect(chart.lcl[0]).toBeCloseTo(32.56556, 5);
  expect(chart.ucl[0]).toBeCloseTo(35.61044, 4);
  expect(chart.beyond).toEqual([3]);
  expect(movingRangeChart(data, sigma).ucl[1]).toBeCloseTo(1.87052, 5);
});

it('CUSUM example of Montgomery', () => {
  const means = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.2, 10.34, 9.03, 11.47, 10.51, 9.4, 10.08,
    9.37, 10.62, 10.31, 8.52, 10.84, 10.9, 9.33, 12.29, 11.5, 10.6, 11.08, 10.38, 11.62, 11.31,
    10.52,
  ];
  const sizes = means.map(() => 1);
  const input = { means, sizes, target: 10, sigma: 1, k: 0.5, h: 5, headStart: 0 };
  const sums = cusum(input);
  expect(sums?.cPlus[28]).toBeCloseTo(5.28, 2);
  expect(sums?.cPlus[29]).toBeCloseTo(5.3, 2);
  expect(sums?.nPlus[28]).toBe(7);
  expect(sums?.firstSignal).toBe(28);
  const change = sums === null ? null : changeEstimate(sums, input);
  expect(change).toMatchObject({ direction: 'upper', lastInControlIndex: 21 });
  expect(change?.newMean).toBeCloseTo(11.25, 2);
});

it('orange juice cans, p chart (Montgomery)', () => {
  const counts = [
    12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12,
    7, 13, 9, 6,
  ];
  const sizes = counts.map(() => 50);
  const rate = pooledRate(counts, sizes);
  const chart = rateChart('binomial', counts, sizes, rate);
  expect(rate).toBeCloseTo(0.231333, 6);
  expect(chart.lcl[0]).toBeCloseTo(0.052428, 6);
  expect(chart.ucl[0]).toBeCloseTo(0.410239, 6);
  expect(chart.beyond).toEqual([14, 22]);
});

it('g chart: limits by moments and by probability', () => {
  const chart = gChart([12, 0, 33, 7, 2, 58, 19, 4, 0, 25, 41, 9, 3, 14, 6, 88, 1, 22, 5, 10]);
  expect(chart?.gBar).toBeCloseTo(17.95, 12);
  expect(chart?.chart.ucl[0]).toBeCloseTo(73.28, 2);
  expect(chart?.chart.beyond).toEqual([15]);
  expect(chart?.probability).toMatchObject({ lcl: 0, center: 12, ucl: 121, beyond: [] });
  expect(gChart([])).toBeNull();
});

it('tests of normality on the air flow of the stackloss data, as nortest and R print them', () => {
  const data = [80, 80, 75, 62, 62, 62, 62, 62, 58, 58, 58, 58, 58, 58, 50, 50, 50, 50, 50, 56, 70];
  expect(andersonDarling(data)?.statistic).toBeCloseTo(1.0799, 4);
  expect(andersonDarling(data)?.p).toBeCloseTo(0.0061, 4);
  expect(shapiroWilk(data)?.w).toBeCloseTo(0.86115, 5);
  expect(shapiroWilk(data)?.p).toBeCloseTo(0.00665, 5);
  expect(lilliefors(data)?.d).toBeCloseTo(0.24148, 5);
  expect(lilliefors(data)?.p).toBeCloseTo(0.0024158, 6);
});

it('ball bearing lives: Weibull fit and Box-Cox (Lieblein & Zelen)', () => {
  const data = [
    17.88, 28.92, 33, 41.52, 42.12, 45.6, 48.48, 51.84, 51.96, 54.12, 55.56, 67.8, 68.64, 68.64,
    68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.4,
  ];
  const params = fitFamily('weibull', data);
  expect(params?.['shape']).toBeCloseTo(2.102, 3);
  expect(params?.['scale']).toBeCloseTo(81.88, 2);
  const law = params === null ? null : lawOf('weibull', params);
  expect(law === null ? null : logLikelihood(law, data)).toBeCloseTo(-113.691, 3);
  expect(fitBoxCox(data)?.lambda).toBeCloseTo(0.19049, 4);
  expect(fitFamily('weibull', [-1, 2, 3])).toBeNull();
  expect(fitFamily('gamma', [2, 2, 2])).toBeNull();
});

describe('AIAG measurement studies', () => {
  const bias = [5.8, 5.7, 5.9, 5.9, 6, 6.1, 6, 6.1, 6.4, 6.3, 6, 6.1, 6.2, 5.6, 6];

  it('bias and type 1', () => {
    const study = biasStudy(bias, 6);
    expect(study?.mean).toBeCloseTo(6.0067, 4);
    expect(study?.p).toBeCloseTo(0.9048, 4);
    const type1 = type1Study(bias, 6, 10);
    expect(type1?.cg).toBeCloseTo(1.5722, 4);
    expect(type1?.cgk).toBeCloseTo(1.5617, 4);
    expect(type1Study([6, 6, 6], 6, 10)).toMatchObject({ cg: null, cgk: null, t: null });
    expect(biasStudy([], 6)).toBeNull();
  });

  it('linearity', () => {
    const study = linearityStudy(
      [2, 4, 6, 8, 10],
      [
        [2.7, 2.5, 2.4, 2.5, 2.7, 2.3, 2.5, 2.5, 2.4, 2.4, 2.6, 2.4],
        [5.1, 3.9, 4.2, 5, 3.8, 3.9, 3.9, 3.9, 3.9, 4, 4.1, 3.8],
        [5.8, 5.7, 5.9, 5.9, 6, 6.1, 6, 6.1, 6.4, 6.3, 6, 6.1],
        [7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.6, 7.7],
        [9.1, 9.3, 9.5, 9.3, 9.4, 9.5, 9.5, 9.5, 9.6, 9.2, 9.3, 9.4],
      ],
    );
    expect(study?.slope).toBeCloseTo(-0.1317, 4);
    expect(study?.intercept).toBeCloseTo(0.7367, 4);
    expect(study?.r2).toBeCloseTo(0.714, 3);
    expect(study?.tSlope).toBeCloseTo(-12.043, 3);
  });

  it('gage R&R, ANOVA and average-and-range', () => {
    const values = [
      [
        [0.29, 0.41, 0.64],
        [0.08, 0.25, 0.07],
        [0.04, -0.11, -0.15],
      ],
      [
        [-0.56, -0.68, -0.58],
        [-0.47, -1.22, -0.68],
        [-1.38, -1.13, -0.96],
      ],
      [
        [1.34, 1.17, 1.27],
        [1.19, 0.94, 1.34],
        [0.88, 1.09, 0.67],
      ],
      [
        [0.47, 0.5, 0.64],
        [0.01, 1.03, 0.2],
        [0.14, 0.2, 0.11],
      ],
      [
        [-0.8, -0.92, -0.84],
        [-0.56, -1.2, -1.28],
        [-1.46, -1.07, -1.45],
      ],
      [
        [0.02, -0.11, -0.21],
        [-0.2, 0.22, 0.06],
        [-0.29, -0.67, -0.49],
      ],
      [
        [0.59, 0.75, 0.66],
        [0.47, 0.55, 0.83],
        [0.02, 0.01, 0.21],
      ],
      [
        [-0.31, -0.2, -0.17],
        [-0.63, 0.08, -0.34],
        [-0.46, -0.56, -0.49],
      ],
      [
        [2.26, 1.99, 2.01],
        [1.8, 2.12, 2.19],
        [1.77, 1.45, 1.87],
      ],
      [
        [-1.36, -1.25, -1.31],
        [-1.68, -1.62, -1.5],
        [-1.49, -1.77, -2.16],
      ],
    ];
    const scale = { tolerance: 8, studyVarMultiplier: 6 };
    const study = crossedStudy(values, scale, 0.25);
    expect(study?.anovaWithInteraction['part']?.ss).toBeCloseTo(88.3619, 4);
    expect(study?.anovaWithInteraction['operator']?.ss).toBeCloseTo(3.1673, 4);
    expect(study?.anovaWithInteraction['interaction']?.f).toBeCloseTo(0.4337, 4);
    expect(study?.chosen).toBe('pooled');
    expect(study?.pooled.components['grr']?.sd).toBeCloseTo(0.302373, 5);
    expect(study?.withInteraction.components['interaction']?.variance).toBe(0);
    const range = rangeStudy(values, scale);
    expect(range?.grr).toBeCloseTo(0.30575, 3);
    expect(range?.pctGrr).toBeCloseTo(26.68, 1);
    expect(range?.ndcRaw).toBeCloseTo(5.094, 2);
    expect(crossedStudy([[[1]]], scale, 0.25)).toBeNull();
  });

  it('kappa of appraisers A and B', () => {
    const study = cohenKappa([
      [44, 6],
      [3, 97],
    ]);
    expect(study?.kappa).toBeCloseTo(0.86, 2);
    expect(study?.observedAgreement).toBeCloseTo(0.94, 12);
    expect(
      cohenKappa([
        [10, 0],
        [0, 0],
      ]),
    ).toBeNull();
  });
});

it('MEWMA example of Lowry et al. (1992): signal at the ninth row for h = 8.66', () => {
  const rows = [
    [-1.19, 0.59],
    [0.12, 0.9],
    [-1.69, 0.4],
    [0.3, 0.46],
    [0.89, -0.75],
    [0.82, 0.98],
    [-0.3, 2.28],
    [0.63, 1.75],
    [1.56, 1.58],
    [1.46, 3.05],
  ];
  const chart = mewma(
    rows,
    [0, 0],
    [
      [1, 0.5],
      [0.5, 1],
    ],
    0.1,
  );
  expect(chart?.t2.findIndex((t2) => t2 > 8.66)).toBe(8);
  expect(chart?.t2[9]).toBeCloseTo(17.2074, 4);
  expect(
    mewma(
      rows,
      [0, 0],
      [
        [1, 1],
        [1, 1],
      ],
      0.1,
    ),
  ).toBeNull();
});

it('sampling plans and tolerance factors as printed', () => {
  expect(attributePlan({ p1: 0.01, p2: 0.05, alpha: 0.05, beta: 0.1 })).toMatchObject({
    n: 132,
    c: 3,
  });
  const point = doubleSampling({ n1: 50, c1: 1, r1: 4, n2: 100, c2: 3 }, 0.05);
  expect(point.paFirst).toBeCloseTo(0.279, 3);
  expect(point.pa).toBeCloseTo(0.29, 3);
  const factors = toleranceFactors(10, 0.9, 0.95);
  expect(factors?.oneSided).toBeCloseTo(2.355, 3);
  expect(factors?.twoSidedExact).toBeCloseTo(2.856, 3);
  expect(toleranceFactors(1, 0.9, 0.95)).toBeNull();
});
