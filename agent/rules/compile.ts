import type { Condition, OnCentre, Rule, Term, Test } from './rule.ts';
import { type Usual, usualForm } from './usual.ts';

/**
 * The rules of one plotted statistic as tables of bits. Bit i of every word belongs to condition
 * i: the word of a new point has it when the point passes the test of the condition's first term.
 * Bits above the conditions are tests that only other terms ask about.
 *
 * Runs of all conditions are counted at once, in `planes` words that hold one binary digit of
 * every counter: a counter starts so far below its largest value that it is full when the run is
 * complete. Terms "k of m" with k < m have a history word of their own, one bit per point; in the
 * usual form they share one: see usual.ts.
 */
export interface CompiledRules extends Usual {
  /** rules in the order of their bits in Point.rules; null where a rule is not used here */
  rules: (Rule | null)[];
  /** per condition: its rule, and the side it speaks of */
  ruleOf: number[];
  sideOf: Condition['side'][];
  /** how many bits a point has */
  bits: number;
  /** all conditions; those of the control limits alone, which judge provisional charts (E14) */
  conditions: number;
  limitConditions: number;
  /** nothing but the control limits is asked about */
  limitsOnly: boolean;
  /** words of state: planes first, then histories; and how many of them a snapshot keeps */
  words: number;
  savedWords: number;
  planes: number;
  /** digit of every counter before a run begins, per plane */
  start: Int32Array;
  /** zone borders in sigmas, ascending, the first 0; Infinity fills up to three */
  borders: Float64Array;
  /** bits of a point by borders passed above the centre less those passed below, from `centre` */
  zones: Int32Array;
  centre: number;
  /** bits of tests without zones */
  beyondUpper: number;
  beyondLower: number;
  rising: number;
  falling: number;
  alternating: number;
  /** some rule asks about steps from point to point */
  steps: boolean;
  /** bits that a point on the centre line leaves alone (E3 `skip`) */
  skipping: number;
  /** conditions with terms that count in a history, and per condition the first of these terms */
  counted: number;
  firstTerm: number[];
  /** all such terms, one behind the other: see TERM */
  terms: Int32Array;
}

/** One term that counts in a history. */
export const TERM = {
  /** bit of a point that it remembers */
  source: 0,
  /** its newest m points, and k */
  window: 1,
  least: 2,
  count: 3,
} as const;

const LIMIT_TESTS: readonly Test[] = ['beyond-upper', 'beyond-lower'];
const STEP_TESTS: readonly Test[] = ['rising', 'falling', 'alternating'];

/** Makes tables of those rules for which `used` says yes; the others keep their number unused. */
export function compileRules(all: readonly Rule[], used: (rule: Rule) => boolean): CompiledRules {
  const rules = all.map((rule) => (used(rule) ? rule : null));
  const conditions = rules.flatMap((rule) => rule?.conditions ?? []);
  const ruleOf = rules.flatMap((rule, i) => (rule?.conditions ?? []).map(() => i));
  const bits = bitsOf(conditions);
  if (bits.length > 31) throw new Error('too many rules for one chart: at most 31 conditions');
  const word = (holds: (bit: Term, i: number) => boolean) =>
    bits.reduce((sum, bit, i) => (holds(bit, i) ? sum | (1 << i) : sum), 0);
  const named = (test: Test) => word((bit) => bit.test === test);
  const borders = [...new Set([0, ...bits.map((bit) => bit.sigmas)])].sort((a, b) => a - b);
  const zones = Array.from({ length: 2 * borders.length + 1 }, (_, i) => i - borders.length);
  const counting = conditions.map(countedTerms);
  const terms = counting.flat();
  const planes = planesFor(Math.max(1, ...bits.map(runOf)));
  const compiled = {
    rules,
    ruleOf,
    sideOf: conditions.map((condition) => condition.side),
    bits: bits.length,
    conditions: word((_, i) => i < conditions.length),
    limitConditions: word((_, i) => rules[ruleOf[i] ?? -1]?.kind === 'beyond-limits'),
    limitsOnly: bits.every((bit) => bit.m === 1 && LIMIT_TESTS.includes(bit.test)),
    words: planes + terms.length,
    savedWords: planes + terms.length,
    planes,
    start: Int32Array.from({ length: planes }, (_, plane) =>
      word((bit) => startsAt(bit, planes, plane)),
    ),
    borders: Float64Array.from(
      [...borders, Infinity, Infinity].slice(0, Math.max(3, borders.length)),
    ),
    zones: Int32Array.from(zones, (zone) => word((bit) => inZone(bit, zone, borders))),
    centre: borders.length,
    beyondUpper: named('beyond-upper'),
    beyondLower: named('beyond-lower'),
    rising: named('rising'),
    falling: named('falling'),
    alternating: named('alternating'),
    steps: bits.some((bit) => STEP_TESTS.includes(bit.test)),
    skipping: word((bit) => bit.onCentre === 'skip'),
    counted: word((_, i) => (counting[i]?.length ?? 0) > 0),
    firstTerm: starts(counting.map((list) => list.length)),
    terms: Int32Array.from(
      counting.flat().flatMap((term) => {
        const source = bits.findIndex((bit) => sameTest(bit, term));
        return [source, (1 << term.m) - 1, term.k];
      }),
    ),
  };
  return { ...compiled, ...usualForm(compiled, bits, counting) };
}

/** Is this digit of a bit's counter set before a run? */
function startsAt(bit: Term, planes: number, plane: number): boolean {
  return (((1 << planes) - 1 - runOf(bit)) & (1 << plane)) !== 0;
}

/** First terms in the order of the conditions, then tests that only other terms need. */
function bitsOf(conditions: Condition[]): Term[] {
  const bits = conditions.map((condition) => condition.terms[0]);
  for (const term of conditions.flatMap((condition) => condition.terms.slice(1))) {
    if (!bits.some((bit) => sameTest(bit, term))) bits.push({ ...term, k: 1, m: 1 });
  }
  return bits;
}

/** Points in a row that complete a bit: all m, or just the newest when k of m are counted. */
const runOf = (bit: Term) => (bit.k === bit.m ? bit.m : 1);

/** Terms that need a history: the first only when k < m, all others always. */
function countedTerms(condition: Condition): Term[] {
  const [first, ...others] = condition.terms;
  return first.k === first.m ? others : [first, ...others];
}

/** Binary digits that count to `run`; none when every run is a single point. */
function planesFor(run: number): number {
  return run === 1 ? 0 : 32 - Math.clz32(run);
}

function starts(lengths: number[]): number[] {
  const list = [0];
  for (const length of lengths) list.push((list.at(-1) ?? 0) + length);
  return list;
}

function sameTest(a: { test: Test; sigmas: number; onCentre: OnCentre }, b: Term): boolean {
  return a.test === b.test && a.sigmas === b.sigmas && a.onCentre === b.onCentre;
}

/** Is a point strictly beyond so many borders above (negative: below) the centre what is asked? */
function inZone(bit: Term, zone: number, borders: number[]): boolean {
  const beyond = Math.abs(zone) > borders.indexOf(bit.sigmas);
  if (bit.test === 'within') return !beyond;
  if (bit.test === 'outside') return beyond;
  if (zone === 0) return bit.test === 'above' && bit.onCentre === 'upper' && bit.sigmas === 0;
  return bit.test === (zone > 0 ? 'above' : 'below') && beyond;
}
