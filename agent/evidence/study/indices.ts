/** Capability and performance indices with their bounds, the method named beside each. */
import {
  bissellInterval,
  bissellLower,
  chiSquareInterval,
  chiSquareLower,
  type Interval,
  indices as normalIndices,
} from '../../spc/capability.ts';
import type { Law } from '../../spc/families.ts';
import { noncentralTParameter } from '../../spc/noncentral-t.ts';
import { cpm, cpmDf, cpmStar, type Tolerance, zBench } from '../../spc/nonconforming.ts';
import { normalQuantile, normalUpperQuantile } from '../../spc/normal.ts';
import { lawOutside, percentileIndices } from '../../spc/percentile-capability.ts';

export interface Index {
  value: number | null;
  /** ends of the two-sided interval, 95 % unless --confidence says otherwise */
  lower95: number | null;
  upper95: number | null;
  /** one-sided lower bound at the same confidence: what the data prove */
  bound95: number | null;
  method: string;
  /** why there is no value */
  reason: string | null;
}

export const INDEX_NAMES = [
  'cr',
  'cp',
  'cpl',
  'cpu',
  'cpk',
  'pr',
  'pp',
  'ppl',
  'ppu',
  'ppk',
  'cpm',
  'cpmStar',
  'zBench',
  'zBenchWithin',
] as const;
export type IndexName = (typeof INDEX_NAMES)[number];
export type IndexSet = Record<IndexName, Index>;

export type NonNormalMethod = 'percentile' | 'z-score';

export interface IndicesInput {
  n: number;
  mean: number;
  sigmaWithin: number | null;
  /** degrees of freedom of sigmaWithin, and whether it is exactly chi-square */
  df: number;
  exact: boolean;
  sigmaOverall: number | null;
  /** without the side of a natural bound */
  tolerance: Tolerance;
  target: number | null;
  confidence: number;
  /** the model when it is not normal */
  law: { law: Law; name: string; method: NonNormalMethod } | null;
}

/** All indices; what is not defined is null with its reason. */
export function indexSet(input: IndicesInput): IndexSet {
  const { mean, sigmaWithin, sigmaOverall, tolerance } = input;
  const normal = normalIndices({ mean, sigmaWithin, sigmaOverall, ...tolerance });
  const within = group(input, input.df, input.exact, 'within');
  const overall = group(input, input.n - 1, true, 'overall');
  const target = targeted(input);
  const set: IndexSet = {
    cr: inverse(within.width(normal.cp)),
    cp: within.width(normal.cp),
    cpl: within.side(normal.cpl),
    cpu: within.side(normal.cpu),
    cpk: within.nearer(normal.cpk),
    pr: inverse(overall.width(normal.pp)),
    pp: overall.width(normal.pp),
    ppl: overall.side(normal.ppl),
    ppu: overall.side(normal.ppu),
    ppk: overall.nearer(normal.ppk),
    ...target,
    zBench: plain(zBench(mean, sigmaOverall, tolerance), 'normal, overall sigma', input),
    zBenchWithin: plain(zBench(mean, sigmaWithin, tolerance), 'normal, within sigma', input),
  };
  if (input.law !== null) replaceByModel(set, input);
  return set;
}

/** Indices of a model by its percentiles (ISO 22514-2) or through z-scores (Minitab). */
export function modelIndices(law: Law, tolerance: Tolerance, method: NonNormalMethod) {
  if (method === 'percentile') return percentileIndices(law, tolerance);
  const { lsl, usl } = tolerance;
  const z = (limit: number) =>
    law.cdf(limit) < 0.5 ? normalQuantile(law.cdf(limit)) : normalUpperQuantile(law.sf(limit));
  const zl = lsl === null ? null : z(lsl);
  const zu = usl === null ? null : z(usl);
  const ppl = zl === null ? null : -zl / 3;
  const ppu = zu === null ? null : zu / 3;
  const ppk = ppl === null ? ppu : ppu === null ? ppl : Math.min(ppl, ppu);
  return { pp: zl === null || zu === null ? null : (zu - zl) / 6, ppl, ppu, ppk };
}

/** CR = 1/Cp, PR = 1/Pp: the share of the tolerance that is used. Its bound is an upper one. */
function inverse(index: Index): Index {
  const over = (x: number | null) => (x === null || !(x > 0) ? null : 1 / x);
  const { value, lower95, upper95, bound95, method, reason } = index;
  return {
    ...{ value: over(value), lower95: over(upper95), upper95: over(lower95) },
    ...{ bound95: over(bound95), method: `1 over: ${method}; the bound is an upper one`, reason },
  };
}

function group(input: IndicesInput, df: number, exact: boolean, which: 'within' | 'overall') {
  const { n, confidence } = input;
  const twoSided = input.tolerance.lsl !== null && input.tolerance.usl !== null;
  const sigma = which === 'within' ? input.sigmaWithin : input.sigmaOverall;
  const why = whyNot(input, sigma);
  const bissell = (c: number | null): Index => ({
    ...bounds(c, bissellInterval(c, n, df, confidence), bissellLower(c, n, df, confidence)),
    method: `normal, ${which} sigma; Bissell, ${say(df)} degrees of freedom`,
    reason: c === null ? why.side : null,
  });
  const noncentral = (c: number | null): Index => ({
    ...bounds(c, exactInterval(c, n, df, confidence), exactBound(c, n, df, confidence)),
    method: `normal, ${which} sigma; exact by noncentral t, ${say(df)} degrees of freedom`,
    reason: c === null ? why.side : null,
  });
  const one = exact && !twoSided ? noncentral : bissell;
  return {
    side: one,
    nearer: one,
    width: (c: number | null): Index => ({
      ...bounds(c, chiSquareInterval(c, df, confidence), chiSquareLower(c, df, confidence)),
      method: `normal, ${which} sigma; chi-square, ${say(df)} degrees of freedom`,
      reason: c === null ? why.width : null,
    }),
  };
}

