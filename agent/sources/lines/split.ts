/** Divides what a device sends into lines; any of CR, LF and CR LF ends one, empty ones are none. */
export interface Splitter {
  push(chunk: Buffer, take: (line: Buffer, whole: boolean) => void): void;
  /** what was begun is not ended any more: the connection is gone */
  clear(): void;
}

const NEWLINE = 10;
const RETURN = 13;

/** Of a line longer than `most` bytes only the beginning is given, with `whole` false. */
export function createSplitter(most: number): Splitter {
  let rest: Buffer = Buffer.alloc(0);
  let overlong = false;
  return {
    push(chunk, take) {
      let from = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        if (chunk[at] !== NEWLINE && chunk[at] !== RETURN) continue;
        const piece = chunk.subarray(from, at);
        const line = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
        if (line.length > 0) take(line.subarray(0, most), !overlong && line.length <= most);
        rest = Buffer.alloc(0);
        overlong = false;
        from = at + 1;
      }
      if (from >= chunk.length) return;
      if (rest.length + chunk.length - from > most) overlong = true;
      rest = Buffer.concat([rest, chunk.subarray(from)]).subarray(0, most);
    },
    clear() {
      rest = Buffer.alloc(0);
      overlong = false;
    },
  };
}
