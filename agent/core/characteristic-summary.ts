import type {
  Capability,
  CharacteristicStatus,
  CharacteristicSummary,
  Outlook,
  Severity,
  SummaryChange,
} from '../model.ts';
import { remaining } from './baseline.ts';
import { capabilityOf, WINDOW_SLOTS } from './capability-window.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import { HEAD } from './memory.ts';
import { keptApart, saySegments } from './segments.ts';

/** What the overview shows of a characteristic, besides what changes. */
export function settledPart(
  plan: CharacteristicPlan,
): Omit<CharacteristicSummary, Exclude<keyof SummaryChange, 'id'>> {
  return {
    ...plan.subject,
    charts: plan.charts.map((part) => part.chart.kind),
    rules: plan.rules.map((rule) => rule.id),
    sampling: plan.subgrouper.sampling,
    noDataAfterMs: plan.noDataAfterMs,
  };
}

/**
 * What changes of it; the alert book adds how many alerts are open, and `holding`, the worst
 * severity among them.
 */
export function changingPart(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  nowMs: number,
  holding: Severity | null = null,
): Omit<SummaryChange, 'openAlerts'> {
  const readings = head(state, HEAD.readings);
  return {
    id: plan.id,
    status: statusOf(plan, state, nowMs, holding),
    readings,
    badReadings: state.bad,
    outOfTolerance: head(state, HEAD.outOfTolerance),
    lastValue: readings === 0 ? null : head(state, HEAD.lastValue),
    lastReadingAt: readings === 0 ? null : head(state, HEAD.lastMs),
    lastPointIndex: state.points,
    limits: state.limits,
    baselineRemaining: state.limits === null ? Math.max(1, remaining(plan, state.baseline)) : 0,
    capability: capabilityIn(plan, state),
    forecast: forecastOf(plan, state),
    outlook: outlookOf(plan, state),
  };
}

const head = ({ numbers, base }: CharacteristicState, place: number) =>
  numbers[base + place] as number;

/** Capability of the last readings; of none where a chart is only for setting up. */
function capabilityIn(plan: CharacteristicPlan, state: CharacteristicState): Capability {
  const tolerance = {
    lsl: plan.lsl,
    usl: plan.usl,
    natural: plan.natural,
    individuals: plan.subgrouper.size === 1,
  };
  const windowAt = state.at + plan.windowAt;
  const mute = plan.charts.find((part) => part.chart.proves === false);
  const note = saySegments(state.segments);
  if (mute === undefined) {
    const found = capabilityOf(state.numbers, windowAt, state.blocks, tolerance);
    const apart = keptApart(state.segments);
    const gauges = apart.length === 0 ? {} : { apart };
    return note === null ? found : { ...found, note, ...gauges };
  }
  const nothing = new Float64Array(WINDOW_SLOTS);
  const reason = `${mute.kind} compares parts with the tolerance and is no evidence of capability`;
  return { ...capabilityOf(nothing, 0, [], tolerance), reason };
}

/** What the charts expect to come and what they left out, in words; null when they say nothing. */
function forecastOf(plan: CharacteristicPlan, state: CharacteristicState): string | null {
  const said = plan.charts.flatMap(({ chart, at }) => [
    state.linesFor === 0 ? '' : (chart.forecast?.(state.numbers, state.at + at) ?? ''),
    chart.remark?.(state.numbers, state.at + at) ?? '',
  ]);
  return said.filter((text) => text !== '').join('; ') || null;
}

/** The first chart that follows a line says where it goes. */
function outlookOf(plan: CharacteristicPlan, state: CharacteristicState): Outlook | null {
  if (state.linesFor === 0) return null;
  for (const { chart, at } of plan.charts) {
    const said = chart.outlook?.(state.numbers, state.at + at);
    if (said) return { chart: chart.kind, ...said };
  }
  return null;
}

/**
 * The last point, or worse what still holds: one good point after a signal ends no alert, and the
 * overview must not be green while the alert's condition stands.
 */
function statusOf(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  nowMs: number,
  holding: Severity | null,
): CharacteristicStatus {
  if (head(state, HEAD.readings) === 0 || nowMs - head(state, HEAD.lastMs) > plan.noDataAfterMs)
    return 'stale';
  const loudest = state.loudness === 2 || holding === 'alarm';
  if (head(state, HEAD.lastOut) === 1 || loudest) return 'alarm';
  if (state.loudness === 1 || holding === 'warning') return 'warning';
  return state.phase === 1 ? 'provisional' : 'ok';
}
