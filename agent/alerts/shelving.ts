import type { Alert } from '../model.ts';
import { sayDuration } from '../runtime/duration.ts';
import { type AlertOutput, type BookState, copyOf, emit, isShelved } from './episodes.ts';
import { restartClocks } from './escalation.ts';

/** Puts an alert aside: who, why and until when. */
export interface Shelving {
  by: string;
  reason: string;
  untilMs: number;
}

/** The shelved alert, or in words why it cannot be put aside. Once more: the new time counts. */
export function shelve(
  state: BookState,
  id: number,
  { by, reason, untilMs }: Shelving,
  timeMs: number,
  mostMs: number,
  out: AlertOutput,
): Alert | string {
  const alert = Object.hasOwn(state.alerts, id) ? state.alerts[id] : undefined;
  if (alert === undefined) return `alert ${id} is not known, or it is closed already`;
  if (by.trim() === '') return 'say who puts it aside';
  if (reason.trim() === '') return 'say why it is put aside';
  const forMs = untilMs - timeMs;
  if (!(forMs > 0)) return 'the time until which it is put aside has passed';
  if (forMs > mostMs) return `an alert can be put aside for ${sayDuration(mostMs)} at most`;
  const shelf = { by: by.trim(), reason: reason.trim(), fromMs: timeMs, untilMs };
  alert.shelf = { ...shelf, endedMs: null, endedBy: null };
  emit(out, 'shelved', timeMs, alert);
  return copyOf(alert);
}

/** Ends it before its time. */
export function unshelve(
  state: BookState,
  id: number,
  by: string,
  timeMs: number,
  out: AlertOutput,
): Alert | string {
  const alert = Object.hasOwn(state.alerts, id) ? state.alerts[id] : undefined;
  if (alert === undefined) return `alert ${id} is not known, or it is closed already`;
  if (!isShelved(alert)) return `alert ${id} is not put aside`;
  if (by.trim() === '') return 'say who takes it back';
  end(alert, by.trim(), timeMs, out);
  return copyOf(alert);
}

/** Whether a tick at this time would bring an alert back. */
export function shelfDue(state: BookState, nowMs: number): boolean {
  for (const id in state.alerts) if (isOver(state.alerts[id] as Alert, nowMs)) return true;
  return false;
}

/** Brings back what was put aside until now. */
export function endShelves(state: BookState, nowMs: number, out: AlertOutput): void {
  for (const id of Object.keys(state.alerts)) {
    const alert = state.alerts[id] as Alert;
    if (isOver(alert, nowMs)) end(alert, null, nowMs, out);
  }
}

/** The machine's own clock was set: it stays aside as long as it was meant to. */
export function shiftShelves(state: BookState, shifted: (ms: number) => number): void {
  for (const id in state.alerts) {
    const shelf = state.alerts[id]?.shelf;
    if (shelf === undefined || shelf.endedMs !== null) continue;
    const forMs = shelf.untilMs - shelf.fromMs;
    shelf.fromMs = shifted(shelf.fromMs);
    shelf.untilMs = shelf.fromMs + forMs;
  }
}

/** Also when it began in the future: then the clock was wrong, and nobody meant it that long. */
function isOver({ shelf }: Alert, nowMs: number): boolean {
  if (shelf === undefined || shelf.endedMs !== null) return false;
  return nowMs >= shelf.untilMs || nowMs < shelf.fromMs - CLOCK_SLACK_MS;
}

/** The page's command and the tick read the clock on two threads. */
const CLOCK_SLACK_MS = 60_000;

function end(alert: Alert, by: string | null, timeMs: number, out: AlertOutput): void {
  const { shelf } = alert;
  if (shelf === undefined) return;
  shelf.endedMs = timeMs;
  shelf.endedBy = by;
  restartClocks(alert, timeMs);
  emit(out, 'unshelved', timeMs, alert);
}
