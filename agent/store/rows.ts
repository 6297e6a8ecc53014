import { fail, guarded, refuseIfStopped, type WriterState } from './connection.ts';
import { MAX_ORDINAL, rowId } from './schema.ts';
import type { Writer } from './store.ts';

/** Numbers and writes what the reducer derives in the open transaction. */
export function rows(
  w: WriterState,
): Pick<Writer, 'point' | 'signal' | 'alert' | 'limits' | 'gap' | 'event'> {
  const t = w.transaction;
  /** the key of the next row; the argument gets both halves of it */
  const number = (row: { seq: number; ordinal: number }): number => {
    row.seq = t.seq;
    row.ordinal = t.ordinal;
    return next();
  };
  const next = (): number => {
    if (t.seq === 0) throw new Error('no transaction is open');
    if (t.ordinal > MAX_ORDINAL) throw new Error(`more than ${MAX_ORDINAL + 1} rows derived`);
    t.ordinal += 1;
    return rowId(t.seq, t.ordinal - 1);
  };
  const write = (work: () => void) => guarded(w, 'writing derived rows', work);
  return {
    // The one that is called most often: nothing is made on the way.
    point(point) {
      if (w.failure !== undefined || w.closed) refuseIfStopped(w);
      try {
        number(point);
        w.connection.points.add(point);
      } catch (error) {
        throw fail(w, 'writing points', error);
      }
    },
    signal: (signal) => write(() => w.connection.derived.signal(number(signal), signal)),
    alert: (event) => write(() => w.connection.derived.alert(number(event), event)),
    limits: (limits) => write(() => w.connection.derived.limits(next(), limits)),
    gap: (gap) => write(() => w.connection.derived.gap(number(gap), gap)),
    event: (event) => write(() => w.connection.derived.event(next(), event)),
  };
}
