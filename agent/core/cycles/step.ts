import { type Batch, batchBuilder, type Delivery } from '../../batch.ts';
import { FIRST_BAD_QUALITY, QUALITY } from '../../model.ts';
import type { CyclePlan, CyclesPlan, Feed } from './plan.ts';
import { type CycleState, openCycle, type SignalState, startCycle } from './state.ts';

/** The cycles of a core: what they remember, and the features that are ready. */
export interface Cycles {
  plan: CyclesPlan;
  states: CycleState[];
  dirty: Uint8Array;
  builder: ReturnType<typeof batchBuilder>;
  /** readings of the delivery being taken in that some cycle looks at: place in the batch */
  heard: number[];
}

/** null where there are none: then a reading costs one comparison more. */
export function startCycles(plan: CyclesPlan | null): Cycles | null {
  if (plan === null) return null;
  const states = plan.cycles.map(startCycle);
  const dirty = new Uint8Array(states.length);
  return { plan, states, dirty, builder: batchBuilder(), heard: [] };
}

/** Features of the cycles that ended in the batch just taken in, as a batch of readings. */
export function takeFeatures(c: Cycles | null): ArrayBuffer | null {
  return c === null || c.builder.deliveries() === 0 ? null : c.builder.take();
}

/** Notes a reading that some cycle looks at; false for any other. */
export function hearCycles(cycles: Cycles | null, batch: Batch, i: number): boolean {
  if (cycles === null || !cycles.plan.feeds.has(batch.characteristic[i] as number)) return false;
  cycles.heard.push(i);
  return true;
}

interface Given {
  value: number;
  quality: number;
  timeMs: number;
  context: string;
  receiveMs: number;
}

/**
 * Takes in what was heard of one delivery: its triggers first, so that a sample read together with
 * the trigger belongs to the cycle which that trigger begins, and to none that it ends.
 */
export function stepCycles(c: Cycles, batch: Batch, d: number): void {
  const curves = beginCurves(c, batch);
  for (const trigger of [true, false]) {
    for (const i of c.heard) {
      for (const feed of c.plan.feeds.get(batch.characteristic[i] as number) ?? []) {
        if ((feed.role !== 'signal') === trigger) give(c, feed, givenOf(batch, d, i));
      }
    }
  }
  for (const [cycle, last] of curves) {
    end(
      c,
      c.plan.cycles[cycle] as CyclePlan,
      c.states[cycle] as CycleState,
      givenOf(batch, d, last),
    );
  }
  c.heard.length = 0;
}

/** Curves that come whole begin with their first sample; returns the last one of each. */
function beginCurves(c: Cycles, batch: Batch): Map<number, number> {
  const last = new Map<number, number>();
  const timeOf = (i: number | undefined) => batch.sourceMs[i ?? -1] ?? Number.NaN;
  for (const i of c.heard) {
    for (const { cycle } of c.plan.feeds.get(batch.characteristic[i] as number) ?? []) {
      const plan = c.plan.cycles[cycle] as CyclePlan;
      const state = c.states[cycle] as CycleState;
      if (plan.settings.trigger.kind !== 'array') continue;
      if (!(timeOf(i) <= timeOf(last.get(cycle)))) last.set(cycle, i);
      if (!((state.open?.startMs ?? Number.MAX_VALUE) <= timeOf(i))) {
        state.open = openCycle(plan, timeOf(i));
      }
    }
  }
  return last;
}

function givenOf(batch: Batch, d: number, i: number): Given {
  return {
    value: batch.value[i] as number,
    quality: batch.quality[i] as number,
    timeMs: batch.sourceMs[i] as number,
    context: batch.context(d),
    receiveMs: batch.receiveMs[d] as number,
  };
}

function give(c: Cycles, feed: Feed, given: Given): void {
  const plan = c.plan.cycles[feed.cycle] as CyclePlan;
  const state = c.states[feed.cycle] as CycleState;
  if (!Number.isFinite(given.timeMs)) return;
  c.dirty[feed.cycle] = 1;
  const { open } = state;
  if (open !== null && given.timeMs - open.startMs > plan.settings.longest) {
    open.blind ||= QUALITY.BAD_INCOMPLETE;
    end(c, plan, state, given);
  }
  if (feed.role === 'signal') sample(plan, state, feed.signal, given);
  else trigger(c, plan, state, feed.role, given);
}

