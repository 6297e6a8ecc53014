/**
 * EWMA with the final width of its limits, alone or together with limits on the points themselves
 * (Lucas & Saccucci 1990): a chain over cells of the average.
 */
import { type Chain, chainRunLength } from './chain.ts';
import { normalMean } from './statistics.ts';

const CELLS = 201;

/** Chain of an EWMA; `limit`: points beyond so many sigmas signal too (Infinity: none). */
export function ewmaChain(lambda: number, width: number, shift: number, limit = Infinity): Chain {
  const end = width * Math.sqrt(lambda / (2 - lambda));
  const cell = (2 * end) / CELLS;
  const point = normalMean(shift);
  const edges = Array.from({ length: CELLS }, (_, i) => -end + i * cell);
  const rows = edges.map((edge) => {
    const kept = (1 - lambda) * (edge + cell / 2);
    return edges.map((to) => {
      const low = Math.max((to - kept) / lambda, -limit);
      const high = Math.min((to + cell - kept) / lambda, limit);
      return low < high ? point.between(low, high) : 0;
    });
  });
  return { rows, start: (CELLS - 1) / 2 };
}

/** ARL of an EWMA with limits on the points as well. */
export function arlEwmaShewhart(
  lambda: number,
  width: number,
  shift: number,
  limit: number,
): number | null {
  return chainRunLength(ewmaChain(lambda, width, shift, limit));
}
