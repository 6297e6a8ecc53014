import { registry } from '../registry.ts';
import { byCount } from './by-count.ts';
import { byPart } from './by-part.ts';
import { byStream } from './by-stream.ts';
import { byTime } from './by-time.ts';
import { counts } from './counts.ts';

/** Every way to form subgroups: a new one is one file and one line here. */
export const subgroupKinds = {
  'by-count': byCount,
  'by-time': byTime,
  'by-part': byPart,
  'by-stream': byStream,
  counts,
};

/** Settings schema and maker of all ways to form subgroups. */
export const subgroupers = registry(subgroupKinds);
