import { getHeapStatistics } from 'node:v8';

export interface Tidiness {
  /** time between two looks */
  everyMs: number;
  /** grown by so much since the last collection: worth the 10 to 30 ms that one takes */
  worthBytes: number;
}

/** For a thread that leaves little behind. */
const SELDOM: Tidiness = { everyMs: 30_000, worthBytes: 1 << 20 };

/**
 * Called now and then, collects the garbage of the thread that calls it; true when it did. V8 lets
 * the old part of a heap grow by 4 to 8 MB before it looks at it, however small the heap is, and a
 * thread that leaves little behind gets there after minutes only: until then its memory grows. Does
 * nothing in a process that was not started with `--expose-gc` (see small-memory.ts).
 */
export function createTidy(
  { everyMs, worthBytes }: Tidiness = SELDOM,
  collect: (() => unknown) | undefined = globalThis.gc,
  heapBytes: () => number = () => getHeapStatistics().used_heap_size,
): (nowMs: number) => boolean {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (nowMs) => {
    if (collect === undefined || nowMs - lookedMs < everyMs) return false;
    lookedMs = nowMs;
    if (heapBytes() - left < worthBytes) return false;
    collect();
    left = heapBytes();
    return true;
  };
}
