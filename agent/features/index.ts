import { registry } from '../registry.ts';
import { area, mean } from './area.ts';
import { duration } from './duration.ts';
import { max, min, range, timeToPeak } from './extremes.ts';
import { settlingTime } from './settling-time.ts';
import { slope } from './slope.ts';

/** Everything that can be said of a signal during a cycle: a new one is one file and one line here. */
const featureKinds = {
  mean,
  max,
  min,
  range,
  area,
  slope,
  duration,
  'time-to-peak': timeToPeak,
  'settling-time': settlingTime,
};

/** Settings schema and maker of all features. */
export const features = registry(featureKinds);
