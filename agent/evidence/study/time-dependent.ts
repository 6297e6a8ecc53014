/**
 * Which time-dependent model of ISO 22514-2 the readings follow, why, and the indices by the methods
 * that suit it. The plain indices of a study assume one distribution for all moments; where location
 * or spread move, these stand beside them.
 */
import type { Law } from '../../spc/families.ts';
import type { Test } from '../../spc/location-tests.ts';
import type { Tolerance } from '../../spc/nonconforming.ts';
import { percentileIndices } from '../../spc/percentile-capability.ts';
import { type TimeModel, type TimeModelName, timeModel } from '../../spc/time-model.ts';
import { mixtureOverTime, rangeAndSigma } from '../../spc/time-model-capability.ts';
import { figures } from './figures.ts';
import type { Four } from './result.ts';

/** Indices by one method that the model allows. */
export interface MethodIndices extends Four {
  method: string;
}

export interface TimeDependent {
  model: TimeModelName;
  /** what the model means */
  words: string;
  why: string;
  /** what was compared: the subgroups, or blocks of neighbours */
  grouping: string;
  tests: Test[];
  /** the method to report, then others that are allowed */
  methods: MethodIndices[];
}

export interface TimeQuestion {
  /** subgroups without gaps in process order; evenly spaced ones of a long study */
  groups: readonly Float64Array[];
  grouping: string;
  tolerance: Tolerance;
  /** mean and overall sigma of all readings */
  mean: number;
  sigma: number | null;
  /** fits one distribution to all readings, when it is needed; null when none fits */
  fitted: () => { law: Law; name: string } | null;
}

/** Neighbours that stand for a subgroup where readings are individuals. */
export const BLOCK = 5;

const WORDS: Record<TimeModelName, string> = {
  A1: 'location and spread constant, normal',
  A2: 'location and spread constant, not normal',
  B: 'location constant, spread changing',
  C1: 'location random, normal as a whole',
  C2: 'location random, not normal as a whole',
  C3: 'location moving systematically (drift, wear), spread constant',
  C4: 'location moving systematically and at random, spread constant',
  D: 'location and spread changing',
};

/** Model, reasons and indices, or why no model can be told. */
export function timeDependent(question: TimeQuestion): TimeDependent | { reason: string } {
  const found = timeModel(question.groups);
  if (!('model' in found)) return found;
  return {
    model: found.model,
    words: WORDS[found.model],
    why: reasons(found),
    grouping: question.grouping,
    tests: found.tests,
    methods: methodsOf(found, question),
  };
}

function reasons(found: TimeModel): string {
  const told = found.tests
    .filter((test) => test.p !== null)
    .map(({ question, p, found: yes }) => {
      const chance = (p as number) < 0.001 ? 'p < 0.001' : `p = ${(p as number).toFixed(3)}`;
      const asked = question.replace(/\?$/, '');
      const shape = question.startsWith('are') && question.includes('normal');
      return `${asked}: ${(shape ? !yes : yes) ? 'yes' : 'no'} (${chance})`;
    });
  return told.join('; ');
}

/** What the model allows, the one to report first. */
function methodsOf(found: TimeModel, question: TimeQuestion): MethodIndices[] {
  const { model } = found;
  const listed =
    model === 'A1' || model === 'C1'
      ? [normal(question)]
      : model === 'C3' || model === 'C4'
        ? [extended(found, question), mixed(found, question)]
        : model === 'D'
          ? [mixed(found, question), distribution(question)]
          : [distribution(question), mixed(found, question)];
  return listed.filter((one) => one !== null);
}

function normal({ mean, sigma, tolerance: { lsl, usl } }: TimeQuestion): MethodIndices | null {
  if (sigma === null || !(sigma > 0)) return null;
  const ppl = lsl === null ? null : (mean - lsl) / (3 * sigma);
  const ppu = usl === null ? null : (usl - mean) / (3 * sigma);
  const pp = lsl === null || usl === null ? null : (usl - lsl) / (6 * sigma);
  const ppk = ppl === null ? ppu : ppu === null ? ppl : Math.min(ppl, ppu);
  return { method: 'mean and six overall sigmas', pp, ppl, ppu, ppk };
}

function distribution({ fitted, tolerance }: TimeQuestion): MethodIndices | null {
  const one = fitted();
  if (one === null) return null;
  return {
    method: `percentiles of the ${one.name} distribution of all readings`,
    ...four(one.law, tolerance),
  };
}

function mixed(found: TimeModel, { groups, tolerance }: TimeQuestion): MethodIndices | null {
  const law = mixtureOverTime(groups, found);
  if (law === null) return null;
  const method = 'percentiles of the mixture of all moments, each with its own location and spread';
  return { method, ...four(law, tolerance) };
}

function extended(found: TimeModel, { groups, tolerance }: TimeQuestion): MethodIndices | null {
  const range = rangeAndSigma(groups, found, tolerance);
  if (range === null) return null;
  const { lowest, highest, sigma, pp, ppl, ppu, ppk } = range;
  const spread = `${figures(highest - lowest)} + 6 × ${figures(sigma)}`;
  const method = `systematic range of the location and six residual sigmas (${spread})`;
  return { method, pp, ppl, ppu, ppk };
}

function four(law: Law, tolerance: Tolerance): Four {
  const { pp, ppl, ppu, ppk } = percentileIndices(law, tolerance);
  return { pp, ppl, ppu, ppk };
}
