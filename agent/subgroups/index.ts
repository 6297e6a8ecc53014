import { registry } from '../registry.ts';
import { byCount } from './by-count.ts';

/** Every way to form subgroups: a new one is one file and one line here. */
const subgroupKinds = { 'by-count': byCount };

/** Settings schema and maker of all ways to form subgroups. */
export const subgroupers = registry(subgroupKinds);
