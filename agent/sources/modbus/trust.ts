import type { SourceContext } from '../source.ts';
import type { UnitSettings } from './settings.ts';

/** A reason not to believe values of a unit, while it holds. */
export interface Doubt {
  holds: boolean;
  /** takes a value of the tag that is watched; NaN when it was bad. True when `holds` changed. */
  take(value: number): boolean;
  /** names it among all of the source, so that what was raised can be lifted */
  condition: string;
  /** in words, begun and over */
  begun: string;
  over: string;
}

/** What tells whether the values of one unit are to be believed: by name of field or tag. */
export interface Trust {
  /** doubts that values of this field feed */
  watching(field: string): readonly Doubt[];
  /** doubts that make values of this field suspect */
  about(field: string): readonly Doubt[];
}

/** The heartbeat and the `suspectWhile` of a unit, as they stand in the settings. */
export function trustOf(unit: UnitSettings): Trust {
  const all = [
    ...(unit.heartbeat ? [heartbeat(unit.name, unit.heartbeat)] : []),
    ...unit.suspectWhile.map((rule, i) => status(unit.name, rule, i)),
  ];
  return {
    watching: (field) => all.filter((one) => one.tag === field).map((one) => one.doubt),
    about: (field) => all.filter((one) => one.covers(field)).map((one) => one.doubt),
  };
}

/** Tells that a doubt began or is over: an alert that lasts exactly as long. */
export function tellDoubt(context: SourceContext, doubt: Doubt): void {
  const { holds, condition } = doubt;
  const text = holds ? doubt.begun : doubt.over;
  const timeMs = context.clock.now();
  if (holds) context.log.warn('modbus.suspect', { text });
  else context.log.info('modbus.trusted', { text });
  const severity = holds ? 'alarm' : 'info';
  context.report({ kind: 'device', severity, text, timeMs, condition, over: !holds });
}

interface Watched {
  tag: string;
  doubt: Doubt;
  covers(field: string): boolean;
}

/** A counter that the program of a PLC moves: one that stands still means that all values do. */
function heartbeat(unit: string, s: NonNullable<UnitSettings['heartbeat']>): Watched {
  const { tag, polls } = s;
  let last = Number.NaN;
  let same = 0;
  let told = false;
  const doubt: Doubt = {
    holds: false,
    condition: `${unit} heartbeat`,
    begun:
      `the heartbeat '${unit}.${tag}' did not move within ${polls} polls: its program stands ` +
      `still, and the values of '${unit}' are left out until it moves`,
    over: `the heartbeat '${unit}.${tag}' moves`,
    take(value) {
      const moved = value !== last && !Number.isNaN(value) && !Number.isNaN(last);
      if (!Number.isNaN(value)) last = value;
      same = moved ? 0 : same + 1;
      const before = doubt.holds;
      doubt.holds = same >= polls || (before && !moved);
      // The first beat is told as well: an alert of an earlier run may still be open.
      const first = moved && !told;
      told ||= moved;
      return before !== doubt.holds || first;
    },
  };
  return { tag, doubt, covers: (field) => field !== tag };
}

/** A status of the device: while it says so, its measurements are not believed. */
function status(unit: string, s: UnitSettings['suspectWhile'][number], i: number): Watched {
  const { tag, is, of } = s;
  let told = false;
  const what = of === undefined ? `all of '${unit}'` : of.join(', ');
  const doubt: Doubt = {
    holds: false,
    condition: `${unit} ${tag} ${i}`,
    begun: `'${unit}.${tag}' says that ${what} cannot be trusted: left out until it is well`,
    over: `'${unit}.${tag}' is well`,
    take(value) {
      // A status that cannot be read says nothing: what it said last stands.
      if (Number.isNaN(value)) return false;
      const before = doubt.holds;
      doubt.holds = is.includes(value);
      const first = !told;
      told = true;
      return before !== doubt.holds || first;
    },
  };
  return { tag, doubt, covers: (field) => field !== tag && (of?.includes(field) ?? true) };
}
