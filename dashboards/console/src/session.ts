import { get, onRefused } from './api.ts';
import { pageNow } from './clock.ts';
import { useOutside } from './hooks.ts';
import type { Me } from './types.ts';

const PING_MS = 60_000;

let me: Me | null = null;
const listeners = new Set<() => void>();

/** Asks who sits here; resolves when the page knows. */
export async function loadMe(): Promise<Me> {
  me = await get<Me>('me');
  for (const listener of listeners) listener();
  return me;
}

/** Who sits here, once it is known. */
export const useMe = (): Me | null => useOutside(() => me, onMe);

function onMe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether this role may use an address of the API: what it may not is not offered. */
export function may(address: string): boolean {
  return me?.may.includes(address) ?? false;
}

/** The name that stands under what is done here; null where it must be typed. */
export const signedName = (): string | null => (me?.by === 'session' ? me.name : null);

/** A new page for a new person: nothing of the one before stays in memory. */
export function startOver(hash = ''): void {
  history.replaceState(null, '', hash === '' ? location.hash || '#/' : hash);
  location.reload();
}

/** Says now and then that somebody is there, and notices when the login has ended. */
export function watchSession(): void {
  let activeAt = 0;
  for (const name of ['pointerdown', 'keydown']) {
    addEventListener(name, () => {
      activeAt = pageNow();
    });
  }
  let pinged = pageNow();
  setInterval(() => {
    if (me?.by !== 'session' || activeAt <= pinged) return;
    pinged = pageNow();
    get<Me>('me', undefined, { 'x-meyar-active': '1' }).then(endWhenOut, () => {});
  }, PING_MS);
  onRefused(() => get<Me>('me').then(endWhenOut, () => {}));
}

function endWhenOut(now: Me): void {
  if (me?.role !== null && (now.role !== me?.role || now.name !== me.name)) startOver();
}
