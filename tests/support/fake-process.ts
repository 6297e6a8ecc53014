import type { Limits, Point, Signal } from '../../agent/model.ts';

/** mulberry32: a small seeded generator, so that pictures and tests repeat. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers by Box and Muller. */
export function normals(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface ProcessModel {
  id: string;
  mean: number;
  sigma: number;
  size: number;
  /** subgroups that estimate the limits */
  baseline: number;
  everyMs: number;
  /** shift in sigmas at a point number */
  drift: (index: number) => number;
  decimals: number;
}

/** One made-up process: makes readings, points of three charts and signals, subgroup by subgroup. */
export interface FakeProcess {
  readings: { timeMs: number; value: number }[];
  points: Point[];
  signals: Signal[];
  limits: Limits;
  step(timeMs: number): void;
}

export const FAKE_RULES = ['nelson-1', 'nelson-2', 'nelson-5'];
const TEXTS = [
  '1 point beyond the control limits',
  '9 points in a row on one side of the centre line',
  '2 of 3 points beyond 2 sigma on one side',
];
const D2 = 2.326;
const D3 = 0.864;
const H = 4.774;

export function fakeProcess(model: ProcessModel, random: () => number): FakeProcess {
  const normal = normals(random);
  const se = model.sigma / Math.sqrt(model.size);
  const memory: Memory = { zs: [], ewma: model.mean, up: 0, down: 0 };
  let index = 0;
  const process: FakeProcess = {
    readings: [],
    points: [],
    signals: [],
    limits: limitsOf(model),
    step(timeMs) {
      index += 1;
      const values = Array.from({ length: model.size }, () => {
        const raw = model.mean + model.sigma * (model.drift(index) + normal());
        return Number(raw.toFixed(model.decimals));
      });
      values.forEach((value, i) => {
        process.readings.push({ timeMs: timeMs - (model.size - 1 - i) * 4000, value });
      });
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const range = Math.max(...values) - Math.min(...values);
      const base = basePoint(model, index, timeMs, index <= model.baseline ? 1 : 2);
      memory.zs.push((mean - model.mean) / se);
      const made = [
        xbarPoint(base, model, memory, mean, range),
        ewmaPoint(base, model, memory, mean),
        cusumPoint(base, memory),
      ];
      made.forEach((point, ordinal) => {
        process.points.push({ ...point, ordinal });
        addSignals(process.signals, point);
      });
    },
  };
  return process;
}

interface Memory {
  zs: number[];
  ewma: number;
  up: number;
  down: number;
}

function xbarPoint(base: Point, model: ProcessModel, m: Memory, mean: number, range: number) {
  const se = model.sigma / Math.sqrt(model.size);
  const top = (D2 + 3 * D3) * model.sigma;
  const judged = base.phase === 2;
  return {
    ...base,
    chart: 'xbar-r',
    value: mean,
    cl: model.mean,
    lcl: model.mean - 3 * se,
    ucl: model.mean + 3 * se,
    z: m.zs.at(-1) ?? 0,
    rules: judged ? nelson(m.zs) : 0,
    spread: range,
    spreadCl: D2 * model.sigma,
    spreadLcl: 0,
    spreadUcl: top,
    spreadZ: (range - D2 * model.sigma) / (D3 * model.sigma),
    spreadRules: judged && range > top ? 1 : 0,
  };
}

function ewmaPoint(base: Point, model: ProcessModel, m: Memory, mean: number): Point {
  const se = model.sigma / Math.sqrt(model.size);
  m.ewma = 0.2 * mean + 0.8 * m.ewma;
  const half = 2.962 * se * Math.sqrt((0.2 / 1.8) * (1 - 0.8 ** (2 * base.index)));
  const beyond = base.phase === 2 && Math.abs(m.ewma - model.mean) > half;
  return {
    ...base,
    chart: 'ewma',
    value: m.ewma,
    cl: model.mean,
    lcl: model.mean - half,
    ucl: model.mean + half,
    z: (m.ewma - model.mean) / (half / 2.962),
    rules: beyond ? 1 : 0,
  };
}

function cusumPoint(base: Point, m: Memory): Point {
  const z = m.zs.at(-1) ?? 0;
  m.up = Math.max(0, m.up + z - 0.5);
  m.down = Math.max(0, m.down - z - 0.5);
  const mask = (sum: number) => (base.phase === 2 && sum > H ? 1 : 0);
  return {
    ...base,
    chart: 'cusum',
    value: m.up,
    cl: 0,
    ucl: H,
    rules: mask(m.up),
    spread: m.down,
    spreadCl: 0,
    spreadUcl: H,
    spreadRules: mask(m.down),
  };
}

/** Rules 1, 2 and 5 of Nelson on standardised points, enough to look real. */
function nelson(zs: number[]): number {
  const last = zs.at(-1) ?? 0;
  const nine = zs.slice(-9);
  const three = zs.slice(-3);
  const side = Math.sign(last);
  let mask = 0;
  if (Math.abs(last) > 3) mask |= 1;
  if (nine.length === 9 && nine.every((z) => z * side > 0)) mask |= 2;
  if (Math.abs(last) > 2 && three.filter((z) => z * side > 2).length >= 2) mask |= 4;
  return mask;
}

function addSignals(signals: Signal[], point: Point): void {
  const add = (mask: number, statistic: 'location' | 'spread', value: number, high: boolean) => {
    FAKE_RULES.forEach((rule, bit) => {
      if (((mask >>> bit) & 1) === 0) return;
      signals.push({
        seq: point.seq,
        ordinal: signals.length,
        characteristic: point.characteristic,
        chart: point.chart,
        statistic,
        rule,
        text: TEXTS[bit] ?? '',
        pointIndex: point.index,
        timeMs: point.timeMs,
        value,
        side: high ? 'upper' : 'lower',
        severity: bit === 0 ? 'alarm' : 'warning',
        provisional: false,
      });
    });
  };
  add(point.rules, 'location', point.value, point.value > (point.cl ?? 0));
  add(point.spreadRules, 'spread', point.spread ?? 0, true);
}

function basePoint(model: ProcessModel, index: number, timeMs: number, phase: 1 | 2): Point {
  return {
    seq: index,
    ordinal: 0,
    characteristic: model.id,
    chart: '',
    index,
    timeMs,
    partSequence: 4000 + index * 30,
    size: model.size,
    value: 0,
    cl: null,
    lcl: null,
    ucl: null,
    z: null,
    rules: 0,
    spread: null,
    spreadCl: null,
    spreadLcl: null,
    spreadUcl: null,
    spreadZ: null,
    spreadRules: 0,
    phase,
    limitsVersion: phase === 1 ? 0 : 1,
  };
}

function limitsOf(model: ProcessModel): Limits {
  return {
    characteristic: model.id,
    version: 1,
    origin: 'baseline',
    center: model.mean,
    sigma: model.sigma,
    estimator: 'rbar/d2',
    subgroups: model.baseline,
    readings: model.baseline * model.size,
    baselineOutside: 0,
    frozenAtMs: 0,
    approvedBy: null,
    approvedAtMs: null,
    note: '',
  };
}
