import { countChart } from './counts.ts';

/** Number of flaws in equal units. */
export const c = countChart({ kind: 'c', model: 'poisson', total: true, laney: false });
