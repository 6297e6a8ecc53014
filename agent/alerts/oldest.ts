import type { Alert } from '../model.ts';
import type { BookState } from './episodes.ts';

/** Ids below this are of alerts that are gone. Not part of the state: it only shortens a search. */
const goneBelow = new WeakMap<BookState, number>();

/** The oldest cleared alert, or the oldest of all when every condition still holds. */
export function oldestOf(state: BookState): Alert | undefined {
  let oldest: Alert | undefined;
  for (let id = goneBelow.get(state) ?? firstId(state); id < state.nextId; id += 1) {
    const alert = state.alerts[id];
    if (alert === undefined) continue;
    if (oldest === undefined) goneBelow.set(state, id);
    oldest ??= alert;
    if (alert.state === 'cleared') return alert;
  }
  return oldest;
}

/** Keys that are whole numbers are listed in their order (ECMA-262, OrdinaryOwnPropertyKeys). */
function firstId(state: BookState): number {
  for (const id in state.alerts) return Number(id);
  return state.nextId;
}
