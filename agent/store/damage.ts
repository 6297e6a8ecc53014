import { type Columns, decodeChunk, type Wants } from './codec.ts';

/** What cannot be read any more: left out of every answer, and counted. */
export interface Damage {
  /** the chunk, or null when it is damaged: one bad chunk must not hide all the others */
  decode(id: number, data: Uint8Array, into: Columns, wants?: Wants): Columns | null;
  /** the rows that can be read, each as `of` makes it */
  readable<Row, T>(rows: readonly Row[], of: (row: Row) => T): T[];
  /** runs `read`; what it cannot read is noted under this name, and the answer is null */
  spared<T>(id: string, read: () => T): T | null;
  /** different chunks and rows that were found damaged so far */
  parts(): number;
}

const MOST_REMEMBERED = 100_000;

export function watchDamage(): Damage {
  const found = new Set<number | string>();
  const note = (id: number | string) => {
    if (found.size < MOST_REMEMBERED) found.add(id);
  };
  return {
    decode(id, data, into, wants) {
      try {
        return decodeChunk(data, into, wants);
      } catch {
        note(id);
        return null;
      }
    },
    readable: (rows, of) =>
      rows.flatMap((row) => {
        try {
          return [of(row)];
        } catch (error) {
          // Text that is no JSON any more; everything else is a mistake of ours.
          if (!(error instanceof SyntaxError)) throw error;
          note(JSON.stringify(row));
          return [];
        }
      }),
    spared(id, read) {
      try {
        return read();
      } catch {
        note(id);
        return null;
      }
    },
    parts: () => found.size,
  };
}
