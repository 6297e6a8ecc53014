import type { Alert } from '../model.ts';
import {
  type AlertOutput,
  type BookState,
  begin,
  type Episode,
  emit,
  type Hit,
} from './episodes.ts';
import { isWorse } from './severity.ts';

/** A condition that came back again and again has to stay away this many times as long, at most. */
const LONGEST = 8;

/**
 * The newest alert of this subject and kind that is over, that nobody has answered, and that ended
 * no longer than `withinMs` ago. Only for what readings say: each silence and each gap is a loss of
 * its own, and faults of a source differ in their words.
 */
export function endedLately(state: BookState, hit: Hit, withinMs: number): Alert | undefined {
  const judged = hit.kind === 'out-of-control' || hit.kind === 'out-of-tolerance';
  if (withinMs <= 0 || !judged) return undefined;
  let newest: Alert | undefined;
  for (const id in state.alerts) {
    const alert = state.alerts[id] as Alert;
    if (alert.state !== 'cleared' || alert.kind !== hit.kind) continue;
    if (alert.subject === hit.subject.id) newest = alert;
  }
  const endedMs = newest?.clearedMs ?? Number.NEGATIVE_INFINITY;
  return hit.timeMs - endedMs <= withinMs ? newest : undefined;
}

/** Opens an alert again: one cause that comes and goes is one alert, with one answer. */
export function comeBack(state: BookState, alert: Alert, hit: Hit, out: AlertOutput): void {
  begin(state, alert, hit);
  alert.state = 'open';
  alert.clearedMs = null;
  alert.lastMs = hit.timeMs;
  alert.count += hit.count;
  alert.returns = (alert.returns ?? 0) + 1;
  for (const rule of hit.rules) if (!alert.rules.includes(rule)) alert.rules.push(rule);
  if (isWorse(hit.severity, alert.severity)) {
    alert.severity = hit.severity;
    alert.title = hit.title;
    alert.detail = hit.detail;
  }
  emit(out, 'returned', hit.timeMs, alert);
}

/** Good points or readings that end this episode: twice as many for each time that it came back. */
export function goodWanted(state: BookState, episode: Episode, atFirst: number): number {
  const returns = state.alerts[episode.id]?.returns ?? 0;
  return atFirst * Math.min(LONGEST, 2 ** returns);
}
