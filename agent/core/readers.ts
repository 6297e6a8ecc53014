import type { Stretch } from '../model.ts';
import type { Refused, Writer } from '../store/store.ts';

/** What sinks and channels say about themselves waits here and goes along with a transaction. */
export interface Readers {
  cursor(reader: string, seq: number, ahead?: readonly Stretch[]): void;
  reject(sink: string, rows: readonly Refused[]): void;
  forgive(ids: readonly number[]): void;
  /** something waits for a transaction */
  moved(): boolean;
  /** writes what waits; refused rows never later than the cursor that has passed them */
  save(writer: Pick<Writer, 'cursor' | 'reject' | 'forgive'>): void;
  /** what was written is durable and need not be written again */
  committed(): void;
}

export function createReaders(): Readers {
  const cursors = new Map<string, { seq: number; ahead: readonly Stretch[] }>();
  let refused: { sink: string; rows: readonly Refused[] }[] = [];
  let forgiven: number[] = [];
  return {
    cursor: (reader, seq, ahead = []) => void cursors.set(reader, { seq, ahead }),
    reject: (sink, rows) => void refused.push({ sink, rows }),
    forgive: (ids) => void forgiven.push(...ids),
    moved: () => cursors.size + refused.length + forgiven.length > 0,
    save(writer) {
      for (const { sink, rows } of refused) writer.reject(sink, rows);
      if (forgiven.length > 0) writer.forgive(forgiven);
      for (const [reader, { seq, ahead }] of cursors) writer.cursor(reader, seq, ahead);
    },
    committed() {
      refused = [];
      forgiven = [];
      cursors.clear();
    },
  };
}
