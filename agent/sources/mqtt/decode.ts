import { type Delivery, emptyDelivery } from '../../batch.ts';
import { QUALITY } from '../../model.ts';
import { contextText } from './context.ts';
import type { Counters } from './counters.ts';
import { inflate } from './inflate.ts';
import { isPlausible, toNumber, toStepMs, toTimeMs } from './numbers.ts';
import { PayloadError, textOf, tooLarge } from './payload.ts';
import type { Entry, TopicPlan } from './plan.ts';
import { NOTHING, notBelieved, put, sequenceOf, type Work } from './put.ts';
import { learn, takeQuick } from './quick.ts';

/** Turns one payload into deliveries. Holds the one delivery object that is used for all of them. */
export interface Decoder {
  /**
   * Hands over every reading of the payload, in order; returns how many deliveries that were.
   * Throws a PayloadError, before anything was handed over, when the payload cannot be read.
   */
  take(
    plan: TopicPlan,
    payload: Buffer,
    receiveMs: number,
    redelivered: boolean,
    publisher?: string,
  ): number;
}

export function createDecoder(
  deliver: (delivery: Delivery) => void,
  counters: Counters,
  maxBytes: number,
): Decoder {
  const w: Work = {
    delivery: emptyDelivery(),
    deliver,
    counters,
    payload: Buffer.alloc(0),
    handed: 0,
    publisher: '',
    columns: [],
  };
  return {
    take(plan, payload, receiveMs, redelivered, publisher = '') {
      if (payload.length > maxBytes) throw tooLarge(payload.length, maxBytes);
      if (payload.length === 0) throw new PayloadError('empty payload');
      const d = w.delivery;
      d.count = 0;
      d.stream = plan.stream;
      d.context = '';
      d.receiveMs = receiveMs;
      d.modulus = plan.entry.modulus;
      d.ownMs = Number.NaN;
      d.redelivered = redelivered;
      w.payload = payload;
      w.handed = 0;
      w.publisher = publisher === '' ? '' : `"publisher":${JSON.stringify(publisher)}`;
      if (plan.quick !== null && takeQuick(w, plan, plan.quick)) {
        if (w.publisher !== '') d.context = contextText(plan.context, null, null, w.publisher);
        handOver(w);
        return w.handed;
      }
      const { compressed, maxInflated } = plan.entry.settings;
      const text = textOf(compressed ? inflate(payload, maxInflated) : payload);
      if (plan.entry.settings.format === 'number') takeNumber(w, plan, text);
      else takeItems(w, plan, plan.entry.read(text));
      if (d.count > 0) handOver(w);
      if (w.handed === 0) throw new PayloadError('none of the configured values is in the message');
      if (plan.quick !== null) learn(plan.quick, payload);
      return w.handed;
    },
  };
}

function takeNumber(w: Work, plan: TopicPlan, text: string): void {
  const value = toNumber(text);
  if (Number.isNaN(value) && !/^\s*(nan|null|none|-|)\s*$/i.test(text)) {
    throw new PayloadError('not a number');
  }
  if (plan.context.length > 0 || w.publisher !== '') {
    w.delivery.context = contextText(plan.context, null, null, w.publisher);
  }
  put(w, plan.tags[0] as number, value, Number.NaN, w.delivery.receiveMs, QUALITY.GOOD);
}

function takeItems(w: Work, plan: TopicPlan, root: unknown): void {
  const { entry } = plan;
  if (entry.items === null) {
    takeItem(w, plan, root, root);
    return;
  }
  const items = entry.items(root);
  if (!Array.isArray(items)) {
    throw new PayloadError(`no array at '${entry.settings.items ?? ''}'`);
  }
  for (let i = 0; i < items.length; i += 1) takeItem(w, plan, items[i], root);
}

