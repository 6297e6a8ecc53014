import { type Checked, checkedSoFar } from './checked.ts';
import { planAll } from './groups/plan.ts';
import type { CoreOptions } from './protocol.ts';

type Rows = Pick<CoreOptions['settings'], 'characteristics' | 'groups'>;

/** What the plans of these settings need: planned here for that, and again where they run. */
export function checkedFor({ characteristics, groups }: Rows): Checked {
  planAll(characteristics, groups);
  return checkedSoFar();
}
