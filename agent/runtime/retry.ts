export interface BackoffOptions {
  firstMs: number;
  maxMs: number;
  /** 0..1 random number source, an argument so that tests are exact */
  random: () => number;
}

/** Exponential back-off with full jitter in the upper half; `next()` grows, `reset()` starts over. */
export function backoff(options: BackoffOptions): { next(): number; reset(): void } {
  let attempt = 0;
  return {
    next() {
      const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 30));
      attempt += 1;
      return ceiling / 2 + (ceiling / 2) * options.random();
    },
    reset() {
      attempt = 0;
    },
  };
}

/** Resolves after `ms`, or at once (without error) when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Waits for the work, but never longer than this, and for its failure neither. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
