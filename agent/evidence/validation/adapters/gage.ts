import * as agreement from '../../../spc/agreement.ts';
import { attributeStudy } from '../../../spc/attribute-study.ts';
import { isBalanced } from '../../../spc/balanced.ts';
import * as gage from '../../../spc/gage.ts';
import * as rr from '../../../spc/gage-rr.ts';
import { type Adapter, type Input, need, option, undefinedFor } from './common.ts';

const scaleOf = (input: Input): rr.Scale => ({
  tolerance: option<number | null>(input, 'tolerance', null),
  studyVarMultiplier: option(input, 'studyVarMultiplier', 6),
});

export const grr: Adapter = (input) => {
  const values = need<number[][][]>(input, 'values');
  const scale = scaleOf(input);
  if (!isBalanced(values)) return undefinedFor(UNBALANCED);
  const study = rr.crossedStudy(values, scale, option(input, 'alphaRemoveInteraction', 0.05));
  return {
    anovaWithInteraction: null,
    withInteraction: null,
    anovaPooled: null,
    pooled: null,
    chosen: null,
    ...study,
    rangeMethod: rr.rangeStudy(values, scale),
  };
};

export const nested: Adapter = (input) => {
  const values = need<number[][][]>(input, 'values');
  if (!isBalanced(values)) return undefinedFor(UNBALANCED);
  const study = rr.nestedStudy(values, scaleOf(input));
  return answered(study, 'fewer than two operators, parts or trials');
};

const UNBALANCED = 'a trial is missing, or cells hold different numbers of trials';

/** The answer, or why there is none. */
function answered(study: object | null, reason: string): Record<string, unknown> {
  return study === null ? undefinedFor(reason) : { ...study };
}

export const bias: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  const confidence = option(input, 'confidence', 0.95);
  const study = gage.biasStudy(data, need<number>(input, 'reference'), confidence);
  return answered(study, 'there is no reading');
};

export const linearity: Adapter = (input) => {
  const references = need<number[]>(input, 'references');
  const measurements = need<number[][]>(input, 'measurements');
  const confidence = option(input, 'confidence', 0.95);
  const study = gage.linearityStudy(references, measurements, confidence);
  return answered(study, 'fewer than two references, or fewer than three readings');
};

export const type1: Adapter = (input) => {
  const study = gage.type1Study(
    need<number[]>(input, 'data'),
    need<number>(input, 'reference'),
    need<number>(input, 'tolerance'),
    option(input, 'percent', 20),
    option(input, 'studyVarMultiplier', 6),
  );
  return answered(study, 'there is no reading');
};

export const kappa: Adapter = (input) => {
  const ratings = option<(string | number)[][] | null>(input, 'ratings', null);
  const categories = option<(string | number)[]>(input, 'categories', []);
  const two = ratings !== null && ratings[0]?.length === 2;
  const counted = categories.map((a) =>
    categories.map((b) => (ratings ?? []).filter((pair) => pair[0] === a && pair[1] === b).length),
  );
  const table = two ? counted : option<number[][] | null>(input, 'table', null);
  const weighted = (weights: 'linear' | 'quadratic') =>
    table === null ? null : { kappa: agreement.weightedKappa(table, weights) };
  const perUnit = (ratings ?? []).map((unit) =>
    categories.map((category) => unit.filter((one) => one === category).length),
  );
  return {
    cohen: table === null ? null : agreement.cohenKappa(table),
    weightedLinear: weighted('linear'),
    weightedQuadratic: weighted('quadratic'),
    fleiss: ratings === null ? null : agreement.fleissKappa(perUnit),
  };
};

export const attributeAgreement: Adapter = (input) => ({
  ...attributeStudy(
    need<string[][][]>(input, 'ratings'),
    need<string[]>(input, 'reference'),
    need<string>(input, 'goodCategory'),
    need<string>(input, 'badCategory'),
    option(input, 'confidence', 0.95),
  ),
});
