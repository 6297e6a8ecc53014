/**
 * Exact average run length of a Shewhart chart with runs rules: Markov chain of Champ & Woodall
 * (1987), built by walking through the reachable histories and merging those that behave alike.
 * Rules about trends and alternation depend on more than zones and are not covered.
 */
import { solveLinear } from './matrix.ts';
import { normalCdf, normalSf } from './normal.ts';

/** A rule that looks only at zones; run = so many on one side of the centre. */
export type ZoneRule =
  | { kind: 'beyond'; sigmas: number }
  | { kind: 'k-of-m'; k: number; m: number; sigmas: number }
  | { kind: 'run'; length: number }
  | { kind: 'within'; length: number; sigmas: number }
  | { kind: 'outside'; length: number; sigmas: number };

/** ARL for every shift (in sigmas of the plotted statistic); null for too many states. */
export function arlRules(rules: readonly ZoneRule[], shifts: readonly number[]): number[] | null {
  const zones = zonesOf(rules);
  const chain = reachable(rules, zones);
  if (chain === null) return null;
  const { classOf, count } = merged(chain);
  const lumped: number[][] = [];
  chain.forEach((row, state) => {
    lumped[classOf[state] as number] ??= row.map((to) => (to < 0 ? -1 : (classOf[to] as number)));
  });
  const results = shifts.map((shift) => runLength(lumped, count, zones, shift, classOf[0] ?? 0));
  return results.every((value) => value !== null) ? results : null;
}

/** One stretch of the line; `near` and `far` are its distances from the centre on its side. */
interface Zone {
  side: 1 | -1;
  near: number;
  far: number;
}

const MAX_STATES = 50_000;

function zonesOf(rules: readonly ZoneRule[]): Zone[] {
  const cuts = [...new Set(rules.flatMap((rule) => ('sigmas' in rule ? [rule.sigmas] : [])))];
  const edges = [0, ...cuts.filter((cut) => cut > 0).sort((a, b) => a - b), Infinity];
  return ([1, -1] as const).flatMap((side) =>
    edges.slice(1).map((far, i) => ({ side, near: edges[i] as number, far })),
  );
}

/** Memory of one rule: two words, upper and lower (a count, or the bits of the last m - 1). */
function step(rule: ZoneRule, up: number, down: number, zone: Zone): [number, number] | null {
  const beyond = 'sigmas' in rule && zone.near >= rule.sigmas;
  switch (rule.kind) {
    case 'beyond':
      return beyond ? null : [0, 0];
    case 'run': {
      const next: [number, number] = zone.side === 1 ? [up + 1, 0] : [0, down + 1];
      return Math.max(...next) >= rule.length ? null : next;
    }
    case 'within':
      return lengthStep(up, !beyond, rule.length);
    case 'outside':
      return lengthStep(up, beyond, rule.length);
    case 'k-of-m': {
      const upper = bitsStep(rule, up, beyond && zone.side === 1);
      const lower = bitsStep(rule, down, beyond && zone.side === -1);
      return upper === null || lower === null ? null : [upper, lower];
    }
  }
}

function lengthStep(count: number, holds: boolean, length: number): [number, number] | null {
  if (!holds) return [0, 0];
  return count + 1 >= length ? null : [count + 1, 0];
}

function bitsStep(rule: { k: number; m: number }, bits: number, hit: boolean): number | null {
  const window = (bits << 1) | (hit ? 1 : 0);
  let ones = 0;
  for (let left = window; left !== 0; left &= left - 1) ones += 1;
  if (hit && ones >= rule.k) return null;
  return window & ((1 << (rule.m - 1)) - 1);
}

/** Transitions of all histories that can be reached without a signal; -1 is the signal. */
function reachable(rules: readonly ZoneRule[], zones: readonly Zone[]): number[][] | null {
  const start = rules.flatMap(() => [0, 0]);
  const numbers = new Map<string, number>([[start.join(), 0]]);
  const states = [start];
  const table: number[][] = [];
  for (let s = 0; s < states.length; s += 1) {
    if (states.length > MAX_STATES) return null;
    table.push(zones.map((zone) => follow(rules, states, numbers, states[s] as number[], zone)));
  }
  return table;
}

function follow(
  rules: readonly ZoneRule[],
  states: number[][],
  numbers: Map<string, number>,
  state: number[],
  zone: Zone,
): number {
  const next: number[] = [];
  for (let r = 0; r < rules.length; r += 1) {
    const rule = rules[r] as ZoneRule;
    const pair = step(rule, state[2 * r] as number, state[2 * r + 1] as number, zone);
    if (pair === null) return -1;
    next.push(...pair);
  }
  const key = next.join();
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, states.length);
  states.push(next);
  return states.length - 1;
}

/** Moore's refinement: histories with the same future become one state. */
function merged(table: readonly number[][]): { classOf: number[]; count: number } {
  let classOf = table.map(() => 0);
  let count = 1;
  for (;;) {
    const names = new Map<string, number>();
    const old = classOf;
    classOf = table.map((row, s) => {
      const future = row.map((to) => (to < 0 ? -1 : (old[to] as number)));
      const key = `${old[s]}:${future.join()}`;
      if (!names.has(key)) names.set(key, names.size);
      return names.get(key) as number;
    });
    if (names.size === count) return { classOf, count };
    count = names.size;
  }
}

function runLength(
  table: readonly number[][],
  count: number,
  zones: readonly Zone[],
  shift: number,
  start: number,
): number | null {
  const chances = zones.map((zone) => zoneChance(zone, shift));
  const matrix = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_unused, j) => (i === j ? 1 : 0) as number),
  );
  table.forEach((row, i) => {
    const line = matrix[i] as number[];
    row.forEach((to, z) => {
      if (to >= 0) line[to] = (line[to] as number) - (chances[z] as number);
    });
  });
  const solved = solveLinear(
    matrix,
    matrix.map(() => 1),
  );
  return solved?.[start] ?? null;
}

function zoneChance({ side, near, far }: Zone, shift: number): number {
  const low = near - side * shift;
  const high = far - side * shift;
  return low > 0 ? normalSf(low) - normalSf(high) : normalCdf(high) - normalCdf(low);
}
