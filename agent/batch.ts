/** The one binary form of readings; `batch/layout.ts` draws it. */
export { batchBuilder } from './batch/build.ts';
export { type Batch, batchBytes, decodeBatch } from './batch/decode.ts';
export { type Delivery, FLAG_POLLED, FLAG_REDELIVERED, FLAG_SPARSE } from './batch/delivery.ts';
