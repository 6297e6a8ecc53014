/** Waits for a condition that others change and announce. */
export interface Sleeper {
  ring(): void;
  /** until `ready()` is true, looked at on every ring, or `ms` passed (null = no limit) */
  until(ready: () => boolean, ms: number | null): Promise<void>;
}

/** For one sleeper at a time. */
export function createSleeper(): Sleeper {
  let look = () => {};
  return {
    ring: () => look(),
    until: (ready, ms) =>
      new Promise((resolve) => {
        const timer = ms === null ? undefined : setTimeout(() => wake(), ms);
        const wake = () => {
          clearTimeout(timer);
          look = () => {};
          resolve();
        };
        look = () => {
          if (ready()) wake();
        };
        look();
      }),
  };
}
