import { d2, d3 } from '../spc/constants.ts';
import { xbar } from './xbar.ts';

/** Means and ranges: the usual chart for 2 to 8 readings (ISO 7870-2). */
export const xbarR = xbar({
  kind: 'xbar-r',
  spread: 'range',
  mean: d2,
  sd: d3,
});
