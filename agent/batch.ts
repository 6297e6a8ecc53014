/** The binary forms of readings and points; `batch/layout.ts` and `batch/point-layout.ts` draw them. */
export { batchBuilder } from './batch/build.ts';
export { type Batch, batchBytes, batchReadings, decodeBatch } from './batch/decode.ts';
export {
  type Delivery,
  emptyDelivery,
  FLAG_POLLED,
  FLAG_REDELIVERED,
  FLAG_SPARSE,
} from './batch/delivery.ts';
export { pointBuffer } from './batch/points.ts';
export { type PointBlock, seriesIn, takePoints } from './batch/take-points.ts';
