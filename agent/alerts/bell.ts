import { sleep } from '../runtime/retry.ts';

export type Bell = ReturnType<typeof createBell>;

/** Wakes the loop; a ring between two waits is not lost. */
export function createBell() {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    isRung: () => rung,
    reset() {
      rung = false;
    },
    wait(ms: number): Promise<void> {
      if (rung) return Promise.resolve();
      const nudge = new AbortController();
      wake = () => nudge.abort();
      return sleep(ms, nudge.signal);
    },
  };
}
