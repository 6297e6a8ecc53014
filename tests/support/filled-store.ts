import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { createLoop } from '../../agent/core/loop.ts';
import { recover } from '../../agent/core/recover.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { checkedRow, encode, reducerOf } from './reducer.ts';

const T0 = 1_772_323_200_000;

/** Checked settings of the characteristics that a filled store holds. */
export const FILLED = {
  characteristics: Object.fromEntries(
    ['od', 'bore'].map((id) => [
      id,
      checkedRow(id, {
        ...{ lsl: 5, usl: 15, unit: 'mm', noDataAfter: '1h' },
        subgroup: { kind: 'by-count', size: 5 },
        limits: { kind: 'fixed', center: 10, sigma: 1 },
      }),
    ]),
  ),
  alerts: policyOf(alertSettings.parse({})),
  sources: ['s'],
};

/**
 * A store as an agent makes it: batches of ten counted parts of two characteristics through the
 * real loop, some out of tolerance, a cursor and an acknowledgement. The writer stays open.
 */
export function fillStore(file: string, batches: number, snapshotEveryMs = 1000): StoreWriter {
  let ms = 0;
  const clock = { now: () => T0 + ms, monotonic: () => ms };
  const writer = openWriter(file, { monotonic: clock.monotonic });
  const ids = Object.keys(FILLED.characteristics);
  const { reducer } = recover({
    writer,
    settings: FILLED,
    make(settings) {
      const numbers = writer.numbers(ids);
      return reducerOf(settings, { numbers: ids.map((id) => numbers.get(id) ?? -1) });
    },
    newStoreId: 'filled',
    nowMs: T0,
  });
  const loop = createLoop({
    ...{ reducer, writer, clock },
    post() {},
    later: () => () => {},
    options: {
      ...{ commitEveryMs: 20, commitReadings: 1, snapshotEveryMs, newStoreId: '', readers: [] },
      retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
    },
  });
  loop.tick(true);
  for (let n = 0; n < batches; n += 1) {
    const parts = Array.from({ length: 10 }, (_, i) => {
      const part = 10 * n + i + 1;
      const value = part % 97 === 0 ? 19 : 10 + ((part * 7919) % 200) / 100 - 1;
      const at = { receiveMs: T0 + 100 * part, sourceMs: [T0 + 100 * part] };
      return { stream: 's/x', ...at, tag: [part % 2], value: [value], sequence: [part] };
    });
    ms += 170;
    loop.batch(n + 1, encode(parts).slice().buffer as ArrayBuffer);
    if (n % 20 === 5) loop.cursor('sink:influx', writer.head());
  }
  return writer;
}
