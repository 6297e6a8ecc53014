import { type Batch, batchBuilder, type Delivery, decodeBatch, emptyDelivery } from '../batch.ts';
import type { Outputs } from '../core/outputs.ts';
import type { Reducer } from '../core/reducer.ts';
import { QUALITY } from '../model.ts';
import type { ReplayRow } from './replay-rows.ts';

/** What the readings of one number are to the core. */
export interface Lane {
  stream: string;
  /** read for a cycle: rows of one time are one look at the machine, as a PLC is read */
  input: boolean;
  /** rows of one sequence number are one curve, as in one MQTT message */
  curve: boolean;
}

interface Fed {
  reducer: Reducer;
  lanes: ReadonlyMap<number, Lane>;
  out: Outputs;
  /** every batch of features that the core made */
  features(batch: Batch): void;
}

const BATCH_READINGS = 1000;

/** Batches as the intake would make them; time passes only with the readings. */
export function feed(rows: Iterable<ReplayRow>, { reducer, lanes, out, features }: Fed): void {
  const builder = batchBuilder();
  const delivery = emptyDelivery({ count: 1 });
  const looks = looksInto((look) => builder.add(look));
  const flush = () => {
    if (builder.deliveries() === 0) return;
    reducer.batch(decodeBatch(new Uint8Array(builder.take())), out);
    const made = reducer.features();
    if (made === null) return;
    const batch = decodeBatch(new Uint8Array(made));
    reducer.batch(batch, out);
    features(batch);
  };
  let started = false;
  for (const row of rows) {
    const lane = lanes.get(row.characteristic);
    if (lane === undefined) continue;
    if (!started) reducer.tick(row.timeMs, true, out);
    started = true;
    looks.until(row);
    if (reducer.tickDue(row.timeMs)) {
      flush();
      reducer.tick(row.timeMs, false, out);
    }
    if (lane.input) looks.add(row, lane);
    else builder.add(deliveryOf(row, lane.stream, delivery));
    if (builder.readings() >= BATCH_READINGS) flush();
  }
  looks.end();
  flush();
}

/** Deliveries of what is read together; they go out when a row comes that is not part of them. */
function looksInto(give: (look: Delivery) => void) {
  const open = new Map<string, { key: number; byTime: boolean; look: Delivery }>();
  let looks = 0;
  const close = (stream: string) => {
    const one = open.get(stream);
    if (one === undefined) return;
    open.delete(stream);
    looks += 1;
    // Places in the file, which miss nothing where one is left out.
    one.look.sequence = one.look.tag.map(() => looks);
    give(one.look);
  };
  return {
    until({ timeMs }: ReplayRow) {
      for (const [stream, { byTime, key }] of open) if (byTime && key !== timeMs) close(stream);
    },
    add(row: ReplayRow, { stream, curve }: Lane) {
      // An empty cell of a signal is no sample; of a characteristic it is a reading that is missing.
      if (Number.isNaN(row.value)) return;
      const key = curve ? row.sequence : row.timeMs;
      const before = open.get(stream);
      if (before !== undefined && before.key !== key) close(stream);
      const look = open.get(stream)?.look ?? emptyDelivery({ stream, sparse: true });
      open.set(stream, { key, byTime: !curve, look });
      look.receiveMs = row.timeMs;
      look.count += 1;
      look.tag.push(row.characteristic);
      look.value.push(row.value);
      look.quality.push(QUALITY.GOOD);
      look.sourceMs.push(row.timeMs);
    },
    end() {
      for (const stream of [...open.keys()]) close(stream);
    },
  };
}

/** The reusable delivery of one reading; a missing one is a bad reading, as it would be live. */
function deliveryOf(row: ReplayRow, stream: string, into: Delivery): Delivery {
  into.stream = stream;
  into.receiveMs = row.timeMs;
  into.tag[0] = row.characteristic;
  into.value[0] = row.value;
  into.quality[0] = Number.isNaN(row.value) ? QUALITY.BAD_VALUE : QUALITY.GOOD;
  into.sourceMs[0] = row.timeMs;
  into.sequence[0] = row.sequence;
  return into;
}
