import type { Alert, AlertEvent, AlertKind, AlertTransition, Severity } from '../model.ts';
import { oldestOf } from './oldest.ts';
import { isWorse } from './severity.ts';
import type { Words } from './words.ts';

/** Where the book puts its events; the reducer's `Outputs` is one of these. */
export interface AlertOutput {
  alert(event: AlertEvent): void;
  /** an alert changed without an event: the next snapshot has to know */
  touched?(id: number): void;
}

/** A condition that holds now. At most one per subject and kind. */
export interface Episode {
  id: number;
  /** good points or readings in a row */
  good: number;
  /** time of the last point counted, bad or good: one subgroup counts once for all its charts */
  pointMs: number | null;
  /** when the condition was last seen, not before the last tick: sources may be slow clocks */
  touchedMs: number;
  /** missed parts that have not arrived late */
  outstanding: number;
  /** of a source: what it said lasts, by name; and whether something happened that does not */
  lasting?: string[];
  passing?: boolean;
  unsure?: boolean;
}

/** All that the book remembers; plain JSON, so a snapshot is `JSON.stringify`. */
export interface BookState {
  nextId: number;
  /** entries of `alerts`, counted because a record has no cheap size */
  remembered: number;
  /** alerts closed unanswered because the bound was reached */
  dropped: number;
  /** time of the last tick, 0 before the first */
  nowMs: number;
  /** alerts that are not closed, by id */
  alerts: Record<string, Alert>;
  /** conditions that hold, by subject and kind; a subject without any has no entry */
  episodes: Record<string, Partial<Record<AlertKind, Episode>>>;
}

/** A book with nothing in it. */
export function startBook(): BookState {
  return { nextId: 1, remembered: 0, dropped: 0, nowMs: 0, alerts: {}, episodes: {} };
}

/** True when some condition of this subject holds. Cheap: asked for every reading. */
export function hasOpen(state: BookState, subject: string): boolean {
  return Object.hasOwn(state.episodes, subject);
}

/** Conditions of this subject that hold, answered or not. */
export function openCount(state: BookState, subject: string): number {
  return hasOpen(state, subject) ? Object.keys(state.episodes[subject] ?? {}).length : 0;
}

/** The worst severity among the conditions of this subject that hold; null when none does. */
export function worstOpen(state: BookState, subject: string): Severity | null {
  let worst: Severity | null = null;
  if (!hasOpen(state, subject)) return worst;
  for (const episode of Object.values(state.episodes[subject] ?? {})) {
    const severity = state.alerts[episode.id]?.severity;
    if (severity !== undefined && (worst === null || isWorse(severity, worst))) worst = severity;
  }
  return worst;
}

/** The condition of this kind that holds, or undefined. */
export function episodeOf(state: BookState, subject: string, kind: AlertKind): Episode | undefined {
  return hasOpen(state, subject) ? state.episodes[subject]?.[kind] : undefined;
}

/** Kinds of conditions of this subject that hold. */
export function kindsOf(state: BookState, subject: string): AlertKind[] {
  return Object.keys(state.episodes[subject] ?? {}) as AlertKind[];
}

/** What is new in a hit on a condition, first or later. */
export interface Hit extends Words {
  kind: AlertKind;
  severity: Severity;
  subject: Pick<Alert, 'unit' | 'class' | 'reactionPlan'> & { id: string };
  timeMs: number;
  onsetMs: number;
  count: number;
  value: number | null;
  rules: readonly string[];
  context: Readonly<Record<string, string>>;
}

/** Opens the episode, with one `raised`. The caller saw that there is none of this kind. */
export function raise(state: BookState, hit: Hit, max: number, out: AlertOutput): void {
  while (state.remembered >= max) makeRoom(state, hit.timeMs, out);
  const alert: Alert = {
    id: state.nextId,
    kind: hit.kind,
    severity: hit.severity,
    state: 'open',
    subject: hit.subject.id,
    title: hit.title,
    detail: hit.detail,
    unit: hit.subject.unit,
    class: hit.subject.class,
    reactionPlan: hit.subject.reactionPlan,
    onsetMs: hit.onsetMs,
    openedMs: hit.timeMs,
    lastMs: hit.timeMs,
    clearedMs: null,
    acknowledgedMs: null,
    acknowledgedBy: null,
    cause: null,
    action: null,
    comment: null,
    count: hit.count,
    value: hit.value !== null && Number.isFinite(hit.value) ? hit.value : null,
    rules: [...new Set(hit.rules)],
    context: { ...hit.context },
  };
  state.nextId += 1;
  state.remembered += 1;
  state.alerts[alert.id] = alert;
  begin(state, alert, hit);
  emit(out, 'raised', hit.timeMs, alert);
}

