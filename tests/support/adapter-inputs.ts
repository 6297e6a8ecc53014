/** Inputs of every kind of reference case, as odd as a plant can make them. */

const FAMILIES = [
  'normal',
  'lognormal',
  'weibull',
  'gamma',
  'exponential',
  'rayleigh',
  'folded-normal',
  'half-normal',
  'logistic',
  'loglogistic',
  'gumbel-max',
  'gumbel-min',
];

import { fixedInputs } from './adapter-fixed-inputs.ts';

type Make = (d: number[]) => Record<string, unknown>[];

/** For every kind of reference case: inputs of it made of one series of numbers. */
export const inputsOf: Record<string, Make> = {
  ...fixedInputs,
  moments: (d) => [{ data: d }],
  'chart-xbar': (d) =>
    [
      'range-unweighted',
      'range-weighted',
      's-unweighted',
      's-weighted',
      'pooled',
      'pooled-uncorrected',
    ].flatMap((m) => [
      { subgroups: [d, d.slice(0, 2), d.slice(0, 1)], sigmaMethod: m },
      { subgroups: [d], sigmaMethod: m },
      { subgroups: d.map((x) => [x]), sigmaMethod: m },
    ]),
  'chart-imr': (d) => [
    { data: d },
    { data: [null, ...d, null, ...d] },
    { data: d, span: 3 },
    { data: [null] },
    { data: d, sigmaMethod: 'mr-median' },
    { data: d, sigmaMethod: 'sd-c4' },
  ],
  'chart-median': (d) => [{ subgroups: [d, d], sigmaMethod: 'range-unweighted' }],
  'chart-ma': (d) => [
    { data: d, span: 3, sigmaMethod: 'mr-mean' },
    { subgroups: [d, d.slice(0, 1)], span: 2, sigmaMethod: 'pooled' },
  ],
  'chart-ewma': (d) => [
    { data: d, lambda: 0.2, L: 3, sigmaMethod: 'mr-mean' },
    { subgroups: [d, d.slice(0, 1)], lambda: 0.2, L: 3, sigmaMethod: 'pooled' },
  ],
  'chart-cusum': (d) => [
    { data: d, k: 0.5, h: 4, sigmaMethod: 'mr-mean' },
    { data: d, k: 0.5, h: 4, headStart: 2, sigmaMethod: 'mr-mean' },
    { subgroups: [d, d.slice(0, 1)], k: 0.5, h: 4, sigmaMethod: 'pooled' },
  ],
  'chart-p': (d) => [
    { counts: d.map(() => 0), sizes: 10 },
    { counts: d.map(() => 10), sizes: 10 },
    { counts: d.map(() => 0), sizes: d.map(() => 0) },
  ],
  'chart-np': (d) => [
    { counts: d.map(() => 0), sizes: 10 },
    { counts: d.map(() => 10), sizes: 10 },
  ],
  'chart-c': (d) => [{ counts: d.map(() => 0) }, { counts: d.map(() => 4) }],
  'chart-u': (d) => [
    { counts: d.map(() => 0), sizes: 10 },
    { counts: d.map(() => 4), sizes: d.map((_, i) => i) },
  ],
  'chart-laney-p': (d) => [
    { counts: d.map(() => 0), sizes: 10 },
    { counts: d.map(() => 10), sizes: 10 },
    { counts: d.map(() => 3), sizes: 10 },
  ],
  'chart-laney-u': (d) => [
    { counts: d.map(() => 0), sizes: 10 },
    { counts: d.map(() => 3), sizes: 10 },
  ],
  'chart-g': (d) => [
    { counts: d.map(() => 0) },
    { counts: d.map(() => 3) },
    { counts: d.map((_, i) => i) },
  ],
  'chart-t': (d) => [{ times: d }, { times: d.map(Math.abs) }],
  'chart-dnom': (d) => [
    { values: d, part: d.map(() => 'a'), nominal: { a: 1 } },
    { subgroups: [d, d.slice(0, 1)], part: ['a', 'a'], nominal: { a: 1 } },
  ],
  'chart-zmr': (d) =>
    ['by-part', 'constant', 'given'].map((method) => ({
      values: d,
      part: d.map((_, i) => (i % 2 ? 'a' : 'b')),
      method,
      mean: { a: 1, b: 1 },
      sigma: { a: 0, b: 1 },
    })),
  'chart-regression': (d) =>
    ['residual', 'residual-mr']
      .map((sigmaMethod) => ({ data: d, sigmaMethod }))
      .concat([{ subgroups: [d, d, d], sigmaMethod: 'pooled' } as never]),
  changepoint: (d) => [
    { data: d, model: 'normal-known', mean0: d[0] ?? 0 },
    { data: d, model: 'normal-unknown' },
    { data: d.map(Math.abs).map(Math.floor), model: 'poisson' },
  ],
  rules: (d) => [
    { points: d, center: d[0] ?? 0, sigma: 0 },
    { points: d, center: d[0] ?? 0, sigma: 1 },
    { points: [null, ...d, null], center: 0, sigma: 1 },
  ],
  capability: (d) =>
    ['mr-mean', 'mr-median']
      .flatMap((sigmaMethod) => [
        { data: d, sigmaMethod, lsl: 0, usl: 10, target: 5 },
        { data: d, sigmaMethod, lsl: null, usl: 10, target: null },
        { data: d, sigmaMethod, lsl: 0, usl: null },
        { data: d, sigmaMethod, lsl: 5, usl: 5 },
        { data: d, sigmaMethod },
      ])
      .concat(
        ['pooled', 'range-unweighted'].map((sigmaMethod) => ({
          subgroups: [d, d.slice(0, 2), d.slice(0, 1)],
          sigmaMethod,
          lsl: 0,
          usl: 10,
          target: 3,
        })) as never[],
      ),
  'capability-summary': () => [
    { mean: 5, sigma: 0, n: 20, lsl: 0, usl: 10 },
    { mean: 5, sigma: 1, n: 1, lsl: 0, usl: 10 },
    { mean: 5, sigma: 1, n: 2, lsl: 0, usl: 10 },
    { mean: 5, sigma: 1e-3, n: 20, lsl: 0, usl: 10 },
    { mean: 5, sigma: 1, n: 20, usl: 10 },
    { mean: 5, sigma: 1, n: 20 },
  ],
  'capability-nonnormal': (d) =>
    FAMILIES.flatMap((distribution) => [
      { data: d, distribution, lsl: 0, usl: 10 },
      { data: d, distribution, usl: 10 },
      { data: d, distribution },
    ]),
  boxcox: (d) => [
    { data: d },
    { data: d, lsl: 0, usl: 10, applyLambda: 0 },
    { data: d, lsl: 0, usl: 10, applyLambda: -1 },
  ],
  johnson: (d) => [
    { data: d, z: 0.524, transformAt: [0, 1, 2] },
    { quantiles: d.slice(0, 4), z: 0.524, transformAt: [1] },
    { quantiles: [1, 2, 2, 3], z: 0.5 },
    { quantiles: [1, 2, 3, 4], z: 0.5, transformAt: [1, 2] },
  ],
  normality: (d) => [{ data: d }],
  gof: (d) =>
    FAMILIES.map((distribution) => ({
      data: d,
      distribution,
      params: {
        mean: 1,
        sd: 1,
        meanlog: 0,
        sdlog: 1,
        shape: 2,
        scale: 1,
        sigma: 1,
        mu: 1,
        location: 1,
      },
    })).concat([{ data: d, distribution: 'normal', params: { mean: 0, sd: 0 } as never }]),
  bias: (d) => [
    { data: d, reference: 1 },
    { data: [], reference: 1 },
  ],
  'gauge-stability': (d) => [
    { subgroups: [d, d], reference: 1 },
    { subgroups: d.map((x) => [x]) },
    { subgroups: [d, d.slice(0, 1), []] },
    { subgroups: [] },
    { subgroups: [[...d, ...d, ...d], d] },
  ],
  resolution: (d) => [{ data: d }, { data: d, step: 0.1, tolerance: 1 }, { data: [] }],
  uncertainty: (d) => [
    { entries: d.slice(0, 1).map((value) => ({ influence: 'cal', value })), tolerance: 1 },
    { entries: d.map((value) => ({ influence: 'av', value })), tolerance: 0 },
    { entries: [] },
  ],
  conformity: (d) => [
    { values: d, u: 0.1, lsl: 0, usl: 1 },
    { values: d, u: 0, usl: 1 },
    { values: d, u: -1, usl: 1 },
    { values: d, u: 1, lsl: 1, usl: 0 },
    { values: d, u: 1 },
  ],
  linearity: (d) => [
    { references: [1, 2, 3], measurements: [d, d, d] },
    { references: [1, 1], measurements: [d, d] },
    { references: [1, 2], measurements: [d, d] },
    { references: [1], measurements: [d] },
  ],
  'type1-gage': (d) => [
    { data: d, reference: 1, tolerance: 1 },
    { data: d, reference: 1, tolerance: 0 },
  ],
  grr: (d) => [
    { values: [] },
    { values: [[d, d], [d]] },
    {
      values: [
        [d, d],
        [d, d.slice(1)],
      ],
      tolerance: 1,
    },
    {
      values: [
        [d, d],
        [d, d],
      ],
    },
    { values: [[d]], tolerance: 1 },
    { values: [[d], [d]] },
    {
      values: [
        [d.slice(0, 1), d.slice(0, 1)],
        [d.slice(0, 1), d.slice(0, 1)],
      ],
      tolerance: 1,
    },
    { values: [[d, d]] },
  ],
  'grr-nested': (d) => [
    { values: [] },
    { values: [[d, d], [d]] },
    {
      values: [
        [d, d],
        [d, d.slice(1)],
      ],
      tolerance: 1,
    },
    {
      values: [
        [d, d],
        [d, d],
      ],
    },
    { values: [[d]], tolerance: 1 },
    {
      values: [
        [d.slice(0, 1), d.slice(0, 1)],
        [d.slice(0, 1), d.slice(0, 1)],
      ],
      tolerance: 1,
    },
  ],
  kappa: (d) => [
    { ratings: d.map(() => ['a', 'a']), categories: ['a', 'b'] },
    { ratings: d.map(() => ['a', 'a', 'b']), categories: ['a', 'b'] },
    {
      table: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      table: [
        [5, 0],
        [0, 0],
      ],
    },
    { ratings: d.map(() => ['a', 'a']), categories: ['a'] },
    { ratings: d.map(() => ['a']), categories: ['a', 'b'] },
  ],
  'attribute-agreement': (d) => [
    {
      ratings: d.map(() => [
        ['g', 'g'],
        ['g', 'g'],
      ]),
      reference: d.map(() => 'g'),
      goodCategory: 'g',
      badCategory: 'b',
    },
  ],
  hotelling: (d) =>
    ['individual']
      .flatMap((type) => [
        { type, alpha: 0.01, data: d.map((x) => [x, 2 * x]) },
        { type, alpha: 0.01, data: d.map((x, i) => [x, i * i]) },
        {
          type,
          alpha: 0.01,
          covMethod: 'successive-difference',
          data: d.map((x, i) => [x, i * i]),
        },
      ])
      .concat([
        {
          type: 'subgroup',
          alpha: 0.01,
          data: [d.map((x, i) => [x, i]), d.map((x, i) => [x, i])],
        } as never,
      ]),
  mewma: (d) => [
    { data: d.map((x, i) => [x, i * i]), lambda: 0.1, h: 8 },
    { data: d.map((x) => [x, x]), lambda: 0.1 },
  ],
  'generalized-variance': (d) => [
    { subgroups: [d.map((x, i) => [x, i * i]), d.map((x, i) => [x, i * i])] },
    { subgroups: [d.map((x) => [x, x])] },
  ],
};
