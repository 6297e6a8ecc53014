import { registry } from '../registry.ts';
import { alternating } from './alternating.ts';
import { beyondLimits } from './beyond-limits.ts';
import { custom } from './custom.ts';
import { kOfM } from './k-of-m.ts';
import { outside } from './outside.ts';
import { sameSide } from './same-side.ts';
import { trend } from './trend.ts';
import { within } from './within.ts';

/** Every kind of rule: a new one is one file and one line here. */
export const ruleKinds = {
  'beyond-limits': beyondLimits,
  'k-of-m': kOfM,
  'same-side': sameSide,
  trend,
  alternating,
  within,
  outside,
  custom,
};

/** Settings schema and maker of all rule kinds. */
export const rules = registry(ruleKinds);
