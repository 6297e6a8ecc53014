import { type Batch, FLAG_SPARSE } from '../batch.ts';
import { FIRST_BAD_QUALITY, QUALITY } from '../model.ts';
import {
  ALARM_SIGNAL,
  type CharacteristicPlan,
  type CharacteristicState,
  OUT_OF_TOLERANCE,
  POINT,
  SIGNAL,
  stepReading,
} from './characteristic.ts';
import { hearCycles, stepCycles } from './cycles/step.ts';
import { offer } from './groups/join.ts';
import { type Groups, stepRow } from './groups/step.ts';
import type { Outputs } from './outputs.ts';
import { counting, type Run } from './run.ts';
import { measuredWith } from './segments.ts';

/** Set on a reading that was refused as a duplicate; sinks and history leave it out. */
export const DUPLICATE_QUALITY = 255;

/** As contexts say it, which are all written without blanks. */
const GAUGE_KEY = '"gauge":';

/** Takes in every delivery of a batch in order; true when a signal or an alert came of it. */
export function takeBatch(r: Run, batch: Batch, out: Outputs): boolean {
  const counted = counting(r, out);
  r.alerted = false;
  r.gauges = batch.mentions(GAUGE_KEY);
  const signalsBefore = r.figures.signals;
  let stream = '';
  let streamAt = -1;
  for (let d = 0; d < batch.deliveries; d += 1) {
    const at = batch.streamAt[d] as number;
    if (at !== streamAt) {
      streamAt = at;
      stream = batch.stream(d);
    }
    takeDelivery(r, batch, d, stream, counted);
  }
  return r.alerted || r.figures.signals > signalsBefore;
}

function takeDelivery(r: Run, batch: Batch, d: number, stream: string, out: Outputs): void {
  const end = d + 1 < batch.deliveries ? (batch.first[d + 1] as number) : batch.readings;
  let verdict = '';
  let last = Number.NaN;
  const sparse = ((batch.flags[d] as number) & FLAG_SPARSE) !== 0;
  for (let i = batch.first[d] as number; i < end; i += 1) {
    const sequence = batch.sequence[i] as number;
    if (verdict === '' || (sequence !== last && !Number.isNaN(sequence))) {
      const decision = r.streams.decide(batch, d, stream, i);
      verdict = decision.verdict;
      last = sequence;
      const timeMs = batch.sourceMs[i] as number;
      if (decision.missed > 0 && !sparse)
        noteGap(r, stream, decision.from, decision.missed, timeMs, out);
      if (verdict === 'late') {
        r.plan.book.onGapFilled(r.bookState, sourceOf(stream), 1, timeMs, out);
      }
    }
    if (verdict === 'duplicate') {
      batch.quality[i] = DUPLICATE_QUALITY;
      r.figures.duplicates += 1;
    } else {
      const isInput = verdict !== 'late' && hearCycles(r.cycles, batch, i);
      takeReading(r, batch, d, i, verdict === 'late', isInput, out);
    }
  }
  if (r.cycles !== null && r.cycles.heard.length > 0) stepCycles(r.cycles, batch, d);
}

/** Streams are named `source/stream`. */
const sourceOf = (stream: string) => stream.slice(0, Math.max(0, stream.indexOf('/')));

function noteGap(
  r: Run,
  stream: string,
  from: number,
  missed: number,
  timeMs: number,
  out: Outputs,
): void {
  const source = sourceOf(stream);
  const gap = { seq: 0, ordinal: 0, source, stream, from, to: from + missed - 1, missed, timeMs };
  r.figures.missedParts += missed;
  out.gap(gap);
  r.plan.book.onMissed(r.bookState, source, gap, out);
}

function takeReading(
  r: Run,
  batch: Batch,
  d: number,
  i: number,
  late: boolean,
  isInput: boolean,
  out: Outputs,
): void {
  const number = batch.characteristic[i] as number;
  const at = number < r.byNumber.length ? (r.byNumber[number] as number) : -1;
  if (at < 0) {
    if (!isInput) r.figures.unknownCharacteristic += 1;
    return;
  }
  const value = batch.value[i] as number;
  const sourceMs = batch.sourceMs[i] as number;
  const sequence = batch.sequence[i] as number;
  let quality = batch.quality[i] as number;
  r.figures.readings += 1;
  r.dirty[at] = 1;
  r.unseen[at] = 1;
  const plan = r.plan.characteristics[at] as CharacteristicPlan;
  noteLife(r, at, plan, batch.receiveMs[d] as number, sourceMs, out);
  // A source marks as late what the machine had stored: history, not the process as it runs.
  if ((late && quality < FIRST_BAD_QUALITY) || quality === QUALITY.UNCERTAIN_LATE) {
    quality = QUALITY.UNCERTAIN_LATE;
    batch.quality[i] = quality;
    r.figures.late += 1;
    out.reading(number, sourceMs, value, quality, sequence);
    return;
  }
  out.reading(number, sourceMs, value, quality, sequence);
  const state = r.states[at] as CharacteristicState;
  const context = r.asks[at] === 1 ? contextOf(batch, d) : undefined;
  if (r.gauges && quality < FIRST_BAD_QUALITY) noteGauge(plan, state, batch, d, sourceMs, out);
  const flags = stepReading(plan, state, value, quality, sourceMs, sequence, out, context);
  if (flags !== 0 || r.plan.book.hasOpen(r.bookState, plan.id)) {
    tellBook(r, plan, flags, value, quality, sourceMs, batch.context(d), out);
  }
  if (r.groups !== null) feedGroups(r, r.groups, batch, d, i, at, out);
}

