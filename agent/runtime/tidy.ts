import { getHeapStatistics } from 'node:v8';

const EVERY_MS = 60_000;
/** Grown by so much since the last collection: worth the 10 to 20 ms (60 beside other work) that one takes. */
const WORTH_BYTES = 1 << 20;

/**
 * Called now and then, collects the garbage of the thread that calls it; true when it did. V8 lets
 * the old part of a heap grow by 4 to 8 MB before it looks at it, however small the heap is, and a
 * thread that leaves little behind gets there after minutes only: until then its memory grows. Not for
 * the shell, which gets there within seconds, and whose heap takes longer. Does nothing in a process
 * that was not started with `--expose-gc` (see small-memory.ts).
 */
export function createTidy(
  collect: (() => unknown) | undefined = globalThis.gc,
  heapBytes: () => number = () => getHeapStatistics().used_heap_size,
): (nowMs: number) => boolean {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (nowMs) => {
    if (collect === undefined || nowMs - lookedMs < EVERY_MS) return false;
    lookedMs = nowMs;
    if (heapBytes() - left < WORTH_BYTES) return false;
    collect();
    left = heapBytes();
    return true;
  };
}