/** The condition of this alert holds from now on. */
export function begin(state: BookState, { id }: Alert, hit: Hit): void {
  if (!hasOpen(state, hit.subject.id)) state.episodes[hit.subject.id] = {};
  (state.episodes[hit.subject.id] ?? {})[hit.kind] = {
    id,
    good: 0,
    pointMs: hit.timeMs,
    touchedMs: Math.max(hit.timeMs, state.nowMs),
    outstanding: hit.count,
  };
}

/** Adds a hit to an episode: silent, unless the severity rises. */
export function extend(state: BookState, episode: Episode, hit: Hit, out: AlertOutput): void {
  episode.good = 0;
  episode.pointMs = hit.timeMs;
  episode.touchedMs = Math.max(hit.timeMs, state.nowMs);
  episode.outstanding += hit.count;
  const alert = state.alerts[episode.id];
  if (alert === undefined) return;
  alert.lastMs = hit.timeMs;
  alert.count += hit.count;
  for (const rule of hit.rules) if (!alert.rules.includes(rule)) alert.rules.push(rule);
  const worse = isWorse(hit.severity, alert.severity);
  // The number of missed parts is in the words, so they follow it.
  if (worse || hit.kind === 'missed-parts') {
    alert.title = hit.title;
    alert.detail = hit.detail;
  }
  if (!worse) return;
  alert.severity = hit.severity;
  emit(out, 'worsened', hit.timeMs, alert);
}

/** The condition is gone: `cleared` while nobody answered, else `closed`. */
export function clear(
  state: BookState,
  subject: string,
  kind: AlertKind,
  knownMs: number,
  out: AlertOutput,
): void {
  const alert = state.alerts[episodeOf(state, subject, kind)?.id ?? 0];
  endEpisode(state, subject, kind);
  if (alert === undefined) return;
  // A late part is older than the gap that it fills, and clocks of sources differ: nothing ends
  // before it was last seen.
  const timeMs = Math.max(knownMs, alert.lastMs);
  alert.clearedMs = timeMs;
  if (alert.state === 'acknowledged') close(state, alert, timeMs, out);
  else {
    alert.state = 'cleared';
    emit(out, 'cleared', timeMs, alert);
  }
}

/** Closed alerts leave the state at once: the store has them. */
export function close(state: BookState, alert: Alert, timeMs: number, out: AlertOutput): void {
  alert.state = 'closed';
  delete state.alerts[alert.id];
  state.remembered -= 1;
  emit(out, 'closed', timeMs, alert);
}

/** Hands out a copy that nobody else holds; the store gives it its place. */
export function emit(
  out: AlertOutput,
  transition: AlertTransition,
  timeMs: number,
  alert: Alert,
): void {
  out.alert({ seq: 0, ordinal: 0, transition, timeMs, alert: copyOf(alert) });
}

/** True while people want to hear nothing of it. */
export function isShelved({ shelf }: Pick<Alert, 'shelf'>): boolean {
  return shelf !== undefined && shelf.endedMs === null;
}

/** A copy that shares nothing with the state. */
export function copyOf(alert: Alert): Alert {
  const { shelf, escalations, escalatedTo } = alert;
  return {
    ...alert,
    rules: [...alert.rules],
    context: { ...alert.context },
    ...(shelf === undefined ? {} : { shelf: { ...shelf } }),
    ...(escalations === undefined
      ? {}
      : { escalations: escalations.map((one) => ({ ...one, to: [...one.to] })) }),
    ...(escalatedTo === undefined ? {} : { escalatedTo: [...escalatedTo] }),
  };
}

function endEpisode(state: BookState, subject: string, kind: AlertKind): void {
  const held = hasOpen(state, subject) ? state.episodes[subject] : undefined;
  if (held === undefined) return;
  delete held[kind];
  if (Object.keys(held).length === 0) delete state.episodes[subject];
}

/** Closes an alert unanswered, so that another one can be remembered. */
function makeRoom(state: BookState, timeMs: number, out: AlertOutput): void {
  const oldest = oldestOf(state);
  if (oldest === undefined) {
    state.remembered = 0;
    return;
  }
  if (oldest.state !== 'cleared') endEpisode(state, oldest.subject, oldest.kind);
  oldest.comment ??= 'closed by Meyar without an answer: too many alerts are waiting';
  state.dropped += 1;
  close(state, oldest, timeMs, out);
}
