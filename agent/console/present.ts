import type { z } from 'zod';
import type {
  Alert,
  AlertEvent,
  AlertTransition,
  Capability,
  CharacteristicSummary,
  Escalation,
  Gap,
  Limits,
  Point,
  Shelf,
  Signal,
  SinkHealth,
  SourceHealth,
} from '../model.ts';
import type * as s from './schemas.ts';
import type { ConsoleView, LiveChange, ReadingRow } from './view.ts';

/** Nouns of the model as the API says them: times become ISO text, bit masks become rule ids. */

export function showPlant(plant: ReturnType<ConsoleView['plant']>): z.input<typeof s.plant> {
  const { name, site, version, startedMs, nowMs } = plant;
  return { name, site, version, startedAt: iso(startedMs), now: iso(nowMs) };
}

export function showLimits(limits: Limits): z.input<typeof s.limits> {
  const { frozenAtMs, approvedAtMs, ...rest } = limits;
  return { ...rest, frozenAt: iso(frozenAtMs), approvedAt: isoOrNull(approvedAtMs) };
}

export function showCharacteristic(
  summary: CharacteristicSummary,
): z.input<typeof s.characteristic> {
  const { lastReadingAt, limits, capability, ...rest } = summary;
  return {
    ...rest,
    capability: showCapability(capability),
    lastReadingAt: isoOrNull(lastReadingAt),
    limits: limits === null ? null : showLimits(limits),
  };
}

function showCapability({ apart, ...indices }: Capability): z.input<typeof s.capability> {
  if (apart === undefined) return indices;
  const rows = apart.map(({ untilMs, ...one }) => ({ ...one, until: iso(untilMs) }));
  return { ...indices, apart: rows };
}

export function showPoint(point: Point, rules: string[]): z.input<typeof s.point> {
  const { characteristic: _characteristic, timeMs, ...rest } = point;
  return {
    ...rest,
    at: iso(timeMs),
    rules: ruleIds(point.rules, rules),
    spreadRules: ruleIds(point.spreadRules, rules),
  };
}

export function showSignal(signal: Signal): z.input<typeof s.signal> {
  const { timeMs, ...rest } = signal;
  return { ...rest, at: iso(timeMs) };
}

export function showReading(row: ReadingRow): z.input<typeof s.reading> {
  const { timeMs, ...rest } = row;
  return { ...rest, at: iso(timeMs) };
}

export function showAlert(alert: Alert): z.input<typeof s.alert> {
  const { onsetMs, openedMs, lastMs, clearedMs, acknowledgedMs, ...more } = alert;
  const { shelf, escalations = [], escalatedTo: _escalatedTo, returns = 0, ...rest } = more;
  return {
    ...rest,
    returns,
    shelf: shelf === undefined ? null : showShelf(shelf),
    escalations: escalations.map((one) => showEscalation(one, alert)),
    onsetAt: iso(onsetMs),
    openedAt: iso(openedMs),
    lastAt: iso(lastMs),
    clearedAt: isoOrNull(clearedMs),
    acknowledgedAt: isoOrNull(acknowledgedMs),
  };
}

function showShelf({ fromMs, untilMs, endedMs, ...rest }: Shelf) {
  return { ...rest, from: iso(fromMs), until: iso(untilMs), endedAt: isoOrNull(endedMs) };
}

function showEscalation(one: Escalation, { state, shelf }: Alert) {
  const { to, level, levels, toldMs, sinceMs, afterMs } = one;
  const waits = (state === 'open' || state === 'cleared') && level < levels;
  const aside = shelf !== undefined && shelf.endedMs === null;
  const nextMs = waits && !aside ? sinceMs + afterMs : null;
  return { to, level, levels, toldAt: isoOrNull(toldMs), nextAt: isoOrNull(nextMs) };
}

export function showAlertEvent(event: AlertEvent): z.input<typeof s.alertEvent> {
  const { transition, timeMs, alert } = event;
  const { severity, state } = alert;
  const [by, note] = saidBy(transition, alert);
  return { at: iso(timeMs), transition, severity, state, by, note };
}

/** Who did it, and what there is to say about it. */
function saidBy(transition: AlertTransition, alert: Alert): [string | null, string] {
  const { shelf, escalatedTo = [], acknowledgedBy, cause, action } = alert;
  if (transition === 'acknowledged') return [acknowledgedBy, `${cause ?? ''}: ${action ?? ''}`];
  if (transition === 'shelved') return [shelf?.by ?? null, shelf?.reason ?? ''];
  if (transition === 'unshelved') return [shelf?.endedBy ?? null, ''];
  return [null, transition === 'escalated' ? escalatedTo.join(', ') : ''];
}

export function showGap(gap: Gap): z.input<typeof s.gap> {
  const { timeMs, ...rest } = gap;
  return { ...rest, at: iso(timeMs) };
}

export function showSource(source: SourceHealth): z.input<typeof s.source> {
  const { sinceMs, lastDataMs, ...rest } = source;
  return { ...rest, since: iso(sinceMs), lastDataAt: isoOrNull(lastDataMs) };
}

export function showSink(sink: SinkHealth): z.input<typeof s.sink> {
  const { oldestUnsentMs, ...rest } = sink;
  return { ...rest, oldestUnsentAt: isoOrNull(oldestUnsentMs) };
}

export function showChange(change: LiveChange): z.input<typeof s.change> {
  return {
    characteristics: change.characteristics.map(showCharacteristic),
    alerts: change.alerts.map(showAlert),
    sources: change.sources,
  };
}

/** ECMAScript dates end at ±8.64e15 ms; a source clock may claim anything. */
function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

function ruleIds(mask: number, rules: string[]): string[] {
  if (mask === 0) return [];
  return rules.filter((_, bit) => ((mask >>> bit) & 1) === 1);
}
