import type { BookState } from '../alerts/book.ts';
import type { Alert } from '../model.ts';

/**
 * The alerts of a snapshot, many to a page: up to 10 000 may wait for an answer, and writing them
 * all every few seconds would wear out the disk of a small machine.
 */
const PER_PAGE = 32;
/** Pages are used again, so that their number is bounded however many alerts there ever were. */
const PAGES = 1024;
const PREFIX = 'alerts:';

const pageOf = (id: number): number => Math.floor(id / PER_PAGE) % PAGES;

/**
 * The book as key and JSON: what is small whole, and the pages with an alert that may have changed.
 * That is one told of since the last snapshot, or one whose condition holds: those change silently.
 */
export function* savedBook(
  state: BookState,
  told: ReadonlySet<number>,
  all: boolean,
): Iterable<readonly [string, string]> {
  yield ['alerts', JSON.stringify({ ...state, alerts: {} })] as const;
  const due = new Map<number, Record<string, Alert>>();
  for (const id of told) due.set(pageOf(id), {});
  for (const kinds of Object.values(state.episodes)) {
    for (const episode of Object.values(kinds)) due.set(pageOf(episode.id), {});
  }
  for (const id in state.alerts) {
    const page = pageOf(Number(id));
    if (all && !due.has(page)) due.set(page, {});
    const alerts = due.get(page);
    if (alerts !== undefined) alerts[id] = state.alerts[id] as Alert;
  }
  for (const [page, alerts] of due) yield [PREFIX + page, JSON.stringify(alerts)] as const;
}

/** Whether an alert is kept under this key. */
export const isOnPage = (key: string, id: number): boolean => key === PREFIX + pageOf(id);

/** Puts the book together again; null when the entries hold none. */
export function restoredBook(entries: ReadonlyMap<string, string>): BookState | null {
  const whole = entries.get('alerts');
  if (whole === undefined) return null;
  const state = JSON.parse(whole) as BookState;
  for (const [key, json] of entries) {
    if (key.startsWith(PREFIX)) Object.assign(state.alerts, JSON.parse(json));
  }
  return state;
}
