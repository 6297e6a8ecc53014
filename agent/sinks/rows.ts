import { batchBytes, batchReadings, decodeBatch } from '../batch.ts';
import type { Rows } from './sink.ts';

/** As the store's reader hands it over: batches still encoded, so they cross threads for free. */
export interface ShipperRows extends Omit<Rows, 'batches'> {
  batches: { seq: number; first: number; bytes: Uint8Array }[];
}

/**
 * Journal rows with one entry per batch, also where a row holds several. A batch is decoded when it is
 * looked at: what a whole second of readings needs at once would outlive the young generation, and
 * is needed for one batch after another.
 */
export function decodeRows(stored: ShipperRows): {
  rows: Rows;
  readings: number;
  firstMs: number | null;
  lastMs: number | null;
} {
  const batches: Rows['batches'] = [];
  let readings = 0;
  for (const { seq, first, bytes } of stored.batches) {
    let before = 0;
    for (let at = 0; at < bytes.byteLength; ) {
      const end = at + batchBytes(bytes, at);
      batches.push(lateBatch(seq, first + before, bytes.subarray(at, end)));
      before += batchReadings(bytes, at);
      at = end;
    }
    readings += before;
  }
  const filled = ({ batch }: Entry) => batch.deliveries > 0;
  const firstMs = batches.find(filled)?.batch.receiveMs[0] ?? null;
  const lastMs = batches.findLast(filled)?.batch.receiveMs.at(-1) ?? null;
  return { rows: { ...stored, batches }, readings, firstMs, lastMs };
}

type Entry = Rows['batches'][number];

function lateBatch(seq: number, first: number, bytes: Uint8Array): Entry {
  return {
    seq,
    first,
    get batch() {
      return decodeBatch(bytes);
    },
  };
}
