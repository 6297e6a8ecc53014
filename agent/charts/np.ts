import { countChart } from './counts.ts';

/** Number of defective parts in samples of one size. */
export const np = countChart({ kind: 'np', model: 'binomial', total: true, laney: false });
