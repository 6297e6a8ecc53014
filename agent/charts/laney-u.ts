import { countChart } from './counts.ts';

/** Flaws per unit where samples differ by more than chance (Laney 2002). */
export const laneyU = countChart({ kind: 'laney-u', model: 'poisson', total: false, laney: true });
