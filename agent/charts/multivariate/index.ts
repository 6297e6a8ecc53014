import { registry } from '../../registry.ts';
import { generalizedVariance } from './generalized-variance.ts';
import { mcusum } from './mcusum.ts';
import { mewma } from './mewma.ts';
import { t2 } from './t2.ts';

/** Charts of several characteristics of one part: a new one is one file and one line here. */
export const vectorKinds = { t2, mewma, mcusum, 'generalized-variance': generalizedVariance };

/** Settings schema and maker of all charts of groups. */
export const vectorCharts = registry(vectorKinds);
