import type { SourceEvent } from '../model.ts';
import { type AlertOutput, type BookState, clear, type Episode, episodeOf } from './episodes.ts';

/** Conditions of one source that are kept by name; more of them end by quiet like any event. */
const MOST = 100;

/** A source said that something lasts: its alert stays until the source says that it is over. */
export function holdFor(state: BookState, { source, condition }: SourceEvent): void {
  const episode = episodeOf(state, source, 'source');
  if (episode === undefined) return;
  episode.lasting ??= [];
  if (condition !== undefined) episode.unsure = false;
  const known = condition !== undefined && episode.lasting.includes(condition);
  if (known) return;
  if (condition === undefined || episode.lasting.length >= MOST) episode.passing = true;
  else episode.lasting.push(condition);
}

/** Begun anew: what the source does not say again ends by quiet, its settings may have changed. */
export function doubtLasting(state: BookState, source: string): void {
  const episode = episodeOf(state, source, 'source');
  if (episode?.lasting !== undefined) episode.unsure = true;
}

/** Does something last that only its source can end? */
export const lasts = ({ lasting = [], unsure }: Episode): boolean =>
  lasting.length > 0 && unsure !== true;

/**
 * It is over: the alert ends when nothing else of this source lasts. What merely happened meanwhile
 * keeps it open for its quiet time.
 */
export function overFor(state: BookState, event: SourceEvent, out: AlertOutput): void {
  const episode = episodeOf(state, event.source, 'source');
  const at = episode?.lasting?.indexOf(event.condition ?? '') ?? -1;
  if (episode === undefined || at < 0) return;
  episode.lasting?.splice(at, 1);
  episode.touchedMs = Math.max(event.timeMs, state.nowMs);
  const alert = state.alerts[episode.id];
  if (alert !== undefined) out.touched?.(alert.id);
  if (episode.lasting?.length === 0 && episode.passing !== true) {
    clear(state, event.source, 'source', event.timeMs, out);
  }
}
