import { createHash } from 'node:crypto';

/**
 * The lines of one file as it was, so that an editor which writes all of it again adds only what is new:
 * lines move when one is put in before them, so their number alone does not say which they are.
 */
export interface LineMemory {
  /** the file is read from its first line again */
  again(): void;
  /**
   * The number to count this line by; null when it was read before. `late`: it was put into a file that
   * was read already, and is no newer than the newest line there.
   */
  number(bytes: Buffer, line: number): number | null;
  late(sourceMs: number): boolean;
}

/** Of a longer file the rest is known by its number only. */
const MOST_LINES = 50_000;

export function lineMemory(): LineMemory {
  let known = new Map<string, number>();
  let before = new Map<string, number>();
  let next = 1;
  let rewritten = false;
  let newestMs = Number.NEGATIVE_INFINITY;
  let newestBefore = Number.NEGATIVE_INFINITY;
  let whole = true;
  const add = (key: string, times: number) => {
    if (known.size < MOST_LINES) known.set(key, (known.get(key) ?? 0) + times);
    else whole = false;
  };
  return {
    again() {
      // A look at a file that was being written may have seen half of it: the rest is known as well.
      for (const [key, times] of before) if (times > 0) add(key, times);
      // What cannot be remembered whole would come back as new: its numbers have to do.
      rewritten = whole && known.size > 0;
      before = known;
      known = new Map();
      newestBefore = newestMs;
      if (!rewritten) next = 1;
      whole = true;
    },
    number(bytes, line) {
      const key = createHash('md5').update(bytes).digest('base64');
      add(key, 1);
      const times = before.get(key) ?? 0;
      if (times > 0) before.set(key, times - 1);
      // The first line may name the columns; as a part it has its own number, which is known.
      if (line === 1) return 1;
      if (rewritten && times > 0) return null;
      const number = rewritten ? Math.max(next, 2) : line;
      next = number + 1;
      return number;
    },
    late(sourceMs) {
      newestMs = Math.max(newestMs, sourceMs);
      return rewritten && sourceMs <= newestBefore;
    },
  };
}
