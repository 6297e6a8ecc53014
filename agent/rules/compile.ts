import type { Condition, OnCentre, Rule, Term, Test } from './rule.ts';

/**
 * The rules of one plotted statistic as tables. Each distinct test a rule asks for is one bit of
 * the word `now` that a new point makes; tests that are asked about earlier points too have a
 * history word with one bit per point, newest lowest.
 */
export interface CompiledRules {
  /** rules in the order of their bits in Point.rules; null where a rule is not used here */
  rules: (Rule | null)[];
  /** history words kept: tests 0 .. histories - 1 */
  histories: number;
  /** tests that a point on the centre line leaves alone (E3 `skip`), as bits */
  skipping: number;
  /** a rule asks about steps from point to point */
  steps: boolean;
  /** zone borders in sigmas, ascending, the first 0 */
  borders: Float64Array;
  /** bits of a point beyond so many borders above (below) the centre; [0] is the centre itself */
  upper: Int32Array;
  lower: Int32Array;
  /** bits of the tests that have no zone */
  beyondUpper: number;
  beyondLower: number;
  rising: number;
  falling: number;
  alternating: number;
  /** per condition: its rule, the bits `now` must have, its first term; one entry more at the end */
  ruleOf: Int32Array;
  need: Int32Array;
  firstTerm: Int32Array;
  sideOf: ('upper' | 'lower' | 'both')[];
  /** per term: its history word, the m newest bits, and k */
  history: Int32Array;
  mask: Int32Array;
  least: Int32Array;
  /** conditions of the control limits alone: what a provisional chart is judged by (E14) */
  limitConditions: number;
}

interface Bit {
  test: Test;
  sigmas: number;
  onCentre: OnCentre;
  remembered: boolean;
}

/** Makes tables of those rules for which `used` says yes; the others keep their number unused. */
export function compileRules(all: readonly Rule[], used: (rule: Rule) => boolean): CompiledRules {
  const rules = all.map((rule) => (used(rule) ? rule : null));
  const conditions = rules.flatMap((rule, index) =>
    (rule?.conditions ?? []).map((condition) => ({ index, condition })),
  );
  const bits = bitsOf(conditions.map((c) => c.condition));
  if (conditions.length > 31 || bits.length > 31) {
    throw new Error('too many rules for one chart: at most 31 different conditions');
  }
  const where = (t: Term) => bits.findIndex((bit) => same(bit, t));
  const word = (holds: (bit: Bit) => boolean) =>
    bits.reduce((sum, bit, i) => (holds(bit) ? sum | (1 << i) : sum), 0);
  const named = (test: Test) => word((bit) => bit.test === test);
  const borders = [...new Set([0, ...bits.map((bit) => bit.sigmas)])].sort((a, b) => a - b);
  const zones = [...Array(borders.length + 1).keys()];
  const terms = conditions.flatMap((c) => lookingBack(c.condition));
  const firstTerm = [0];
  for (const c of conditions)
    firstTerm.push((firstTerm.at(-1) ?? 0) + lookingBack(c.condition).length);
  return {
    rules,
    histories: bits.filter((bit) => bit.remembered).length,
    skipping: word((bit) => bit.onCentre === 'skip'),
    steps: bits.some((bit) => ['rising', 'falling', 'alternating'].includes(bit.test)),
    borders: Float64Array.from(borders),
    upper: Int32Array.from(zones, (zone) => word((bit) => inZone(bit, zone, borders, 'above'))),
    lower: Int32Array.from(zones, (zone) => word((bit) => inZone(bit, zone, borders, 'below'))),
    beyondUpper: named('beyond-upper'),
    beyondLower: named('beyond-lower'),
    rising: named('rising'),
    falling: named('falling'),
    alternating: named('alternating'),
    ruleOf: Int32Array.from(conditions, (c) => c.index),
    need: Int32Array.from(conditions, (c) =>
      c.condition.terms.reduce((sum, t) => (t.current ? sum | (1 << where(t)) : sum), 0),
    ),
    firstTerm: Int32Array.from(firstTerm),
    sideOf: conditions.map((c) => c.condition.side),
    history: Int32Array.from(terms, where),
    mask: Int32Array.from(terms, (t) => (t.m === 32 ? -1 : (1 << t.m) - 1)),
    least: Int32Array.from(terms, (t) => t.k),
    limitConditions: conditions.reduce(
      (sum, c, i) => (rules[c.index]?.kind === 'beyond-limits' ? sum | (1 << i) : sum),
      0,
    ),
  };
}

/** A term about the newest point alone is settled by `need`; the others look at a history. */
function lookingBack(condition: Condition): Term[] {
  return condition.terms.filter((t) => !(t.m === 1 && t.current));
}

function bitsOf(conditions: Condition[]): Bit[] {
  const bits: Bit[] = [];
  for (const condition of conditions) {
    for (const t of condition.terms) {
      const remembered = lookingBack(condition).includes(t);
      const known = bits.find((bit) => same(bit, t));
      if (known === undefined) bits.push({ ...pick(t), remembered });
      else known.remembered ||= remembered;
    }
  }
  return [...bits.filter((bit) => bit.remembered), ...bits.filter((bit) => !bit.remembered)];
}

const pick = ({ test, sigmas, onCentre }: Term) => ({ test, sigmas, onCentre });

function same(bit: Bit, t: Term): boolean {
  return bit.test === t.test && bit.sigmas === t.sigmas && bit.onCentre === t.onCentre;
}

/** Is a point that is strictly beyond `zone` borders on `side` of the centre what the bit asks? */
function inZone(bit: Bit, zone: number, borders: number[], side: 'above' | 'below'): boolean {
  const beyond = zone > borders.indexOf(bit.sigmas);
  if (bit.test === 'within') return !beyond;
  if (bit.test === 'outside') return beyond;
  if (bit.test === 'above' && bit.onCentre === 'upper' && bit.sigmas === 0 && zone === 0)
    return true;
  return bit.test === side && beyond;
}
