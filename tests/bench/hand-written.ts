import type { Point } from '../../agent/model.ts';

/**
 * The baseline of P1: what a good programmer would write for exactly this task and no other. One
 * record per characteristic: subgroups with mean, range and s, bit windows for the eight Nelson
 * rules, EWMA, two-sided CUSUM, Welford moments and a histogram; limits are given, nothing is put
 * out but a count of broken rules. The engine judges the ranges and the tolerance as well, and has
 * a window of capability in place of the histogram.
 */
export interface HandWritten {
  center: number;
  sigma: number;
  /** of a subgroup mean */
  error: number;
  count: number;
  sum: number;
  squares: number;
  low: number;
  high: number;
  last: number;
  direction: number;
  above0: number;
  below0: number;
  rising: number;
  falling: number;
  alternating: number;
  above2: number;
  below2: number;
  above1: number;
  below1: number;
  within1: number;
  outside1: number;
  ewma: number;
  variance: number;
  sumHigh: number;
  sumLow: number;
  n: number;
  mean: number;
  m2: number;
  broken: number;
  /** the value before, and the spread of the last subgroup or pair */
  before: number;
  range: number;
  sd: number;
  /** where its bins begin */
  bins: number;
}

/** Bins of all characteristics, over ±6 sigma each. */
let histogram = new Uint32Array(0);
const BINS = 32;

/** The records before the first reading. */
export function handWrittenRecords(
  count: number,
  center: number,
  sigma: number,
  size: number,
): HandWritten[] {
  histogram = new Uint32Array(count * BINS);
  return Array.from({ length: count }, (_, i) => handWritten(center, sigma, size, i * BINS));
}

function handWritten(center: number, sigma: number, size: number, bins: number): HandWritten {
  const x = {
    ...{ center: 0.5, sigma: 0.5, error: 0.5, count: 0, sum: 0.5, squares: 0.5, low: 0.5 },
    ...{ high: 0.5, last: 0.5, direction: 0, above0: 0, below0: 0, rising: 0, falling: 0 },
    ...{ alternating: 0, above2: 0, below2: 0, above1: 0, below1: 0, within1: 0, outside1: 0 },
    ...{ ewma: 0.5, variance: 0.5, sumHigh: 0.5, sumLow: 0.5, n: 0, mean: 0.5, m2: 0.5 },
    ...{ broken: 0, before: 0.5, range: 0.5, sd: 0.5, bins: 0 },
  };
  x.bins = bins;
  x.center = center;
  x.sigma = sigma;
  x.error = sigma / Math.sqrt(size);
  for (const key of ['sum', 'squares', 'variance', 'sumHigh', 'sumLow', 'mean', 'm2'] as const) {
    x[key] = 0;
  }
  x.last = center;
  x.ewma = center;
  x.before = center;
  return x;
}

/** One reading into subgroups of five. */
export function stepFive(s: HandWritten, x: number): void {
  moments(s, x);
  if (s.count === 0) {
    s.low = x;
    s.high = x;
    s.sum = 0;
    s.squares = 0;
  } else {
    if (x < s.low) s.low = x;
    if (x > s.high) s.high = x;
  }
  const d = x - s.center;
  s.sum += d;
  s.squares += d * d;
  s.count += 1;
  if (s.count < 5) return;
  s.count = 0;
  const mean = s.center + s.sum / 5;
  s.sd = Math.sqrt(Math.max(0, s.squares - (s.sum * s.sum) / 5) / 4);
  s.range = s.high - s.low;
  point(s, mean);
}

/** One reading as an individual with its moving range. */
export function stepOne(s: HandWritten, x: number): void {
  moments(s, x);
  s.range = Math.abs(x - s.before);
  s.before = x;
  point(s, x);
}

function moments(s: HandWritten, x: number): void {
  const bin = Math.floor(((x - s.center) / s.sigma) * (BINS / 12) + BINS / 2);
  const at = s.bins + Math.max(0, Math.min(BINS - 1, bin));
  histogram[at] = (histogram[at] as number) + 1;
  s.n += 1;
  const d = x - s.mean;
  s.mean += d / s.n;
  s.m2 += d * (x - s.mean);
}

