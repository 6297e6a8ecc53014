import {
  codeLetter,
  doublePlan,
  type Level,
  type Severity,
  singlePlan,
} from '../../../spc/attribute-tables.ts';
import { curveAt, outgoingLimit, zeroPlan } from '../../../spc/sampling-curves.ts';
import { skipLotLongRun } from '../../../spc/skip-lot.ts';
import { matchedVariablesPlan, variablesPlan } from '../../../spc/variables-tables.ts';
import { type Adapter, need, option, undefinedFor } from './common.ts';

/** Plans by lot or letter and AQL, out of the tables. */
export const byAql: Adapter = (input) => {
  const lot = option<number | null>(input, 'lotSize', null);
  const given = option<string | null>(input, 'letter', null);
  const letter = given ?? codeLetter(lot ?? Number.NaN, option<Level>(input, 'level', 'II'));
  if (letter === null) return undefinedFor('a lot has two pieces or more');
  const aql = need<number>(input, 'aql');
  const severity = option<Severity>(input, 'severity', 'normal');
  const single = singlePlan(letter, aql, severity);
  const variables = variablesPlan(option(input, 'variablesLetter', letter), aql, severity);
  return {
    letter,
    single: single.plan,
    double: severity === 'normal' ? doublePlan(letter, aql).plan : null,
    variables: variables.plan,
    reason: single.reason,
  };
};

export const zero: Adapter = (input) => {
  const lot = option<number | null>(input, 'lotSize', null);
  const plan = zeroPlan(need<number>(input, 'limit'), need<number>(input, 'beta'), lot);
  return plan === null ? undefinedFor('limit and beta lie between 0 and 1') : { ...plan };
};

export const outgoing: Adapter = (input) => {
  const plan = { n: need<number>(input, 'n'), ac: need<number>(input, 'ac') };
  const lot = need<number>(input, 'lotSize');
  const points = option<number[]>(input, 'p', []).map((p) => curveAt(plan, p, lot));
  const limit = outgoingLimit(plan, lot);
  return {
    ...(limit ?? undefinedFor('the sample is larger than the lot')),
    aoq: points.map((one) => one.aoq),
    ati: points.map((one) => one.ati),
  };
};

export const skipLot: Adapter = (input) => {
  const plan = {
    clearing: need<number>(input, 'clearing'),
    fraction: need<number>(input, 'fraction'),
  };
  const each = need<number[]>(input, 'pa').map((pa) => skipLotLongRun(pa, plan));
  if (each.every((one) => one === null)) return undefinedFor('no such plan');
  return {
    pa: each.map((one) => one?.pa ?? null),
    inspected: each.map((one) => one?.inspected ?? null),
  };
};

export const matched: Adapter = (input) => {
  const plan = matchedVariablesPlan(need<number>(input, 'n'), need<number>(input, 'ac'));
  return plan === null ? undefinedFor('the attribute plan has no such points') : { ...plan };
};
