/** A machine study: what one machine at one setting can do, from consecutive parts. */

import { bissellLower } from '../../spc/capability.ts';
import { indexForBound } from '../../spc/capability-exact.ts';
import type { IndexSet } from './indices.ts';
import type { Machine } from './result.ts';

const TARGET = 1.67;
const ENOUGH = 50;
const CONFIDENCE = 0.95;

/**
 * Cm and Cmk: the formulas of Pp and Ppk (overall sigma, or percentiles of the model), of at least 50
 * consecutive parts; usual target 1.67. With fewer parts the index must be larger to prove as much.
 */
export function machineOf({ pp, ppk }: IndexSet, n: number): Machine {
  const proven = bissellLower(TARGET, ENOUGH, ENOUGH - 1, CONFIDENCE);
  return {
    ...{ cm: pp.value, cmk: ppk.value, bound: ppk.bound95, target: TARGET },
    required: proven === null ? null : indexForBound(proven, n, CONFIDENCE),
    enough: n >= ENOUGH,
  };
}
