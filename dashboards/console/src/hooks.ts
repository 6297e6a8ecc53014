import type { RefObject } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from './api.ts';
import { pageNow } from './clock.ts';
import { type LiveState, liveState, onLive } from './live.ts';

/**
 * What `read` gives, from something outside the components that `listen` tells changes of (it
 * returns the way off). The component draws again only when the answer is another one.
 */
export function useOutside<T>(
  read: () => T,
  listen: (listener: () => void) => () => void,
  key: unknown = null,
): T {
  const [, redraw] = useState(0);
  const value = read();
  const drawn = useRef({ read, value });
  drawn.current = { read, value };
  useEffect(() => {
    const check = () => {
      if (!Object.is(drawn.current.read(), drawn.current.value)) redraw((n) => n + 1);
    };
    const leave = listen(check);
    // Something may have come between drawing and listening: effects run after the picture.
    check();
    return leave;
  }, [key]);
  return value;
}

/** A part of the live state. */
export const useLive = <T>(select: (state: LiveState) => T): T =>
  useOutside(() => select(liveState()), onLive);

/** Clock of the agent as this screen knows it, once a second. */
export function useNow(): number {
  const skewMs = useLive((state) => state.skewMs);
  const [now, setNow] = useState(pageNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(pageNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now + skewMs;
}

/** The hash of the address as path parts: '#/alerts/12' gives ['alerts', '12']. */
export function useHash(): string[] {
  const hash = useOutside(() => location.hash, onHash);
  return useMemo(() => partsOf(hash), [hash]);
}

function onHash(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  reload(): void;
}

/** GET whenever path or version change; the old answer stays until the new one is there. */
export function useGet<T>(path: string | null, version: unknown = 0): Loaded<T> {
  const [answer, setAnswer] = useState<{ path: string | null; data: T | null }>({
    path,
    data: null,
  });
  const [failed, setFailed] = useState({ path, error: null as string | null });
  const [turn, setTurn] = useState(0);
  // Version and turn only ask again.
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (data) => {
        setAnswer({ path, data });
        setFailed({ path, error: null });
      },
      (thrown: Error) => {
        if (!abort.signal.aborted) setFailed({ path, error: thrown.message });
      },
    );
    return () => abort.abort();
  }, [path, version, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return {
    data: answer.path === path ? answer.data : null,
    error: failed.path === path ? failed.error : null,
    reload,
  };
}

/** Width of an element in CSS pixels, 0 before it is laid out. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** True once the element was on the screen: charts nobody sees ask for nothing. */
export function useSeen<E extends Element>(): [RefObject<E | null>, boolean] {
  const ref = useRef<E>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver((entries) =>
      setSeen(entries.some((entry) => entry.isIntersecting)),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, seen];
}

/** Follows a media query, for example the dark colour scheme. */
export function useMedia(query: string): boolean {
  const list = useMemo(() => matchMedia(query), [query]);
  const listen = (listener: () => void) => {
    list.addEventListener('change', listener);
    return () => list.removeEventListener('change', listener);
  };
  return useOutside(() => list.matches, listen, query);
}

/** A text this screen remembers, such as the name of the person; every form sees it at once. */
export function useRemembered(key: string): [string, (value: string) => void] {
  const value = useOutside(() => localStorage.getItem(key) ?? '', onRemembered);
  const remember = (next: string) => {
    localStorage.setItem(key, next);
    for (const listener of remembering) listener();
  };
  return [value, remember];
}

const remembering = new Set<() => void>();

function onRemembered(listener: () => void): () => void {
  remembering.add(listener);
  return () => remembering.delete(listener);
}

function partsOf(hash: string): string[] {
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
}

/** A hand-typed address may hold a broken escape; it is then simply unknown. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
