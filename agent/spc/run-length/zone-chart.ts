/** Zone chart (Jaehn 1987): the score so far and its side are all it remembers. */
import { chainRunLength } from './chain.ts';
import { lumped, reachable, SIGNAL } from './lump.ts';
import { normalMean } from './statistics.ts';

const SIGNAL_SCORE = 8;
/** Zones from below to above: the side and how far out. */
const EDGES = [-Infinity, -3, -2, -1, 0, 1, 2, 3, Infinity];

/** ARL of a zone chart with these scores within 1, 2, 3 sigma and beyond. */
export function arlZoneChart(
  scores: readonly [number, number, number, number],
  shift: number,
): number | null {
  const step = (state: readonly number[], symbol: number): number[] | null => {
    const side = symbol < 4 ? -1 : 1;
    const zone = side > 0 ? symbol - 4 : 3 - symbol;
    const before = state[1] === side ? (state[0] as number) : 0;
    const score = before + (scores[zone] as number);
    return score >= SIGNAL_SCORE ? null : [score, side];
  };
  const machine = reachable([0, 0], EDGES.length - 1, step, 1000);
  if (machine === null) return null;
  const { next, start } = lumped(machine);
  const point = normalMean(shift);
  const rows = next.map((row) => {
    const line = next.map(() => 0);
    row.forEach((to, symbol) => {
      const chance = point.between(EDGES[symbol] as number, EDGES[symbol + 1] as number);
      if (to !== SIGNAL) line[to] = (line[to] as number) + chance;
    });
    return line;
  });
  return chainRunLength({ rows, start });
}
