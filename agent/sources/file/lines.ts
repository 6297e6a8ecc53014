/** Divides bytes into lines, wherever the pieces were cut. */
export interface LineSplitter {
  /** calls `take` with every complete line; `bytes` is a view that is only valid meanwhile */
  push(chunk: Buffer): void;
  /** the last line, although nothing ends it; false when there is none */
  finish(): boolean;
  /** bytes of an unfinished line */
  pending(): number;
}

const NEWLINE = 10;
const RETURN = 13;

/** A line longer than `most` bytes is given as its beginning, with `whole` false. */
export function lineSplitter(
  most: number,
  take: (bytes: Buffer, whole: boolean) => void,
): LineSplitter {
  let rest: Buffer = Buffer.alloc(0);
  let overlong = false;

  const give = (line: Buffer) => {
    const whole = !overlong && line.length <= most;
    overlong = false;
    const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
    take(line.subarray(0, Math.min(end, most)), whole);
  };
  return {
    push(chunk) {
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(NEWLINE, from);
        if (end < 0) break;
        const tail = chunk.subarray(from, end);
        give(rest.length === 0 ? tail : Buffer.concat([rest, tail]));
        rest = Buffer.alloc(0);
        from = end + 1;
      }
      if (from >= chunk.length) return;
      if (rest.length + chunk.length - from > most) overlong = true;
      // Of an overlong line only the beginning is kept.
      rest = Buffer.concat([rest, chunk.subarray(from)]).subarray(0, most);
    },
    finish() {
      if (rest.length === 0) return false;
      give(rest);
      rest = Buffer.alloc(0);
      return true;
    },
    pending: () => rest.length,
  };
}
