import type { Alert } from '../model.ts';
import { type AlertOutput, type BookState, close, copyOf, emit } from './episodes.ts';

/** What a person answers. Who, cause and action are wanted; 'no cause found' is a cause. */
export interface Answer {
  by: string;
  cause: string;
  action: string;
  comment: string;
}

/** Takes an answer: the answered alert, or in words why it cannot be taken. */
export function acknowledge(
  state: BookState,
  id: number,
  answer: Answer,
  timeMs: number,
  out: AlertOutput,
): Alert | string {
  const alert = Object.hasOwn(state.alerts, id) ? state.alerts[id] : undefined;
  if (alert === undefined) return `alert ${id} is not known, or it is closed already`;
  if (alert.state === 'acknowledged') {
    return `alert ${id} was already answered by ${alert.acknowledgedBy}`;
  }
  const by = tidy(answer.by);
  const cause = tidy(answer.cause);
  const action = tidy(answer.action);
  if (by === null) return 'say who answers';
  if (cause === null) return "name the cause; 'no cause found' is allowed";
  if (action === null) return 'say what was done';
  alert.acknowledgedMs = timeMs;
  alert.acknowledgedBy = by;
  alert.cause = cause;
  alert.action = action;
  alert.comment = tidy(answer.comment);
  if (alert.state === 'cleared') close(state, alert, timeMs, out);
  else {
    alert.state = 'acknowledged';
    emit(out, 'acknowledged', timeMs, alert);
  }
  return copyOf(alert);
}

const MAX_ANSWER_CHARACTERS = 1000;

function tidy(text: string): string | null {
  const trimmed = text.trim().slice(0, MAX_ANSWER_CHARACTERS);
  return trimmed === '' ? null : trimmed;
}
