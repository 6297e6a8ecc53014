import { FIRST_BAD_QUALITY } from '../model.ts';
import type { Columns } from './codec.ts';

/** What is known of a chunk without decoding it. Statistics are of good readings, else null. */
export interface Summary {
  count: number;
  good: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  /** earliest and latest source time of all its readings; clocks may have stepped inside */
  firstMs: number | null;
  lastMs: number | null;
  firstValue: number | null;
  lastValue: number | null;
}

/** True when a reading may enter statistics. */
export const isGood = (quality: number, value: number): boolean =>
  quality < FIRST_BAD_QUALITY && Number.isFinite(value);

export function summarize(chunk: Columns): Summary {
  let good = 0;
  let min = Infinity;
  let max = -Infinity;
  let mean = 0;
  let firstMs = Infinity;
  let lastMs = -Infinity;
  let firstValue = Number.NaN;
  let lastValue = Number.NaN;
  for (let i = 0; i < chunk.count; i += 1) {
    const ms = chunk.sourceMs[i] as number;
    if (ms < firstMs) firstMs = ms;
    if (ms > lastMs) lastMs = ms;
    const value = chunk.value[i] as number;
    if (!isGood(chunk.quality[i] as number, value)) continue;
    good += 1;
    mean += (value - mean) / good;
    if (value < min) min = value;
    if (value > max) max = value;
    if (good === 1) firstValue = value;
    lastValue = value;
  }
  return {
    count: chunk.count,
    good,
    min: finite(min),
    max: finite(max),
    mean: good === 0 ? null : finite(mean),
    firstMs: finite(firstMs),
    lastMs: finite(lastMs),
    firstValue: finite(firstValue),
    lastValue: finite(lastValue),
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);
