import { batchBytes, decodeBatch } from '../batch.ts';
import type { Rows } from './sink.ts';

/** As the store's reader hands it over: batches still encoded, so they cross threads for free. */
export interface ShipperRows extends Omit<Rows, 'batches'> {
  batches: { seq: number; first: number; bytes: Uint8Array }[];
}

/** Journal rows with their batches decoded; one entry per batch, also where a row holds several. */
export function decodeRows(stored: ShipperRows): {
  rows: Rows;
  readings: number;
  firstMs: number | null;
  lastMs: number | null;
} {
  const batches: Rows['batches'] = [];
  let readings = 0;
  let firstMs: number | null = null;
  let lastMs: number | null = null;
  for (const { seq, first, bytes } of stored.batches) {
    let before = 0;
    for (let at = 0; at < bytes.byteLength; ) {
      const size = batchBytes(bytes, at);
      const batch = decodeBatch(bytes.subarray(at, at + size));
      batches.push({ seq, first: first + before, batch });
      before += batch.readings;
      readings += batch.readings;
      firstMs ??= batch.receiveMs[0] ?? null;
      lastMs = batch.receiveMs[batch.deliveries - 1] ?? lastMs;
      at += size;
    }
  }
  return { rows: { ...stored, batches }, readings, firstMs, lastMs };
}
