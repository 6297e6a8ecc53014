import { d2, d3 } from '../spc/constants.ts';
import { spreadOnly } from './spread-only.ts';

/** Ranges alone. */
export const range = spreadOnly({ kind: 'range', of: (one) => one.range, mean: d2, sd: d3 });
