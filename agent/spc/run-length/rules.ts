/**
 * Exact run lengths of charts with runs rules: the Markov chain of Champ & Woodall (1987), built
 * from the very conditions that judge the live chart ("k of the last m points are so"). Rules about
 * steps from point to point depend on more than zones and have no such chain.
 */
import { type Chain, chainRunLength } from './chain.ts';
import { lumped, type Machine, reachable, SIGNAL } from './lump.ts';
import { normalMean, type StatisticCdf } from './statistics.ts';

/** "At least k of the last m points are `test`", the newest among them. */
export interface RunTerm {
  test: string;
  sigmas: number;
  k: number;
  m: number;
}

/** A rule signals when all terms of any of its conditions hold. */
export interface RunRule {
  conditions: readonly { terms: readonly RunTerm[] }[];
}

/** Control limits in sigmas from the centre; Infinity where there is none. */
export interface RunLimits {
  upper: number;
  lower: number;
}

/** Histories of a rule set, and the stretches of the line it tells apart. */
export interface RuleMachine extends Machine {
  /** borders between the stretches, in sigmas from the centre, ascending */
  borders: number[];
}

const MOST_STATES = 50_000;
const MOST_RULE_STATES_SOLVED = 1500;

/** Histories of a rule set; null for rules about steps, or more states than can be followed. */
export function rulesMachine(
  rules: readonly RunRule[],
  limits: RunLimits = { upper: 3, lower: 3 },
): RuleMachine | null {
  const conditions = rules.flatMap((rule) => rule.conditions);
  const terms = conditions.flatMap((condition) => condition.terms);
  if (terms.some((term) => !isZoneTest(term.test))) return null;
  const borders = bordersOf(terms, limits);
  const stretches = [...borders, Infinity].map((high, i) => middle(borders[i - 1], high));
  const holds = terms.map((term) => stretches.map((z) => passes(term, z, limits)));
  const firsts = conditions.map((_, i) =>
    conditions.slice(0, i).reduce((sum, c) => sum + c.terms.length, 0),
  );
  const step = (state: readonly number[], symbol: number): number[] | null => {
    const next = terms.map((term, t) => remember(term, state[t] as number, holds[t]?.[symbol]));
    const broken = conditions.some((condition, c) =>
      condition.terms.every((term, i) => {
        const at = (firsts[c] as number) + i;
        return (i > 0 || holds[at]?.[symbol] === true) && isFull(term, next[at] as number);
      }),
    );
    return broken ? null : next.map((word, t) => forgetOldest(terms[t] as RunTerm, word));
  };
  const machine = reachable(
    terms.map(() => 0),
    stretches.length,
    step,
    MOST_STATES,
  );
  return machine === null ? null : { ...lumped(machine), borders };
}

/** The chain of a rule set for one distribution of the statistic (in sigmas from the centre). */
export function rulesChain({ next, start, borders }: RuleMachine, cdf: StatisticCdf): Chain {
  const chances = [...borders, Infinity].map((high, i) =>
    cdf.between(borders[i - 1] ?? -Infinity, high),
  );
  const rows = next.map((row) => {
    const line = next.map(() => 0);
    row.forEach((to, symbol) => {
      if (to !== SIGNAL) line[to] = (line[to] as number) + (chances[symbol] as number);
    });
    return line;
  });
  return { rows, start };
}

/** ARL of a rule set per shift of a normal statistic, in its sigmas; null where not exact. */
export function arlOfRules(
  rules: readonly RunRule[],
  shifts: readonly number[],
  limits?: RunLimits,
): (number | null)[] | null {
  const machine = rulesMachine(rules, limits);
  if (machine === null || machine.next.length > MOST_RULE_STATES_SOLVED) return null;
  return shifts.map((shift) => chainRunLength(rulesChain(machine, normalMean(shift))));
}

const ZONE_TESTS = ['above', 'below', 'within', 'outside', 'beyond-upper', 'beyond-lower'];

/** Can this test be answered from the zone of the point alone? */
export function isZoneTest(test: string): boolean {
  return ZONE_TESTS.includes(test);
}

function bordersOf(terms: readonly RunTerm[], limits: RunLimits): number[] {
  const found = terms.flatMap(({ test, sigmas }) => {
    if (test === 'beyond-upper') return [limits.upper];
    if (test === 'beyond-lower') return [-limits.lower];
    if (test === 'above') return [sigmas];
    return test === 'below' ? [-sigmas] : [-sigmas, sigmas];
  });
  const finite = found.filter(Number.isFinite).map((border) => border + 0);
  return [...new Set(finite)].sort((a, b) => a - b);
}

/** A point inside a stretch of the line, to ask the tests about. */
function middle(low: number | undefined, high: number): number {
  if (low === undefined) return high - 1;
  return high === Infinity ? low + 1 : (low + high) / 2;
}

function passes({ test, sigmas }: RunTerm, z: number, limits: RunLimits): boolean {
  if (test === 'beyond-upper') return z > limits.upper;
  if (test === 'beyond-lower') return z < -limits.lower;
  if (test === 'above') return z > sigmas;
  if (test === 'below') return z < -sigmas;
  return test === 'within' ? Math.abs(z) <= sigmas : Math.abs(z) > sigmas;
}

/** A run needs its length alone; k of m needs the last points one by one, as bits. */
function remember(term: RunTerm, word: number, holds: boolean | undefined): number {
  if (term.k === term.m) return holds === true ? word + 1 : 0;
  return (word << 1) | (holds === true ? 1 : 0);
}

function isFull(term: RunTerm, word: number): boolean {
  if (term.k === term.m) return word >= term.m;
  let ones = 0;
  for (let left = word; left !== 0; left &= left - 1) ones += 1;
  return ones >= term.k;
}

/** What may still matter at the next point. */
function forgetOldest(term: RunTerm, word: number): number {
  if (term.k === term.m) return Math.min(word, term.m);
  return word & (2 ** (term.m - 1) - 1);
}
