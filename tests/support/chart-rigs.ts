import type { ChartRig } from '../contracts/chart.ts';

const plain = { pair: false, timeWeighted: false };
const paired = { pair: true, timeWeighted: false };

/** A count as chance would have it: mean and variance of the model, shifted by standard errors. */
const counted =
  (mean: number, sd: number, most = Number.POSITIVE_INFINITY) =>
  (chance: number, shift: number) =>
    Math.min(most, Math.max(0, Math.round(mean + (chance + shift) * sd)));

const STREAMS = ['1', '2', '3', '4'];
const streams = {
  size: 4,
  pair: true,
  timeWeighted: false,
  twoSided: true,
  subgroup: { kind: 'by-stream', streams: STREAMS },
  limits: { kind: 'fixed', center: 0, sigma: 1 },
  contextOf: (i: number) => ({ cavity: STREAMS[i % 4] ?? '' }),
  /** the third cavity wanders off */
  reading: (chance: number, shift: number, i: number) =>
    10 + 0.3 * chance + (i % 4 === 2 ? 1.2 * shift : 0),
};

const parts = {
  contextOf: (i: number) => ({ part: i % 3 === 0 ? 'A' : 'B' }),
  reading: (chance: number, shift: number, i: number) =>
    i % 3 === 0 ? 10 + chance + shift : 50 + chance + shift,
};

const binomial = (kind: string): ChartRig => ({
  kind,
  ...plain,
  size: 100,
  subgroup: { kind: 'counts', sampleSize: 100 },
  limits: { kind: 'fixed', center: 0.4 },
  reading: counted(40, Math.sqrt(24), 100),
});

const poisson = (kind: string): ChartRig => ({
  kind,
  ...plain,
  size: 2.5,
  subgroup: { kind: 'counts', sampleSize: 2.5 },
  limits: { kind: 'fixed', center: 12 },
  reading: counted(30, Math.sqrt(30)),
});

const tolerance = { own: { lsl: 2, usl: 18 } };

/** Every kind of chart with a process it suits. */
export const chartRigs: ChartRig[] = [
  { kind: 'xbar-r', size: 5, ...paired },
  { kind: 'xbar-s', size: 10, ...paired },
  { kind: 'imr', size: 1, ...paired, neighbours: true },
  { kind: 'median', size: 4, ...paired },
  {
    kind: 'range',
    size: 5,
    ...plain,
    shifts: [1],
    reading: (chance, shift) => 10 + chance * (1 + 3 * shift),
  },
  {
    kind: 'sd',
    size: 12,
    ...plain,
    shifts: [1, -1],
    reading: (chance, shift) => 10 + chance * (shift < 0 ? 0.05 : 1 + 2 * shift),
    quiet: (i) => 10 + (i % 2 === 0 ? 1 : -1),
  },
  {
    kind: 'between-within',
    size: 4,
    ...paired,
    neighbours: true,
    settings: { sigmaOfMeans: 0.8 },
  },
  { kind: 'ewma', size: 3, pair: false, timeWeighted: true },
  { kind: 'cusum', size: 2, pair: true, timeWeighted: true },
  { kind: 'ma', size: 2, pair: false, timeWeighted: true },
  { kind: 'zone', size: 1, pair: false, timeWeighted: true },
  { kind: 'modified', size: 4, ...plain, ...tolerance, shifts: [8, -8] },
  { kind: 'acceptance', size: 4, ...plain, ...tolerance, shifts: [8, -8] },
  {
    kind: 'pre-control',
    size: 1,
    ...paired,
    own: { lsl: 6, usl: 14 },
    given: true,
    shifts: [5, -5],
    reading: (chance, shift) => 10 + 0.8 * chance + shift,
  },
  {
    kind: 'regression',
    size: 2,
    ...plain,
    limits: { kind: 'fixed', center: 10, sigma: 1, parameters: { slope: 0.01 } },
  },
  {
    kind: 'residual',
    size: 1,
    pair: false,
    timeWeighted: true,
    settings: { phi: 0.3 },
  },
  { kind: 'group', ...streams },
  {
    kind: 'group-run',
    ...streams,
    quiet: (i) => 10 + 0.01 * ((i + Math.floor(i / 4)) % 4),
  },
  {
    kind: 'dnom',
    size: 1,
    ...paired,
    ...parts,
    neighbours: true,
    settings: { nominals: { A: 10, B: 50 } },
    limits: { kind: 'fixed', center: 0, sigma: 1 },
  },
  {
    kind: 'z-mr',
    size: 1,
    ...paired,
    ...parts,
    neighbours: true,
    given: true,
    settings: { parts: { A: { mean: 10, sigma: 1 }, B: { mean: 50, sigma: 1 } } },
  },
  {
    kind: 'q',
    size: 1,
    ...plain,
    given: true,
    lost: 2,
    reading: (chance, shift, i) => 10 + chance + (i < 14 ? 0 : 3 * shift),
  },
  binomial('p'),
  binomial('np'),
  binomial('laney-p'),
  poisson('c'),
  poisson('u'),
  poisson('laney-u'),
  {
    kind: 'g',
    size: 1,
    ...plain,
    shifts: [1],
    limits: { kind: 'fixed', center: 20 },
    reading: (chance, shift) => Math.round(20 + 8 * chance + 200 * shift),
  },
  {
    kind: 't',
    size: 1,
    ...plain,
    shifts: [1, -1],
    limits: { kind: 'fixed', center: 20 },
    reading: (chance, shift) => Math.exp(3 + 0.5 * chance + 7 * shift),
  },
];
