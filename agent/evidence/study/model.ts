/**
 * Which distribution describes the readings? The order of reasons: what the characteristic is by
 * nature, then whether the normal one may be kept, then the best fit; none at all for a process
 * that is not stable, whose readings come from more than one distribution.
 */
import type { Law, Params } from '../../spc/families.ts';
import type { Tolerance } from '../../spc/nonconforming.ts';
import { logLikelihood, percentileIndices } from '../../spc/percentile-capability.ts';
import { THRESHOLD_FAMILIES } from '../../spc/threshold-fits.ts';
import { fitTests } from './fit-tests.ts';
import { type Distribution, type Fitted, fitLaw, whyNotFitted } from './laws.ts';
import type { Verdict } from './stability.ts';

export interface Candidate {
  distribution: Distribution;
  params: Params;
  /** corrected information criterion: smaller is better */
  aicc: number | null;
  /** chance of readings that fit this badly, if they were of this distribution: decides */
  p: number | null;
  /** the same by Shapiro-Wilk (up to 5000 readings) and by Lilliefors' Kolmogorov-Smirnov */
  pShapiroWilk: number | null;
  pLilliefors: number | null;
}

export interface Model {
  distribution: Distribution;
  form: string | null;
  params: Params;
  why: string;
  /** whether the choice can be relied on */
  fits: boolean;
  candidates: Candidate[];
}

export interface ModelInput {
  /** a bounded number of readings */
  values: readonly number[];
  tolerance: Tolerance;
  verdict: Verdict;
  /** normality test */
  p: number | null;
  asked: Distribution | 'auto';
  /** what is measured, e.g. flatness; see HINTS */
  hint: string | null;
}

/** Candidates by what is measured: form and position errors cannot be normal. */
export const HINTS: Record<string, readonly Distribution[]> = {
  length: ['normal'],
  diameter: ['normal'],
  hardness: ['normal'],
  flatness: ['folded-normal', 'weibull', 'half-normal', 'gamma', 'lognormal'],
  straightness: ['folded-normal', 'weibull', 'half-normal', 'gamma', 'lognormal'],
  roundness: ['folded-normal', 'weibull', 'gamma', 'lognormal'],
  parallelism: ['folded-normal', 'weibull', 'half-normal', 'gamma'],
  runout: ['rayleigh', 'folded-normal', 'weibull', 'gamma'],
  position: ['rayleigh', 'weibull', 'gamma', 'folded-normal'],
  concentricity: ['rayleigh', 'weibull', 'gamma', 'folded-normal'],
  roughness: ['lognormal', 'gamma', 'weibull', 'gumbel-max'],
  strength: ['normal', 'weibull', 'gumbel-min', 'lognormal'],
  time: ['lognormal', 'weibull', 'gamma', 'exponential'],
};

const GENERAL: readonly Distribution[] = [
  'lognormal',
  'weibull',
  'gamma',
  'folded-normal',
  'half-normal',
  'rayleigh',
  'exponential',
  'logistic',
  'loglogistic',
  'gumbel-max',
  'gumbel-min',
];

const P_LIMIT = 0.05;
const FEWEST_TO_LEAVE_NORMAL = 50;
/** A change of Ppk below this share is no reason to leave the normal distribution. */
const SMALL_EFFECT = 0.05;

