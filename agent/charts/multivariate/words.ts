import { type Basis, type Cause, causesOf } from '../../spc/decomposition.ts';
import type { Matrix } from '../../spc/matrix.ts';
import { tSquared } from '../../spc/multivariate.ts';
import type { VectorContext } from './vector.ts';

/** Variables named at most: a message is read on a telephone. */
const MOST_NAMED = 4;

/** A smaller share of T² says nothing and is left out; the largest is always said. */
const LEAST_SHARE = 0.05;

const short = (x: number) => String(Number(x.toPrecision(3)));

/** How much T^2 falls without each variable, the most first: `T² 23.5 falls by 18.2 without length`. */
export function sayContributions(
  away: readonly number[],
  cov: Matrix | null,
  n: number,
  names: readonly string[],
): string {
  const zero = away.map(() => 0);
  const found = cov === null ? null : tSquared([[...away]], zero, cov, n);
  const falls = found?.contributions[0];
  const t2 = found?.t2[0];
  if (falls === undefined || t2 === undefined) return '';
  const parts = falls
    .map((fall, j) => ({ fall, name: names[j] ?? '' }))
    .sort((a, b) => b.fall - a.fall)
    .filter(({ fall }, i) => i === 0 || fall >= LEAST_SHARE * t2)
    .slice(0, MOST_NAMED)
    .map(({ fall, name }) => `${short(fall)} without ${name}`);
  return `; T² ${short(t2)} falls by ${parts.join(', ')}`;
}

/** What is wrong with the part, by decomposition: `length is 4.1 sigma above its mean`. */
export function sayCauses(
  away: readonly number[],
  cov: Matrix | null,
  { names, size }: VectorContext,
  alpha: number,
  basis: Basis | null,
): string {
  if (cov === null) return '';
  const causes = causesOf(away, cov, size, alpha, basis).sort((a, b) => b.t2 - a.t2);
  const said = new Set<string>();
  for (const cause of causes) said.add(sayCause(cause, away, cov, size, names));
  if (said.size === 0) return '; no single variable stands out';
  return `: ${[...said].slice(0, MOST_NAMED).join(', ')}`;
}

function sayCause(
  { variable: j, given }: Cause,
  away: readonly number[],
  cov: Matrix,
  n: number,
  names: readonly string[],
): string {
  if (given.length === 0) {
    const far = (away[j] as number) / Math.sqrt((cov[j]?.[j] as number) / n);
    return `${names[j]} is ${short(Math.abs(far))} sigma ${far > 0 ? 'above' : 'below'} its mean`;
  }
  // Of two that do not go together neither is the culprit: say them once, in their own order.
  const together = [...given, j].sort((a, b) => a - b).map((i) => names[i]);
  return `${together.slice(0, -1).join(', ')} and ${together.at(-1)} do not go together`;
}