function noteGauge(
  plan: CharacteristicPlan,
  state: CharacteristicState,
  batch: Batch,
  d: number,
  timeMs: number,
  out: Outputs,
): void {
  const { gauge } = contextOf(batch, d);
  if (gauge !== undefined && gauge !== '') measuredWith(plan, state, gauge, timeMs, out);
}

/** Hands a reading to the groups it is part of; a row that it completes is taken in at once. */
function feedGroups(
  r: Run,
  groups: Groups,
  batch: Batch,
  d: number,
  i: number,
  from: number,
  out: Outputs,
): void {
  for (const { group, member } of groups.feeds[from] ?? []) {
    const join = groups.plans[group] as Groups['plans'][number];
    const sourceMs = batch.sourceMs[i] as number;
    const sequence = batch.sequence[i] as number;
    const row = offer(join, groups.states[group] as Groups['states'][number], {
      member,
      value: batch.value[i] as number,
      quality: batch.quality[i] as number,
      sourceMs,
      sequence,
      stream: batch.stream(d),
      context: join.by === 'sequence' ? NO_CONTEXT : contextOf(batch, d),
    });
    groups.dirty[group] = 1;
    const { at } = join;
    r.unseen[at] = 1;
    if (row === undefined) continue;
    r.dirty[at] = 1;
    const plan = r.plan.characteristics[at] as CharacteristicPlan;
    noteLife(r, at, plan, batch.receiveMs[d] as number, sourceMs, out);
    const state = r.states[at] as CharacteristicState;
    const flags = stepRow(plan, state, row, sourceMs, sequence, out);
    if (flags === 0 && !r.plan.book.hasOpen(r.bookState, plan.id)) continue;
    const quality = row === null ? QUALITY.BAD_VALUE : QUALITY.GOOD;
    tellBook(r, plan, flags, Number.NaN, quality, sourceMs, batch.context(d), out);
  }
}

function noteLife(
  r: Run,
  at: number,
  plan: CharacteristicPlan,
  receiveMs: number,
  sourceMs: number,
  out: Outputs,
): void {
  r.lastMs[at] = receiveMs;
  if (r.silent[at] === 0) return;
  r.silent[at] = 0;
  r.plan.book.onDataBack(r.bookState, plan.id, sourceMs, out);
}

/** Tells the alert book what one reading meant, in the order people think: parts, then process. */
function tellBook(
  r: Run,
  plan: CharacteristicPlan,
  flags: number,
  value: number,
  quality: number,
  timeMs: number,
  contextText: string,
  out: Outputs,
): void {
  const { book } = r.plan;
  const state = r.bookState;
  const subject = plan.subject;
  const context = parseContext(contextText);
  if ((flags & OUT_OF_TOLERANCE) !== 0) {
    book.onOutOfTolerance(state, subject, value, plan.lsl, plan.usl, timeMs, context, out);
  } else if (quality < FIRST_BAD_QUALITY) book.onInTolerance(state, plan.id, timeMs, out);
  if ((flags & (SIGNAL | ALARM_SIGNAL)) !== 0) {
    book.onSignals(state, subject, r.heard, context, out);
  } else if ((flags & POINT) !== 0) book.onInControlPoint(state, plan.id, timeMs, out);
  r.heard.length = 0;
}

const NO_CONTEXT: Readonly<Record<string, string>> = {};

// The readings of a delivery come one after another: its context is read once.
let readBatch: Batch | null = null;
let readDelivery = -1;
let readContext = NO_CONTEXT;

function contextOf(batch: Batch, d: number): Readonly<Record<string, string>> {
  if (batch !== readBatch || d !== readDelivery) {
    readBatch = batch;
    readDelivery = d;
    readContext = parseContext(batch.context(d));
  }
  return readContext;
}

function parseContext(text: string): Record<string, string> {
  if (text === '') return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}
