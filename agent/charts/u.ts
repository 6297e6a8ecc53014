import { countChart } from './counts.ts';

/** Flaws per unit. */
export const u = countChart({ kind: 'u', model: 'poisson', total: false, laney: false });
