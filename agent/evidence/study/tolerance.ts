import type { Tolerance } from '../../spc/nonconforming.ts';
import type { StudyWish } from './result.ts';

/** The tolerance of the indices: the side of a natural bound takes no part in them. */
export function effective({
  lsl,
  usl,
  natural,
}: Pick<StudyWish, 'lsl' | 'usl' | 'natural'>): Tolerance {
  return { lsl: natural === 'lower' ? null : lsl, usl: natural === 'upper' ? null : usl };
}
