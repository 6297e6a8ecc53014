import type { CharacteristicClass, Gap, Severity, SourceEvent } from '../model.ts';
import { sayDuration } from '../runtime/duration.ts';

/** What the words of an alert need to know of a characteristic. */
export interface SubjectInfo {
  id: string;
  name: string;
  unit: string;
  class: CharacteristicClass;
  reactionPlan: string;
  decimals: number;
}

/** One broken rule as the monitor hands it over; `onsetMs` is the first point of the run. */
export interface SignalHit {
  rule: string;
  text: string;
  severity: Severity;
  value: number;
  timeMs: number;
  onsetMs?: number | undefined;
  chart: string;
  statistic: 'location' | 'spread';
}

/** Title and detail of an alert: plain sentences that stand alone on a phone. */
export interface Words {
  title: string;
  detail: string;
}

/** "… is out of control: 1 point beyond 3 sigma (X̄ 21.9921 mm)"; the worst hit names it. */
export function sayOutOfControl(subject: SubjectInfo, hits: readonly SignalHit[]): Words {
  const named = hits.find((hit) => hit.severity === 'alarm') ?? hits[0];
  if (named === undefined) return { title: `${subject.name} is out of control`, detail: '' };
  const more = hits.length - 1;
  const others = more === 0 ? '' : `, and ${more} more ${more === 1 ? 'signal' : 'signals'}`;
  const said = `${named.text} (${sayStatistic(subject, named)})`;
  const lines = hits.map((hit) => `${hit.chart}: ${hit.text}, ${sayStatistic(subject, hit)}.`);
  return {
    title: `${subject.name} is out of control: ${said}${others}`,
    detail: lines.join(' '),
  };
}

/** "… is out of tolerance: 22.0031 mm, above USL 22.0000 mm". */
export function sayOutOfTolerance(
  subject: SubjectInfo,
  value: number,
  lsl: number | null,
  usl: number | null,
): Words {
  const { name, unit, decimals } = subject;
  const above = usl !== null && value > usl;
  const limit = above ? usl : lsl !== null && value < lsl ? lsl : null;
  const [shown, shownLimit] = apart(value, limit, decimals);
  const side = above ? 'above USL' : 'below LSL';
  const against = limit === null ? '' : `, ${side} ${withUnit(shownLimit, unit)}`;
  const ends = [
    lsl === null ? '' : `LSL ${withUnit(fixed(lsl, decimals), unit)}`,
    usl === null ? '' : `USL ${withUnit(fixed(usl, decimals), unit)}`,
  ].filter((end) => end !== '');
  return {
    title: `${name} is out of tolerance: ${withUnit(shown, unit)}${against}`,
    detail: ends.length === 0 ? '' : `Tolerance: ${ends.join(', ')}.`,
  };
}

/** "…: no reading for 12 min", and when the last one came. */
export function sayNoData(name: string, lastReadingMs: number | null, nowMs: number): Words {
  if (lastReadingMs === null) {
    return { title: `${name}: no reading yet`, detail: 'No reading has come since the start.' };
  }
  const silent = sayDuration(Math.max(0, nowMs - lastReadingMs));
  return {
    title: `${name}: no reading for ${silent}`,
    detail: `No reading for ${silent}, last at ${sayTime(lastReadingMs)}.`,
  };
}

/** "cells: 12 parts missed"; the numbers of the last gap stand in the detail. */
export function sayMissed(source: string, total: number, gap: Gap): Words {
  const range = gap.from === gap.to ? `number ${gap.from}` : `numbers ${gap.from} to ${gap.to}`;
  return {
    title: `${source}: ${total} ${total === 1 ? 'part' : 'parts'} missed`,
    detail: `${gap.stream}: ${range} never arrived, seen at ${sayTime(gap.timeMs)}.`,
  };
}

/** "cells: the broker lost our session". */
export function saySourceEvent(event: SourceEvent): Words {
  return {
    title: `${event.source}: ${event.text}`,
    detail: `${event.kind} at ${sayTime(event.timeMs)}.`,
  };
}

/** A time as everybody everywhere reads the same: UTC, to the second. */
function sayTime(ms: number): string {
  if (!(Math.abs(ms) <= 8.64e15)) return 'an unknown time';
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Symbols of the two statistics of a chart, and whether they carry the unit of the reading. */
const SYMBOLS: Record<string, [location: string, spread: string]> = {
  'xbar-r': ['X̄', 'R'],
  'xbar-s': ['X̄', 's'],
  'i-mr': ['X', 'MR'],
  imr: ['X', 'MR'],
  individuals: ['X', 'MR'],
  median: ['median', 'R'],
  range: ['R', 'R'],
  sd: ['s', 's'],
  'between-within': ['X̄', 'MR of X̄'],
  modified: ['X̄', 'X̄'],
  acceptance: ['X̄', 'X̄'],
  'pre-control': ['X', 'X'],
  regression: ['X̄', 'X̄'],
  residual: ['X', 'X'],
  group: ['highest deviation', 'lowest deviation'],
  dnom: ['deviation', 'MR'],
  ma: ['moving average', 'moving average'],
  ewma: ['EWMA', 'EWMA'],
  t2: ['T²', 'T²'],
  mewma: ['T² of the EWMA', 'T² of the EWMA'],
  mcusum: ['MCUSUM', 'MCUSUM'],
  'generalized-variance': ['|S|', '|S|'],
};

function sayStatistic(subject: SubjectInfo, hit: SignalHit): string {
  const symbols = SYMBOLS[hit.chart];
  const value = fixed(hit.value, subject.decimals);
  if (symbols === undefined) return `${hit.chart} ${value}`;
  return `${hit.statistic === 'spread' ? symbols[1] : symbols[0]} ${withUnit(value, subject.unit)}`;
}

function withUnit(value: string, unit: string): string {
  return unit === '' ? value : `${value} ${unit}`;
}

function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return 'not a number';
  return Math.abs(value) < 1e15 ? value.toFixed(decimals) : String(value);
}

/** Adds digits until the value no longer reads the same as the limit that it breaks. */
function apart(value: number, limit: number | null, decimals: number): [string, string] {
  if (limit === null) return [fixed(value, decimals), ''];
  let digits = decimals;
  while (digits < decimals + 6 && fixed(value, digits) === fixed(limit, digits)) digits += 1;
  return [fixed(value, digits), fixed(limit, digits)];
}