function point(s: HandWritten, value: number): void {
  const z = (value - s.center) / s.error;
  const step = value - s.last;
  const direction = step > 0 ? 1 : step < 0 ? -1 : 0;
  s.above0 = (s.above0 << 1) | (z > 0 ? 1 : 0);
  s.below0 = (s.below0 << 1) | (z < 0 ? 1 : 0);
  s.rising = (s.rising << 1) | (direction > 0 ? 1 : 0);
  s.falling = (s.falling << 1) | (direction < 0 ? 1 : 0);
  s.alternating = (s.alternating << 1) | (direction * s.direction < 0 ? 1 : 0);
  s.above2 = (s.above2 << 1) | (z > 2 ? 1 : 0);
  s.below2 = (s.below2 << 1) | (z < -2 ? 1 : 0);
  s.above1 = (s.above1 << 1) | (z > 1 ? 1 : 0);
  s.below1 = (s.below1 << 1) | (z < -1 ? 1 : 0);
  s.within1 = (s.within1 << 1) | (z <= 1 && z >= -1 ? 1 : 0);
  s.outside1 = (s.outside1 << 1) | (z > 1 || z < -1 ? 1 : 0);
  s.last = value;
  s.direction = direction;
  rules(s, z);
  s.variance = 0.04 + 0.64 * s.variance;
  s.ewma = 0.2 * value + 0.8 * s.ewma;
  if (Math.abs(s.ewma - s.center) > 2.962 * s.error * Math.sqrt(s.variance)) s.broken += 1;
  s.sumHigh = Math.max(0, s.sumHigh + z - 0.5);
  s.sumLow = Math.max(0, s.sumLow - z - 0.5);
  if (s.sumHigh > 4.774) s.broken += 1;
  if (s.sumLow > 4.774) s.broken += 1;
}

function rules(s: HandWritten, z: number): void {
  let broken = 0;
  if (z > 3 || z < -3) broken += 1;
  if ((s.above0 & 0x1ff) === 0x1ff || (s.below0 & 0x1ff) === 0x1ff) broken += 1;
  if ((s.rising & 0x1f) === 0x1f || (s.falling & 0x1f) === 0x1f) broken += 1;
  if ((s.alternating & 0xfff) === 0xfff) broken += 1;
  if (z > 2 && ones(s.above2 & 7) >= 2) broken += 1;
  if (z < -2 && ones(s.below2 & 7) >= 2) broken += 1;
  if (z > 1 && ones(s.above1 & 31) >= 4) broken += 1;
  if (z < -1 && ones(s.below1 & 31) >= 4) broken += 1;
  if ((s.within1 & 0x7fff) === 0x7fff) broken += 1;
  if ((s.outside1 & 0xff) === 0xff) broken += 1;
  s.broken += broken;
}

function ones(word: number): number {
  let x = word;
  let count = 0;
  while (x !== 0) {
    x &= x - 1;
    count += 1;
  }
  return count;
}

/** Reused for every point handed out. */
const told = {
  seq: 0,
  ordinal: 0,
  characteristic: 'c',
  chart: '',
  index: 0,
  timeMs: 0.5,
  partSequence: null,
  size: 5,
  value: 0.5,
  cl: 0.5,
  lcl: 0.5,
  ucl: 0.5,
  z: 0.5,
  rules: 0,
  spread: 0.5,
  spreadCl: 0.5,
  spreadLcl: 0.5,
  spreadUcl: 0.5,
  spreadZ: 0.5,
  spreadRules: 0,
  phase: 2 as const,
  limitsVersion: 1,
};

/** What a caller of a real engine gets: every chart's point with its lines, through a callback. */
export function handOut(s: HandWritten, timeMs: number, point: (point: Point) => void): void {
  told.timeMs = timeMs;
  told.index = s.n;
  tell('location', s.last, s.center, s.error * 3, s.before, s.sigma, point);
  tell('ewma', s.ewma, s.center, s.error * Math.sqrt(s.variance) * 2.962, 0.5, 1, point);
  tell('cusum', s.sumHigh, 0.5, 4.774, s.sumLow, 4.774, point);
}

function tell(
  chart: string,
  value: number,
  cl: number,
  half: number,
  spread: number,
  spreadUcl: number,
  point: (point: Point) => void,
): void {
  told.chart = chart;
  told.value = value;
  told.cl = cl;
  told.lcl = cl - half;
  told.ucl = cl + half;
  told.z = ((value - cl) / half) * 3;
  told.spread = spread;
  told.spreadCl = spreadUcl / 2;
  told.spreadLcl = spreadUcl / 4;
  told.spreadUcl = spreadUcl;
  told.spreadZ = spread / spreadUcl;
  point(told);
}
