import { QUALITY } from '../../model.ts';
import { PLOTTED } from '../../spc/plotted.ts';
import type { CharacteristicPlan } from '../characteristic-plan.ts';
import type { CharacteristicState } from '../characteristic-state.ts';
import { stepReading } from '../characteristic-step.ts';
import { HEAD } from '../memory.ts';
import { POINT } from '../outcome.ts';
import type { Outputs } from '../outputs.ts';
import type { Joined } from './join.ts';
import { type JoinState, startJoin } from './join.ts';
import type { JoinPlan } from './plan.ts';

/** A characteristic's part in a group. */
export interface Feed {
  /** position of the group among the groups, and of the characteristic among its members */
  group: number;
  member: number;
}

/** The groups of a core and what they remember. */
export interface Groups {
  plans: readonly JoinPlan[];
  states: JoinState[];
  dirty: Uint8Array;
  /** by position of the characteristic: the groups that want its readings */
  feeds: readonly (readonly Feed[] | undefined)[];
}

/** null where nothing is joined: then a reading costs one comparison more. */
export function startGroups(plans: readonly JoinPlan[], count: number): Groups | null {
  if (plans.length === 0) return null;
  const feeds: (Feed[] | undefined)[] = Array.from({ length: count }, () => undefined);
  plans.forEach(({ members }, group) => {
    members.forEach((at, member) => {
      feeds[at] = [...(feeds[at] ?? []), { group, member }];
    });
  });
  return { plans, states: plans.map(startJoin), dirty: new Uint8Array(plans.length), feeds };
}

const NO_CONTEXT = {};

/**
 * Takes a row in as so many readings of one time: the engine of a characteristic does the rest. A row
 * with a bad reading is counted and makes no point. Returns what came of it, as `stepReading` does.
 */
export function stepRow(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  row: Joined,
  sourceMs: number,
  sequence: number,
  out: Outputs,
): number {
  if (row === null) {
    return stepReading(plan, state, 0, QUALITY.BAD_VALUE, sourceMs, sequence, out, NO_CONTEXT);
  }
  const { numbers, base, at } = state;
  const before = numbers[base + HEAD.lastValue] as number;
  let flags = 0;
  for (const value of row) {
    flags |= stepReading(plan, state, value, QUALITY.GOOD, sourceMs, sequence, out, NO_CONTEXT);
  }
  // The last value of a group is what its first chart plotted, not one of the readings.
  const plotted = numbers[at + (plan.charts[0]?.at ?? 0) + PLOTTED.value] as number;
  numbers[base + HEAD.lastValue] = (flags & POINT) === 0 ? before : plotted;
  return flags;
}
