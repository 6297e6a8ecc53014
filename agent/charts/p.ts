import { countChart } from './counts.ts';

/** Share of defective parts. */
export const p = countChart({ kind: 'p', model: 'binomial', total: false, laney: false });
