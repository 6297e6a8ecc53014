import type { Words } from '../spc/plotted.ts';
import type { CompiledRules } from './compile.ts';
import type { Term } from './rule.ts';

/**
 * How a point is judged. The usual form fits the named sets of rules: borders at up to three
 * distances, runs of up to 15 points, counts of 2 of 3 and 4 of 5. It always has four planes, and the
 * last points of all counts side by side in one word. `sides` is the same with no border but the
 * centre line, no counts and no steps. `any` is all the rest.
 */
export const FORM = { limits: 0, sides: 1, usual: 2, any: 3 } as const;

/** What is looked up in one table. */
export const TABLE = {
  /** bits of a point, by 4 × (1 when below the centre) + borders passed */
  zones: 0,
  /** by 4 × (1 + direction) + 1 + direction before, which is 2 where there was none */
  steps: 8,
  /** digits of the counters before a run, per plane */
  start: 20,
  count: 24,
} as const;

/** Planes of the usual form. */
export const PLANES = 4;
/** Bits that its word of the last points keeps of each, and of how many it is asked. */
export const LANES = 8;
const LAGS = 4;

/** What the usual form needs beside the tables of all rules. */
export interface Usual {
  form: number;
  table: Int32Array;
  words: number;
  /** the lowest bit that is counted, and which from there on are asked for 2 of 3 and 4 of 5 */
  lane: number;
  twoOfThree: number;
  fourOfFive: number;
  /** words that a snapshot keeps: those of any form */
  savedWords: number;
}

type Tables = Omit<CompiledRules, keyof Usual> & { words: number };

/** Finds the simplest form that does; `counting` are the counted terms of each condition. */
export function usualForm(c: Tables, bits: readonly Term[], counting: readonly Term[][]): Usual {
  const lane = Math.max(0, lowest(c.counted));
  const asked = (k: number, m: number) =>
    counting.reduce((sum, [term], i) => sum | (isOf(term, k, m) ? 1 << (i - lane) : 0), 0);
  const form = formOf(c, bits, counting, lane);
  const words = form === FORM.any ? c.words : PLANES + (c.counted === 0 ? 0 : 1);
  return {
    form,
    table: tableOf(c),
    words: form === FORM.limits ? 0 : words,
    savedWords: c.words,
    lane,
    twoOfThree: asked(2, 3),
    fourOfFive: asked(4, 5),
  };
}

/** Writes counters and histories as any form has them, so that a snapshot outlives the form. */
export function saveWords(c: CompiledRules, words: Words, w: number, shift: number): number[] {
  if (c.form === FORM.any || c.form === FORM.limits) {
    return Array.from(words.subarray(w, w + c.words));
  }
  const planes = words.subarray(w, w + c.planes);
  const saved = Array.from(planes, (plane) => (plane >>> shift) & bitsOf(c));
  for (const condition of conditionsOf(c)) {
    const last = words[w + PLANES] as number;
    let history = 0;
    for (let lag = 0; lag < LAGS; lag += 1) {
      history |= ((last >>> (LANES * lag + condition - c.lane)) & 1) << lag;
    }
    saved.push(history);
  }
  return saved;
}

/** Takes back what `saveWords` wrote. */
export function restoreWords(
  c: CompiledRules,
  words: Words,
  w: number,
  shift: number,
  saved: readonly number[],
): void {
  if (c.form === FORM.any || c.form === FORM.limits) {
    words.set(saved, w);
    return;
  }
  // A plane that is not saved is one in which every counter begins full.
  setPlanes(c, words, w, shift, (plane) => (plane < c.planes ? (saved[plane] ?? 0) : -1));
  if (c.counted === 0) return;
  let last = 0;
  conditionsOf(c).forEach((condition, i) => {
    const history = saved[c.planes + i] ?? 0;
    for (let lag = 0; lag < LAGS; lag += 1) {
      last |= ((history >>> lag) & 1) << (LANES * lag + condition - c.lane);
    }
  });
  words[w + PLANES] = last;
}

/** Sets counters back to before a run. */
export function forgetWords(c: CompiledRules, words: Words, w: number, shift: number): void {
  if (c.form === FORM.any || c.form === FORM.limits) {
    for (let i = 0; i < c.words; i += 1) words[w + i] = c.start[i] ?? 0;
    return;
  }
  setPlanes(c, words, w, shift, (plane) => c.table[TABLE.start + plane] ?? 0);
  if (c.counted !== 0) words[w + PLANES] = 0;
}

/** The bits of other rules in the same words stay. */
function setPlanes(
  c: CompiledRules,
  words: Words,
  w: number,
  shift: number,
  digits: (plane: number) => number,
): void {
  const bits = bitsOf(c) << shift;
  for (let plane = 0; plane < PLANES; plane += 1) {
    words[w + plane] = ((words[w + plane] ?? 0) & ~bits) | ((digits(plane) << shift) & bits);
  }
}

const bitsOf = (c: CompiledRules) => (1 << c.bits) - 1;

const lowest = (word: number) => 31 - Math.clz32(word & -word);

const isOf = (term: Term | undefined, k: number, m: number) => term?.k === k && term.m === m;

/** Counted conditions, one after another as their terms are. */
function conditionsOf(c: CompiledRules): number[] {
  const list: number[] = [];
  for (let left = c.counted; left !== 0; left &= left - 1) list.push(lowest(left));
  return list;
}

function formOf(
  c: Tables,
  bits: readonly Term[],
  counting: readonly Term[][],
  lane: number,
): number {
  if (c.limitsOnly) return FORM.limits;
  const counts = counting.every(
    ([term, ...others], i) =>
      term === undefined ||
      (others.length === 0 &&
        i - lane < LANES &&
        (isOf(term, 2, 3) || isOf(term, 4, 5)) &&
        // The term of the condition itself: that of the newest point.
        bits[i] === term),
  );
  const fits = counts && c.planes <= PLANES && c.borders.length <= 3 && c.skipping === 0;
  if (!fits) return FORM.any;
  const plain = c.borders[1] === Infinity && c.counted === 0 && !c.steps;
  return plain ? FORM.sides : FORM.usual;
}

function tableOf(c: Tables): Int32Array {
  const table = new Int32Array(TABLE.count);
  for (let zone = 0; zone < 4; zone += 1) {
    table[TABLE.zones + zone] = c.zones[c.centre + zone] ?? 0;
    table[TABLE.zones + 4 + zone] = c.zones[c.centre - zone] ?? 0;
  }
  for (const direction of [-1, 0, 1]) {
    for (const before of [-1, 0, 1]) {
      table[TABLE.steps + 4 * (1 + direction) + 1 + before] =
        (direction > 0 ? c.rising : 0) |
        (direction < 0 ? c.falling : 0) |
        (direction * before < 0 ? c.alternating : 0);
    }
  }
  for (let plane = 0; plane < PLANES; plane += 1) {
    table[TABLE.start + plane] = c.start[plane] ?? -1;
  }
  return table;
}
