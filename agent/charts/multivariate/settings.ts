import { z } from 'zod';

/** Points between two false alarms, where a limit is not stated. */
export const runLength = z
  .number()
  .min(50)
  .max(1000)
  .default(370)
  .describe('points between two false alarms on average, when h is left out');

type Given = readonly [number, number, number];

const known = new Map<string, number>();
const MOST_KNOWN = 256;

/** A limit takes tenths of a second to compute: it is computed once. */
export function wanted(
  kind: string,
  given: Given,
  of: (...given: Given) => number | null,
): number | null {
  const key = `${kind} ${given.join(' ')}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = of(...given);
  if (known.size >= MOST_KNOWN) known.clear();
  if (found !== null) known.set(key, found);
  return found;
}
