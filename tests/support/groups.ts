import { decodeBatch as decode } from '../../agent/batch.ts';
import { type Collected, collect, encode, reducerFor } from './reducer.ts';

export const START_MS = 1_700_000_000_000;

/** A group of made-up characteristics v0, v1 … whose parts come as one record each. */
export interface GroupRig extends Collected {
  reducer: ReturnType<typeof reducerFor>;
  /** one part after the other, a second apart, all values in one delivery */
  feed(rows: readonly (readonly number[])[]): GroupRig;
  /** one delivery as it is told; members by position, quality 0 unless given */
  give(one: {
    values: readonly number[];
    members?: readonly number[];
    quality?: readonly number[];
    sequence?: number;
    stream?: string;
    context?: string;
    pauseMs?: number;
  }): GroupRig;
  /** what the API lists of the group */
  summary(): ReturnType<ReturnType<typeof reducerFor>['summaries']>[number];
  /** goes on with another reducer that has this one's state */
  resume(): GroupRig;
}

export function groupRig(p: number, group: Record<string, unknown>): GroupRig {
  const ids = Array.from({ length: p }, (_, j) => `v${j}`);
  const fixed = { subgroup: { kind: 'by-count', size: 1 }, rules: 'shewhart' };
  const rows = Object.fromEntries(
    ids.map((id) => [id, { ...fixed, limits: { kind: 'fixed', center: 0, sigma: 1e9 } }]),
  );
  const make = () => reducerFor(rows, { groups: { g: { characteristics: ids, ...group } } });
  let nowMs = START_MS;
  let counter = 0;
  const made: GroupRig = {
    ...collect(),
    reducer: make(),
    feed(parts) {
      for (const values of parts) made.give({ values });
      return made;
    },
    give(one) {
      nowMs += one.pauseMs ?? 1000;
      counter += 1;
      const count = one.values.length;
      const bytes = encode([
        {
          stream: one.stream ?? 's/cell',
          context: one.context ?? '',
          raw: new TextEncoder().encode(String(counter)),
          receiveMs: nowMs,
          count,
          tag: [...(one.members ?? ids.map((_, j) => j))],
          value: [...one.values],
          quality: [...(one.quality ?? one.values.map(() => 0))],
          sourceMs: one.values.map(() => nowMs),
          sequence: one.values.map(() => one.sequence ?? counter),
        },
      ]);
      made.reducer.batch(decode(bytes), made);
      return made;
    },
    summary() {
      const found = made.reducer.summaries(nowMs).find(({ id }) => id === 'g');
      if (found === undefined) throw new Error('the group is not listed');
      return found;
    },
    resume() {
      const state = new Map(made.reducer.snapshot(true));
      made.reducer = make();
      made.reducer.restore(state);
      return made;
    },
  };
  made.reducer.tick(START_MS, true, made);
  return made;
}

/** Points of the group alone, of one kind of chart. */
export const pointsOf = ({ points }: Collected, chart: string) =>
  points.filter((point) => point.characteristic === 'g' && point.chart === chart);

export const signalsOf = ({ signals }: Collected) =>
  signals.filter((signal) => signal.characteristic === 'g');
