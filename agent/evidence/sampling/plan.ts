/** A sampling plan for a lot: single, double, on variables, accept-on-zero; with its curves. */
import {
  AQLS,
  codeLetter,
  type DoubleTablePlan,
  doublePlan,
  type Found,
  type Level,
  type Severity,
  type SinglePlan,
  singlePlan,
} from '../../spc/attribute-tables.ts';
import {
  type CurvePlan,
  type CurvePoint,
  curveAt,
  outgoingLimit,
  type ZeroPlan,
  zeroPlan,
} from '../../spc/sampling-curves.ts';
import { type SkipLotLongRun, type SkipLotPlan, skipLotLongRun } from '../../spc/skip-lot.ts';
import {
  type MatchedPlan,
  matchedVariablesPlan,
  type VariablesLevel,
  type VariablesPlan,
  variablesLetter,
  variablesPlan,
} from '../../spc/variables-tables.ts';

export interface SamplingWish {
  lot: number;
  aql: number;
  level: Level;
  severity: Severity;
  /** quality that must hardly ever pass, and how often it may: for accept-on-zero */
  limit: number;
  beta: number;
  skip: SkipLotPlan | null;
}

export interface SamplingAdvice {
  lot: number;
  aql: number;
  level: Level;
  severity: Severity;
  letter: string | null;
  single: Found<SinglePlan>;
  /** the sample is the whole lot: inspect every piece */
  wholeLot: boolean;
  double: Found<DoubleTablePlan>;
  variables: Found<VariablesPlan> & { letter: string | null };
  matched: MatchedPlan | null;
  zero: (ZeroPlan & { limit: number; beta: number }) | null;
  curve: { p: number; single: CurvePoint | null; double: CurvePoint | null }[];
  aoql: { p: number; aoql: number } | null;
  skip: (SkipLotPlan & { atAql: SkipLotLongRun | null }) | null;
}

/** All plans for one lot. What a table does not hold is null with a reason. */
export function samplingAdvice(wish: SamplingWish): SamplingAdvice {
  const { lot, aql, level, severity } = wish;
  const letter = codeLetter(lot, level);
  const none = { plan: null, reason: 'a lot has two pieces or more' } as const;
  const single = letter === null ? none : singlePlan(letter, aql, severity);
  const double =
    letter === null
      ? none
      : severity === 'normal'
        ? doublePlan(letter, aql)
        : { plan: null, reason: 'double plans are held for normal inspection alone' };
  const zero = zeroPlan(wish.limit, wish.beta, lot);
  const curves = curvePlans(single.plan, double.plan, aql);
  const share = aql / 100;
  const paAtAql = curves.single === null ? null : curveAt(curves.single, share, null).pa;
  return {
    ...{ lot, aql, level, severity, letter, single, double },
    wholeLot: single.plan !== null && single.plan.n >= lot,
    variables: onVariables(wish),
    matched: curves.single === null ? null : matched(single.plan),
    zero: zero === null ? null : { ...zero, limit: wish.limit, beta: wish.beta },
    curve: qualities(share).map((p) => ({
      p,
      single: curves.single === null ? null : curveAt(curves.single, p, lot),
      double: curves.double === null ? null : curveAt(curves.double, p, lot),
    })),
    aoql:
      curves.single === null || single.plan === null || single.plan.n > lot
        ? null
        : outgoingLimit(curves.single, lot),
    skip:
      wish.skip === null
        ? null
        : { ...wish.skip, atAql: paAtAql === null ? null : skipLotLongRun(paAtAql, wish.skip) },
  };
}

/** Above 10 the AQL counts nonconformities, for which a share of bad pieces means nothing. */
const LAST_PERCENT = AQLS.indexOf(10);

function curvePlans(single: SinglePlan | null, double: DoubleTablePlan | null, aql: number) {
  const none = { single: null, double: null };
  if (AQLS.indexOf(aql) > LAST_PERCENT) return none;
  const first: CurvePlan | null = single === null ? null : { n: single.n, ac: single.ac };
  const second: CurvePlan | null =
    double === null
      ? null
      : { n1: double.n, c1: double.ac1, r1: double.re1, n2: double.n, c2: double.ac2 };
  return { single: first, double: second };
}

function matched(plan: SinglePlan | null): MatchedPlan | null {
  return plan === null ? null : matchedVariablesPlan(plan.n, plan.ac);
}

/** The table of variables has no S-1 and S-2. */
function onVariables({ lot, aql, level, severity }: SamplingWish) {
  const own = level.replace('-', '') as VariablesLevel;
  if (level === 'S-1' || level === 'S-2') {
    return { letter: null, plan: null, reason: `level ${level} has no plan on variables` };
  }
  const letter = variablesLetter(lot, own);
  if (letter === null) return { letter, plan: null, reason: 'a lot has two pieces or more' };
  return { letter, ...variablesPlan(letter, aql, severity) };
}

/** Qualities around the AQL at which a curve says something. */
function qualities(aql: number): number[] {
  return [0.25, 0.5, 1, 2, 3, 5, 8, 12]
    .map((times) => Number((times * aql).toPrecision(6)))
    .filter((p) => p < 1);
}
