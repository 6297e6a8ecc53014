import { QUALITY } from '../../model.ts';
import { isPlausible, toNumber, toTimeMs } from './numbers.ts';
import type { TopicPlan } from './plan.ts';
import { notBelieved, put, sequenceOf, type Work } from './put.ts';
import { type Numbers, scanItems } from './scan.ts';
import type { TopicSettings } from './settings.ts';
import { learnShape, type Shape, wantedPaths } from './shape.ts';

/** How the numbers of one topic are read straight from the bytes. */
export interface Quick {
  paths: NonNullable<ReturnType<typeof wantedPaths>>;
  /** place of the counter, the time (−1: the settings name none) and the values among the paths */
  sequence: number;
  time: number;
  values: number[];
  /** as of the newest message that had to be parsed; null when it had none that can be relied on */
  shape: Shape | null;
  /** messages in a row that were not of the shape learned before */
  misses: number;
}

/** A topic whose messages look different every time is parsed without trying. */
const MOST_MISSES = 64;

const numbers: Numbers = { values: new Float64Array(1024) };

/** For arrays of items that only numbers are wanted of; null for every other kind of topic. */
export function quickOf(settings: TopicSettings, values: readonly string[]): Quick | null {
  const { format, items, table, compressed, sequence, time } = settings;
  if (format !== 'json' || items !== '' || table !== undefined || compressed) return null;
  if (Object.keys(settings.context).length > 0 || time?.unit === 'iso') return null;
  if (values.length === 0) return null;
  const counter = typeof sequence === 'object' ? sequence.path : sequence;
  const texts = [...new Set([counter, time?.path, ...values].filter((path) => path !== undefined))];
  const paths = wantedPaths(texts);
  if (paths === null) return null;
  return {
    paths,
    sequence: counter === undefined ? -1 : texts.indexOf(counter),
    time: time === undefined ? -1 : texts.indexOf(time.path),
    values: values.map((path) => texts.indexOf(path)),
    shape: null,
    misses: 0,
  };
}

/** Learns from a message that was parsed what the next ones may look like. */
export function learn(quick: Quick, payload: Uint8Array): void {
  if (quick.misses >= MOST_MISSES) return;
  quick.misses += 1;
  quick.shape = learnShape(payload, quick.paths);
}

/** Puts every reading of the payload; false, with nothing done, when it has to be parsed. */
export function takeQuick(w: Work, plan: TopicPlan, quick: Quick): boolean {
  if (quick.shape === null || quick.misses >= MOST_MISSES) return false;
  const items = scanItems(w.payload, quick.shape, numbers);
  if (items < 0) return false;
  quick.misses = 0;
  const width = quick.shape.wanted;
  for (let i = 0; i < items; i += 1) putItem(w, plan, quick, numbers.values, i * width);
  return true;
}

function putItem(w: Work, plan: TopicPlan, quick: Quick, read: Float64Array, base: number): void {
  const { receiveMs } = w.delivery;
  const timed = quick.time >= 0;
  const sequence =
    quick.sequence < 0 ? Number.NaN : sequenceOf(w, read[base + quick.sequence] as number);
  const timeMs = timed
    ? toTimeMs(read[base + quick.time] as number, plan.entry.timeUnit)
    : receiveMs;
  const believed = !timed || isPlausible(timeMs, receiveMs);
  const quality = believed ? QUALITY.GOOD : QUALITY.UNCERTAIN_CLOCK;
  const at = believed ? timeMs : receiveMs;
  for (let k = 0; k < plan.tags.length; k += 1) {
    const value = toNumber(read[base + (quick.values[k] as number)] as number);
    put(w, plan.tags[k] as number, value, sequence, at, quality);
  }
  if (!believed) notBelieved(w, timeMs);
}