/** Chooses a model and says why; null without spread or with too few readings. */
export function chooseModel(input: ModelInput): { model: Model; law: Law } | null {
  const normal = fitLaw('normal', input.values);
  if (normal === null) return null;
  if (input.asked !== 'auto') return asked(input, input.asked, normal);
  const { hint, verdict, p } = input;
  const keep = (why: string, fits: boolean, candidates: Candidate[] = []) =>
    done(normal, why, fits, candidates);
  if (verdict === 'unstable') {
    const why = 'the process is unstable: no distribution describes it, none is fitted';
    return keep(why, false);
  }
  if (hint !== null && HINTS[hint]?.[0] !== 'normal') {
    const hinted = best(HINTS[hint] ?? [], input.values);
    const why = `by the nature of ${hint}, and the best fit of its kind`;
    if (hinted.chosen !== null) return done(hinted.chosen, why, true, hinted.tried);
  }
  if (p === null) return keep('too few different readings to test', false);
  const tested = `normality is not contradicted (p = ${p.toFixed(3)})`;
  if (p >= P_LIMIT) return keep(tested, true);
  const not = `normality is contradicted (p ${p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`})`;
  if (input.values.length < FEWEST_TO_LEAVE_NORMAL) {
    return keep(`${not}, but ${input.values.length} readings cannot tell another`, false);
  }
  return leaveNormal(input, normal, not);
}

/** Another distribution that fits, if it matters; else Johnson, the readings, or a warning. */
function leaveNormal({ values, tolerance }: ModelInput, normal: Fitted, not: string) {
  const { chosen, tried } = best(GENERAL, values);
  if (chosen !== null) {
    const effect = effectOn(tolerance, normal.law, chosen.law);
    if (effect !== null && effect < SMALL_EFFECT) {
      const little = `${not}, but ${chosen.distribution} changes Ppk by less than 5 %`;
      return done(normal, little, true, tried);
    }
    return done(chosen, `${not}; best fit by AICc among those that fit`, true, tried);
  }
  // More parameters only where fewer do not do: a threshold, then streams that were not kept apart.
  const more = best(THRESHOLD_FAMILIES, values);
  const all = [...tried, ...more.tried];
  if (more.chosen !== null) {
    return done(more.chosen, `${not}, and no family without a threshold fits`, true, all);
  }
  for (const name of ['mixture-2', 'mixture-3', 'johnson', 'empirical'] as const) {
    const fitted = fitLaw(name, values);
    if (fitted === null) continue;
    const fits = name === 'empirical' || (fitTests(fitted.law, values).p ?? 0) > P_LIMIT;
    const streams = name.startsWith('mixture') ? ': two or three streams?' : '';
    if (fits) return done(fitted, `${not}, and no family fits${streams}`, true, all);
  }
  return done(normal, `${not}, and no other distribution fits either`, false, all);
}

function asked(input: ModelInput, distribution: Distribution, normal: Fitted) {
  const fitted = distribution === 'normal' ? normal : fitLaw(distribution, input.values);
  if (fitted === null) {
    const refused = whyNotFitted(distribution, input.values);
    const why = `${distribution} was asked for, but ${refused}`;
    return done(normal, why, false, []);
  }
  const { p } = fitTests(fitted.law, input.values);
  const good = p === null || p > P_LIMIT;
  const test = p === null ? '' : ` (fit p = ${p.toFixed(3)})`;
  return done(fitted, `asked for${test}`, good, []);
}

function done(
  { distribution, form, params, law }: Fitted,
  why: string,
  fits: boolean,
  candidates: Candidate[],
) {
  return { model: { distribution, form, params, why, fits, candidates }, law };
}

/** The candidate with the smallest AICc among those that fit, and all that were tried. */
function best(names: readonly Distribution[], values: readonly number[]) {
  const tried: Candidate[] = [];
  let chosen: Fitted | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const fitted = fitLaw(name, values);
    if (fitted === null) continue;
    const aicc = aiccOf(fitted, values);
    const tests = fitTests(fitted.law, values);
    const { p } = tests;
    tried.push({ distribution: name, params: fitted.params, aicc, ...tests });
    if (aicc === null || p === null || p <= P_LIMIT || aicc >= least) continue;
    least = aicc;
    chosen = fitted;
  }
  return { chosen, tried };
}

function aiccOf({ law, free }: Fitted, values: readonly number[]): number | null {
  const n = values.length;
  const likelihood = logLikelihood(law, values);
  if (likelihood === null || n <= free + 1) return null;
  return 2 * free - 2 * likelihood + (2 * free * (free + 1)) / (n - free - 1);
}

function effectOn(tolerance: Tolerance, normal: Law, other: Law): number | null {
  const before = percentileIndices(normal, tolerance).ppk;
  const after = percentileIndices(other, tolerance).ppk;
  if (before === null || after === null || before === 0) return null;
  return Math.abs(after / before - 1);
}
