import type { KeptApart, SourceEvent } from '../model.ts';
import { addRows, clearWindow, totalRow } from './capability-window.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import type { CharacteristicState } from './characteristic-state.ts';
import type { Outputs } from './outputs.ts';

/**
 * What a gauge has measured is a segment. Another gauge begins a new one: its readings are not put
 * into one capability with those before, unless a person signs that they may be.
 */
export interface Segments {
  /** gauge of the readings that come now; '' while nobody has said which */
  gauge: string;
  /** 1, 2, 3 … */
  number: number;
  sinceMs: number;
  /** segments that are not counted with this one, newest last: gauge, and the sums of its window */
  apart: { gauge: string; untilMs: number; sums: number[] }[];
  /** gauges that may be counted as one, and who said so */
  together: string[];
  signed: { by: string; reason: string; timeMs: number } | null;
}

/** Segments that can still be put together; older ones are only counted. */
const MOST_APART = 10;
const MOST_TOGETHER = 50;
const FEW = 5;

/** A reading says what it was measured with. Nothing happens when that is no news. */
export function measuredWith(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  gauge: string,
  timeMs: number,
  out: Outputs,
): void {
  const s = state.segments;
  if (s === null) {
    state.segments = startSegments(gauge, timeMs);
    return;
  }
  if (s.gauge === gauge) return;
  const before = s.gauge;
  if (before === '' || (s.together.includes(gauge) && s.together.includes(before))) {
    s.gauge = gauge;
    return;
  }
  const known = s.apart.some((one) => one.gauge === gauge);
  const readings = beginSegment(plan, state, s, gauge, timeMs);
  // Two gauges in turn, part by part: that they change was told.
  if (known && readings < FEW) return;
  tell(plan, `gauge '${before}' was replaced by '${gauge}'`, timeMs, out);
}

/** Somebody says that the gauge was changed; which it is now, the next reading may say. */
export function gaugeChanged(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  timeMs: number,
): void {
  state.segments ??= startSegments('', timeMs);
  beginSegment(plan, state, state.segments, '', timeMs);
}

/** A person signs that what the gauges measured may be counted as one. Returns why not, or null. */
export function poolSegments(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  by: string,
  reason: string,
  timeMs: number,
): string | null {
  const s = state.segments;
  if (s === null || s.apart.length === 0) return `${plan.id} has one gauge: nothing is kept apart`;
  const rows = s.apart.flatMap(({ sums }) => sums);
  addRows(state.numbers, state.at + plan.windowAt, state.blocks, rows);
  const names = [...s.together, ...s.apart.map(({ gauge }) => gauge), s.gauge];
  s.together = [...new Set(names)].filter((name) => name !== '').slice(-MOST_TOGETHER);
  s.apart = [];
  s.signed = { by, reason, timeMs };
  return null;
}

/** What could be put together again, oldest first. */
export const keptApart = (s: Segments | null): KeptApart[] =>
  (s?.apart ?? []).map(({ gauge, untilMs, sums }) => ({
    ...{ gauge, untilMs, readings: sums[READINGS] ?? 0 },
  }));

/** What a page says beside the indices; null when there is nothing to say. */
export function saySegments(s: Segments | null): string | null {
  if (s === null) return null;
  const signed =
    s.signed === null
      ? ''
      : `Readings of ${s.together.map((name) => `'${name}'`).join(', ')} are counted as one, signed by ` +
        `${s.signed.by} on ${day(s.signed.timeMs)}: ${s.signed.reason}.`;
  const last = s.apart.at(-1);
  if (last === undefined) return signed || null;
  const now = s.gauge === '' ? 'the gauge that was put in' : `gauge '${s.gauge}'`;
  const readings = keptApart(s).reduce((n, one) => n + one.readings, 0);
  const were = last.gauge === '' ? 'the gauge before' : `'${last.gauge}'`;
  const apart =
    `Only readings of ${now} since ${day(s.sinceMs)} (segment ${s.number}): ${readings} measured before, ` +
    `with ${were} until ${day(last.untilMs)}, are kept apart until somebody signs that both measure the same.`;
  return [apart, signed].filter((text) => text !== '').join(' ');
}

const READINGS = 1;
const day = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const startSegments = (gauge: string, sinceMs: number): Segments => ({
  ...{ gauge, number: 1, sinceMs, apart: [], together: [], signed: null },
});

function beginSegment(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  s: Segments,
  gauge: string,
  timeMs: number,
): number {
  const windowAt = state.at + plan.windowAt;
  const sums = totalRow(state.numbers, windowAt, state.blocks);
  if ((sums[READINGS] ?? 0) > 0) s.apart.push({ gauge: s.gauge, untilMs: timeMs, sums });
  if (s.apart.length > MOST_APART) s.apart.shift();
  clearWindow(state.numbers, windowAt);
  state.blocks.length = 0;
  // No subgroup, and no moving range, is made of what two gauges measured.
  state.dropped += plan.subgrouper.interrupt(state.numbers, state.at);
  s.gauge = gauge;
  s.number += 1;
  s.sinceMs = timeMs;
  return sums[READINGS] ?? 0;
}

function tell(plan: CharacteristicPlan, what: string, timeMs: number, out: Outputs): void {
  const event: SourceEvent = {
    ...{ source: 'core', kind: 'gauge-change', severity: 'info', timeMs, characteristic: plan.id },
    text: `${what}: its readings are counted by themselves until somebody signs otherwise`,
  };
  out.event?.(event);
}
