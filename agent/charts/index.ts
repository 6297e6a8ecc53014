import { registry } from '../registry.ts';
import { cusum } from './cusum.ts';
import { ewma } from './ewma.ts';
import { imr } from './imr.ts';
import { xbarR } from './xbar-r.ts';
import { xbarS } from './xbar-s.ts';

/** Every kind of chart: a new one is one file and one line here. */
export const chartKinds = { 'xbar-r': xbarR, 'xbar-s': xbarS, imr, ewma, cusum };

/** Settings schema and maker of all chart kinds. */
export const charts = registry(chartKinds);