/** A cycle of which the beginning was not seen is none. */
function trigger(
  c: Cycles,
  plan: CyclePlan,
  state: CycleState,
  role: 'trigger' | 'end',
  given: Given,
): void {
  const how = plan.settings.trigger;
  const { value, quality } = given;
  if (how.kind === 'array') return;
  if (how.kind === 'between' || how.kind === 'message') {
    // That it came is what counts; BAD_VALUE is a message that holds no number.
    if (quality >= FIRST_BAD_QUALITY && quality !== QUALITY.BAD_VALUE) blind(state, quality);
    else if (role === 'end') end(c, plan, state, given);
    else {
      if (how.kind === 'between' && state.open) state.open.blind ||= QUALITY.BAD_INCOMPLETE;
      end(c, plan, state, given);
      state.open = openCycle(plan, given.timeMs);
    }
    return;
  }
  if (quality >= FIRST_BAD_QUALITY) {
    blind(state, quality);
    return;
  }
  const now = how.kind === 'while' ? Number(value > how.above) : value;
  const before = state.last;
  state.last = now;
  if (now === before) return;
  // After a time in which nothing was seen this change may not be the first: no beginning.
  const unseen = (state.open?.blind ?? 0) !== 0;
  end(c, plan, state, given);
  if (before !== null && !unseen && (how.kind === 'change' || now === 1)) {
    state.open = openCycle(plan, given.timeMs);
  }
}

/** The trigger cannot be read: a cycle may have ended and another begun unseen. */
function blind(state: CycleState, quality: number): void {
  if (state.open !== null) state.open.blind ||= quality;
  else state.last = null;
}

function sample(plan: CyclePlan, state: CycleState, which: number, given: Given): void {
  const { open } = state;
  const signal = open?.signals[which];
  if (open === null || signal === undefined) return;
  const ms = given.timeMs - open.startMs;
  if (given.quality >= FIRST_BAD_QUALITY || !Number.isFinite(given.value)) {
    signal.bad ||= given.quality || QUALITY.BAD_VALUE;
    return;
  }
  // One that comes late, or twice, belongs to what was reckoned already.
  if (ms < 0 || (signal.samples > 0 && ms <= signal.lastMs)) return;
  if (given.quality !== QUALITY.GOOD) signal.uncertain ||= given.quality;
  pass(plan, signal, ms);
  signal.samples += 1;
  if (given.context !== '') open.context = given.context;
  plan.signals[which]?.wanted.forEach(({ feature }, i) => {
    feature.add(signal.parts[i], ms / 1000, given.value);
  });
}

/** Time goes on to the next sample, or to the end. */
function pass(plan: CyclePlan, signal: SignalState, ms: number): void {
  const gapMs = ms - signal.lastMs;
  if (gapMs > plan.settings.maxGap) signal.missingMs += gapMs;
  signal.lastMs = ms;
}

/** The cycle is over: each of its features is a reading of its characteristic. */
function end(c: Cycles, plan: CyclePlan, state: CycleState, given: Given): void {
  const { open } = state;
  state.open = null;
  if (open === null || given.timeMs <= open.startMs) return;
  const ms = given.timeMs - open.startMs;
  const d: Delivery = {
    ...{ stream: plan.stream, context: open.context, raw: NOTHING, receiveMs: given.receiveMs },
    ...{ modulus: 0, redelivered: false, count: 0 },
    ...{ tag: [], value: [], quality: [], sourceMs: [], sequence: [] },
  };
  plan.signals.forEach(({ wanted }, which) => {
    const signal = open.signals[which] as SignalState;
    pass(plan, signal, ms);
    const ofSamples = qualityOf(plan, signal, open.blind, ms);
    wanted.forEach(({ number, feature }, i) => {
      const quality = feature.ofTrigger ? open.blind : ofSamples;
      const value = feature.value(signal.parts[i], ms / 1000);
      const bad = quality >= FIRST_BAD_QUALITY;
      d.tag.push(number);
      d.value.push(bad || !Number.isFinite(value) ? Number.NaN : value);
      d.quality.push(bad || Number.isFinite(value) ? quality : QUALITY.BAD_UNDEFINED);
      d.sourceMs.push(given.timeMs);
      d.sequence.push(Number.NaN);
      d.count += 1;
    });
  });
  c.builder.add(d);
}

const NOTHING = new Uint8Array(0);

/** What is wrong with the samples is wrong with what was made of them. */
function qualityOf(plan: CyclePlan, s: SignalState, blinded: number, ms: number): number {
  if (blinded !== 0) return blinded;
  const tooMuch = s.missingMs > plan.settings.mostMissing * ms;
  if (s.samples === 0 || tooMuch) return s.bad || QUALITY.BAD_INCOMPLETE;
  if (s.missingMs > 0 || s.bad !== 0) return QUALITY.UNCERTAIN_GAPS;
  return s.uncertain;
}