function whyNot({ tolerance: { lsl, usl } }: IndicesInput, sigma: number | null) {
  if (lsl === null && usl === null) {
    return { width: 'no specification limit is given', side: 'no specification limit is given' };
  }
  const unknown = 'sigma cannot be estimated';
  if (sigma === null) return { width: unknown, side: unknown };
  if (sigma === 0) return { width: 'sigma is 0', side: 'sigma is 0' };
  const why = `there is no ${lsl === null ? 'lower' : 'upper'} limit`;
  return { width: why, side: why };
}

function targeted(input: IndicesInput): { cpm: Index; cpmStar: Index } {
  const { mean, sigmaOverall, target, tolerance, n, confidence } = input;
  const df = cpmDf(mean, sigmaOverall, target, n);
  const one = (value: number | null, formula: string): Index => ({
    ...bounds(
      value,
      df === null ? null : chiSquareInterval(value, df, confidence),
      df === null ? null : chiSquareLower(value, df, confidence),
    ),
    method: `${formula}, overall sigma; Boyles, ${say(df ?? 0)} degrees of freedom`,
    reason:
      value !== null
        ? null
        : target === null
          ? 'no target is given'
          : tolerance.lsl === null || tolerance.usl === null
            ? 'Cpm needs two limits'
            : 'sigma cannot be estimated or is 0',
  });
  return {
    cpm: one(cpm(mean, sigmaOverall, target, tolerance), '(USL - LSL)/6 tau'),
    cpmStar: one(cpmStar(mean, sigmaOverall, target, tolerance), 'min(USL - T, T - LSL)/3 tau'),
  };
}

function plain(value: number | null, method: string, input: IndicesInput): Index {
  const reason =
    value !== null
      ? null
      : input.tolerance.lsl === null && input.tolerance.usl === null
        ? 'no specification limit is given'
        : 'sigma is unknown or 0, or the fraction outside is 0 or 1 to machine precision';
  return { value, lower95: null, upper95: null, bound95: null, method, reason };
}

/** The P indices become those of the model; within-subgroup indices have no meaning there. */
function replaceByModel(set: IndexSet, input: IndicesInput): void {
  if (input.law === null) return;
  const { law, name, method } = input.law;
  const found = modelIndices(law, input.tolerance, method);
  const words = `${name}, ${method === 'percentile' ? 'percentile method (ISO 22514-2)' : 'z-score method'}`;
  const { n, confidence } = input;
  for (const key of ['pp', 'ppl', 'ppu', 'ppk'] as const) {
    const value = found[key];
    const interval =
      key === 'pp'
        ? chiSquareInterval(value, n - 1, confidence)
        : bissellInterval(value, n, n - 1, confidence);
    const bound =
      key === 'pp'
        ? chiSquareLower(value, n - 1, confidence)
        : bissellLower(value, n, n - 1, confidence);
    set[key] = {
      ...bounds(value, interval, bound),
      method: `${words}; bounds as for a normal process, approximate`,
      reason: value === null ? reasonOfModel(set[key], method) : null,
    };
  }
  set.pr = inverse(set.pp);
  for (const key of ['cr', 'cp', 'cpl', 'cpu', 'cpk', 'zBenchWithin'] as const) {
    const reason = `not defined for the ${name} model: within-subgroup indices assume normality`;
    set[key] = { ...plain(null, words, input), reason: set[key].reason ?? reason };
  }
  const outside = lawOutside(law, input.tolerance).total;
  set.zBench = plain(normalUpperQuantile(outside), words, input);
}

function reasonOfModel(index: Index, method: NonNormalMethod): string {
  if (index.reason !== null) return index.reason;
  return method === 'z-score'
    ? 'a limit lies where the model has no readings: use the percentile method'
    : 'the model has no such percentiles';
}

function bounds(value: number | null, interval: Interval | null, bound: number | null) {
  return {
    value,
    lower95: interval?.lower ?? null,
    upper95: interval?.upper ?? null,
    bound95: bound,
  };
}

/** 3 sqrt(n) C is noncentral t with noncentrality 3 sqrt(n) C0 (Chou, Owen & Borrego 1990). */
function exactBound(c: number | null, n: number, df: number, p: number): number | null {
  if (c === null || !(df >= 1)) return null;
  const root = 3 * Math.sqrt(n);
  const ncp = noncentralTParameter(p, df, root * c);
  return ncp === null ? null : ncp / root;
}

function exactInterval(c: number | null, n: number, df: number, confidence: number) {
  const lower = exactBound(c, n, df, (1 + confidence) / 2);
  const upper = exactBound(c, n, df, (1 - confidence) / 2);
  return lower === null || upper === null ? null : { lower, upper };
}

const say = (df: number) => (Number.isInteger(df) ? String(df) : df.toFixed(1));
