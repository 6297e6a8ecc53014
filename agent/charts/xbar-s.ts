import { c4, c5 } from '../spc/constants.ts';
import { xbar } from './xbar.ts';

/** Means and standard deviations: for 9 readings and more (ISO 7870-2). */
export const xbarS = xbar({
  kind: 'xbar-s',
  spread: 'sd',
  mean: c4,
  sd: c5,
});