function takeItem(w: Work, plan: TopicPlan, item: unknown, root: unknown): void {
  const { entry } = plan;
  const d = w.delivery;
  if (plan.context.length > 0 || w.publisher !== '') {
    const context = contextText(plan.context, item, root, w.publisher);
    if (d.count > 0 && context !== d.context) handOver(w);
    d.context = context;
  }
  const start = d.count;
  const rawSequence = entry.sequence === null ? null : entry.sequence(item);
  const rawTime = entry.time === null ? null : entry.time(item);
  const counted = entry.sequence !== null && !Array.isArray(rawSequence);
  const sequence = counted ? sequenceOf(w, rawSequence) : Number.NaN;
  const timeMs = entry.time === null ? d.receiveMs : toTimeMs(rawTime, entry.timeUnit);
  const believed = entry.time === null || isPlausible(timeMs, d.receiveMs);
  const quality = believed ? QUALITY.GOOD : QUALITY.UNCERTAIN_CLOCK;
  for (let k = 0; k < plan.tags.length; k += 1) {
    const value = plan.getters[k]?.(item);
    if (typeof value === 'object' && Array.isArray(value)) {
      d.count = start;
      takeColumns(w, plan, item, Array.isArray(rawSequence) ? rawSequence : sequence, rawTime);
      return;
    }
    if (value === undefined) {
      w.counters.valuesAbsent += 1;
      continue;
    }
    const at = believed ? timeMs : d.receiveMs;
    put(w, plan.tags[k] as number, toNumber(value), sequence, at, quality);
  }
  if (!believed && d.count > start) notBelieved(w, timeMs);
}

/** Parallel arrays: value i of every tag belongs together, and to time i and sequence i. */
function takeColumns(
  w: Work,
  plan: TopicPlan,
  item: unknown,
  sequences: unknown[] | number,
  rawTime: unknown,
): void {
  const { entry } = plan;
  const { receiveMs } = w.delivery;
  const columns = w.columns;
  columns.length = 0;
  let rows = 0;
  for (let k = 0; k < plan.tags.length; k += 1) {
    const value = plan.getters[k]?.(item);
    columns.push(value);
    rows = Math.max(rows, Array.isArray(value) ? value.length : 0);
  }
  const first = toTimeMs(rawTime, entry.timeUnit);
  const step = entry.step === null ? 0 : toStepMs(entry.step(item), entry.timeUnit);
  let corrected: number | null = null;
  for (let i = 0; i < rows; i += 1) {
    const sequence = Array.isArray(sequences) ? sequenceOf(w, sequences[i]) : sequences;
    const timeMs = timeAt(entry, rawTime, first, step, i);
    const believed = entry.time === null || isPlausible(timeMs, receiveMs);
    const at = believed && entry.time !== null ? timeMs : receiveMs;
    if (!believed) corrected = timeMs;
    for (let k = 0; k < columns.length; k += 1) {
      const column = columns[k];
      const value = Array.isArray(column) ? column[i] : i === 0 ? column : undefined;
      if (value === undefined) continue;
      const quality = believed ? QUALITY.GOOD : QUALITY.UNCERTAIN_CLOCK;
      put(w, plan.tags[k] as number, toNumber(value), sequence, at, quality);
    }
  }
  if (corrected !== null) notBelieved(w, corrected);
}

function timeAt(entry: Entry, raw: unknown, firstMs: number, stepMs: number, i: number): number {
  return Array.isArray(raw) ? toTimeMs(raw[i], entry.timeUnit) : firstMs + i * stepMs;
}

/** The bytes go with the first delivery of a message; later ones repeat them only when needed. */
function handOver(w: Work): void {
  const d = w.delivery;
  const counted = !Number.isNaN(d.sequence[0] ?? Number.NaN);
  d.raw = w.handed === 0 || !counted ? w.payload : NOTHING;
  w.counters.readings += d.count;
  w.handed += 1;
  w.deliver(d);
  d.ownMs = Number.NaN;
  d.count = 0;
}
