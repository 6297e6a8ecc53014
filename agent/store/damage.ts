import { type Columns, decodeChunk, type Wants } from './codec.ts';

/** Chunks of the history that cannot be read: left out of every answer, and counted. */
export interface Damage {
  /** the chunk, or null when it is damaged: one bad chunk must not hide all the others */
  decode(id: number, data: Uint8Array, into: Columns, wants?: Wants): Columns | null;
  /** different chunks that were found damaged so far */
  chunks(): number;
}

const MOST_REMEMBERED = 100_000;

export function watchDamage(): Damage {
  const found = new Set<number>();
  return {
    decode(id, data, into, wants) {
      try {
        return decodeChunk(data, into, wants);
      } catch {
        if (found.size < MOST_REMEMBERED) found.add(id);
        return null;
      }
    },
    chunks: () => found.size,
  };
}
