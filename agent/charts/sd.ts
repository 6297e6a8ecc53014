import { c4, c5 } from '../spc/constants.ts';
import { spreadOnly } from './spread-only.ts';

/** Standard deviations alone. */
export const sd = spreadOnly({ kind: 'sd', of: (one) => one.sd, mean: c4, sd: c5 });
