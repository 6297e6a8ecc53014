import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './api.ts';
import { pageNow } from './clock.ts';
import { type LiveState, liveState, onLive } from './live.ts';

/** A part of the live state; the component draws again only when that part changed. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const [, redraw] = useState(0);
  const value = select(liveState());
  const drawn = useRef({ select, value });
  drawn.current = { select, value };
  useEffect(() => {
    const check = () => {
      const { select: again, value: before } = drawn.current;
      if (!Object.is(again(liveState()), before)) redraw((n) => n + 1);
    };
    // Something may have come between drawing and listening.
    check();
    return onLive(check);
  }, []);
  return value;
}

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
  const [parts, setParts] = useState(hashParts);
  useEffect(() => {
    const update = () => setParts(hashParts());
    addEventListener('hashchange', update);
    return () => removeEventListener('hashchange', update);
  }, []);
  return parts;
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
  const [error, setError] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  // Version and turn only ask again.
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (data) => {
        setAnswer({ path, data });
        setError(null);
      },
      (thrown: Error) => {
        if (!abort.signal.aborted) setError(thrown.message);
      },
    );
    return () => abort.abort();
  }, [path, version, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { data: answer.path === path ? answer.data : null, error, reload };
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
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setMatches(list.matches);
    list.addEventListener('change', update);
    return () => list.removeEventListener('change', update);
  }, [query]);
  return matches;
}

/** A text this screen remembers, such as the name of the person; every form sees it at once. */
export function useRemembered(key: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(key) ?? '');
  useEffect(() => {
    const listener = (changed: string) => {
      if (changed === key) setValue(localStorage.getItem(key) ?? '');
    };
    remembering.add(listener);
    return () => void remembering.delete(listener);
  }, [key]);
  const remember = (next: string) => {
    localStorage.setItem(key, next);
    for (const listener of remembering) listener(key);
  };
  return [value, remember];
}

const remembering = new Set<(key: string) => void>();

function hashParts(): string[] {
  return location.hash
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
