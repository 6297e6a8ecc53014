/** Slows down whoever fails again and again; nobody is shut out for ever. */
export interface Backoff {
  /** ms to wait before another try; 0 when it may be made now */
  waitMs(key: string, nowMs: number): number;
  failed(key: string, nowMs: number): void;
  /** takes one failure back: a try is counted before it is known how it ends */
  forgive(key: string): void;
  forget(key: string): void;
}

export interface BackoffOptions {
  /** failures that cost nothing: people mistype */
  free: number;
  maxMs: number;
  /** a key is forgotten after so long without a failure */
  forgetMs: number;
}

const FIRST_MS = 1000;
const MOST_KEYS = 10_000;

/** 1 s after the first failure that counts, twice as long after each next one, up to `maxMs`. */
export function createBackoff({ free, maxMs, forgetMs }: BackoffOptions): Backoff {
  const keys = new Map<string, { failures: number; lastMs: number }>();
  const known = (key: string, nowMs: number) => {
    const one = keys.get(key);
    return one === undefined || nowMs - one.lastMs > forgetMs ? undefined : one;
  };
  return {
    waitMs(key, nowMs) {
      const one = known(key, nowMs);
      if (one === undefined || one.failures <= free) return 0;
      const wait = Math.min(maxMs, FIRST_MS * 2 ** (one.failures - free - 1));
      // A clock that was set back must not lengthen the wait.
      return Math.max(0, Math.min(wait, one.lastMs + wait - nowMs));
    },
    failed(key, nowMs) {
      const failures = (known(key, nowMs)?.failures ?? 0) + 1;
      keys.delete(key);
      keys.set(key, { failures, lastMs: nowMs });
      // The oldest goes: whoever has ten thousand addresses is slowed down by the account's key.
      const oldest = keys.size > MOST_KEYS ? keys.keys().next().value : undefined;
      if (oldest !== undefined) keys.delete(oldest);
    },
    forgive(key) {
      const one = keys.get(key);
      if (one !== undefined) one.failures -= 1;
    },
    forget: (key) => void keys.delete(key),
  };
}

/** So many at once and so many a second for each key; true when one more may pass. */
export function createRate(burst: number, perSecond: number) {
  const keys = new Map<string, { left: number; atMs: number }>();
  return (key: string, nowMs: number): boolean => {
    const one = keys.get(key) ?? { left: burst, atMs: nowMs };
    const passed = Math.max(0, nowMs - one.atMs) / 1000;
    const left = Math.min(burst, one.left + passed * perSecond);
    keys.delete(key);
    keys.set(key, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    const oldest = keys.size > MOST_KEYS ? keys.keys().next().value : undefined;
    if (oldest !== undefined) keys.delete(oldest);
    return left >= 1;
  };
}
