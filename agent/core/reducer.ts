import type { Batch } from '../batch.ts';
import type { Alert, CharacteristicSummary, Limits, SourceEvent, SummaryChange } from '../model.ts';
import type { Remains } from '../store/store.ts';
import {
  approve,
  type CharacteristicPlan,
  type CharacteristicState,
  toolChanged,
} from './characteristic.ts';
import { takeFeatures } from './cycles/step.ts';
import type { ReducerFigures } from './figures.ts';
import { mend } from './mend.ts';
import type { Outputs } from './outputs.ts';
import type { Command } from './protocol.ts';
import { counting, type ReducerPlan, type Run, startRun } from './run.ts';
import { gaugeChanged, poolSegments } from './segments.ts';
import { changes, restore, snapshot, summaries } from './snapshot.ts';
import { takeBatch } from './take.ts';

/**
 * The deterministic core: the same inputs in the same order give the same outputs and the same
 * state, bit for bit. It knows no clock, no store and no network.
 */
export interface Reducer {
  /** takes in a batch; marks refused duplicates in its quality column; true = a signal or alert */
  batch(batch: Batch, out: Outputs): boolean;
  /**
   * Features of the cycles that ended in it, as a batch that is the next input, or null. A journal
   * holds that batch already: whoever replays one asks and throws it away.
   */
  features(): ArrayBuffer | null;
  tick(nowMs: number, start: boolean, out: Outputs): void;
  /** whether a tick at this time would change anything */
  tickDue(nowMs: number): boolean;
  event(event: SourceEvent, out: Outputs): void;
  command(command: Command, out: Outputs): CommandResult;
  /** changed parts of the state (all: every part) as key and JSON */
  snapshot(all: boolean): Iterable<readonly [string, string]>;
  restore(entries: ReadonlyMap<string, string>): void;
  /** behind a restore: puts parts together again whose rows are damaged; what was done, in words */
  mend(damaged: readonly string[], remains: Remains): string[];
  summaries(nowMs: number): CharacteristicSummary[];
  /** what changed of them since the last call of either */
  changes(nowMs: number): SummaryChange[];
  /** ids of the characteristics that ever had a reading, whatever their settings were then */
  heard(): string[];
  figures: ReducerFigures;
}

export type CommandResult = { alert?: Alert; limits?: Limits; error?: string };

export function createReducer(plan: ReducerPlan): Reducer {
  const r = startRun(plan);
  return {
    figures: r.figures,
    batch: (batch, out) => takeBatch(r, batch, out),
    features: () => takeFeatures(r.cycles),
    tick(nowMs, start, out) {
      if (start) startAt(r, nowMs);
      const counted = counting(r, out);
      if (start) retireUnknown(r, nowMs, counted);
      checkSilence(r, nowMs, counted);
      plan.book.tick(r.bookState, nowMs, counted);
    },
    tickDue: (nowMs) => plan.book.tickDue(r.bookState, nowMs) || silenceDue(r, nowMs),
    event: (event, out) => takeEvent(r, event, out),
    command: (command, out) => runCommand(r, command, out),
    snapshot: (all) => snapshot(r, all),
    restore: (entries) => restore(r, entries),
    mend: (damaged, remains) => mend(r, damaged, remains),
    summaries: (nowMs) => summaries(r, nowMs),
    changes: (nowMs) => changes(r, nowMs),
    heard: () => plan.characteristics.filter((_, at) => r.lastMs[at] !== 0).map((c) => c.id),
  };
}

/** Characteristics that left the settings take their open alerts with them; sources stay. */
function retireUnknown(r: Run, nowMs: number, out: Outputs): void {
  const known = (subject: string) => r.byId.has(subject) || r.plan.sources.includes(subject);
  r.plan.book.retire(r.bookState, known, nowMs, out);
}

/** When this characteristic counts as silent if nothing comes. */
const silentAtMs = (r: Run, at: number) =>
  Math.max(r.lastMs[at] as number, r.startedMs) +
  (r.plan.characteristics[at] as CharacteristicPlan).noDataAfterMs;

function silenceDue(r: Run, nowMs: number): boolean {
  for (let at = 0; at < r.states.length; at += 1) {
    if (r.silent[at] === 0 && nowMs > silentAtMs(r, at)) return true;
  }
  return false;
}

function checkSilence(r: Run, nowMs: number, out: Outputs): void {
  for (let at = 0; at < r.states.length; at += 1) {
    if (r.silent[at] === 1 || nowMs <= silentAtMs(r, at)) continue;
    r.silent[at] = 1;
    r.unseen[at] = 1;
    const plan = r.plan.characteristics[at] as CharacteristicPlan;
    const last = r.lastMs[at] as number;
    r.plan.book.onSilence(r.bookState, plan.subject, last === 0 ? null : last, nowMs, out);
  }
}

/** A clock that was ahead before the start would make silence wait for that time to come. */
function startAt(r: Run, nowMs: number): void {
  r.startedMs = nowMs;
  for (let at = 0; at < r.states.length; at += 1) {
    r.lastMs[at] = Math.min(r.lastMs[at] as number, nowMs);
  }
}

/** What came this shortly before the step was noticed has the new time already. */
const NOTICED_WITHIN_MS = 5000;

/** The clock was set: ages stay what they were, so that nothing falls silent or quiet by it. */
function shiftAges(r: Run, nowMs: number, stepMs: number): void {
  const shifted = (ms: number): number => {
    const age = nowMs - ms;
    if (ms === 0 || (age >= 0 && age <= NOTICED_WITHIN_MS)) return ms;
    return Math.min(ms + stepMs, nowMs);
  };
  r.startedMs = shifted(r.startedMs);
  for (let at = 0; at < r.states.length; at += 1) r.lastMs[at] = shifted(r.lastMs[at] as number);
  r.plan.book.onClockStep(r.bookState, shifted);
}

function takeEvent(r: Run, event: SourceEvent, out: Outputs): void {
  const counted = counting(r, out);
  if (event.stepMs !== undefined) shiftAges(r, event.timeMs, event.stepMs);
  counted.event?.(event);
  if (event.kind === 'tool-change') changeTool(r, event);
  if (event.kind === 'gauge-change') changeGauge(r, event);
  r.plan.book.onSourceEvent(r.bookState, event, counted);
}

function changeTool(r: Run, event: SourceEvent): void {
  for (const { plan, state, at } of meantBy(r, event)) {
    if (!toolChanged(plan, state)) continue;
    r.dirty[at] = 1;
    r.unseen[at] = 1;
  }
}

/** Another gauge: what it measures is not counted with what the one before has measured. */
function changeGauge(r: Run, event: SourceEvent): void {
  for (const { plan, state, at } of meantBy(r, event)) {
    gaugeChanged(plan, state, event.timeMs);
    r.dirty[at] = 1;
    r.unseen[at] = 1;
  }
}

/** The characteristic that an event names, else all of its machine. */
function meantBy(r: Run, { characteristic, machine }: SourceEvent) {
  return r.plan.characteristics.flatMap((plan, at) => {
    const meant =
      characteristic === undefined
        ? machine !== undefined && plan.subject.machine === machine
        : plan.id === characteristic;
    return meant ? [{ plan, state: r.states[at] as CharacteristicState, at }] : [];
  });
}

function runCommand(r: Run, command: Command, out: Outputs): CommandResult {
  if (command.kind === 'event') {
    takeEvent(r, command.event, out);
    return {};
  }
  const counted = counting(r, out);
  if (command.kind !== 'approve' && command.kind !== 'pool-gauges') {
    const answer = answerAlert(r, command, counted);
    return typeof answer === 'string' ? { error: answer } : { alert: answer };
  }
  const at = r.byId.get(command.characteristic);
  if (at === undefined) return { error: `no characteristic '${command.characteristic}'` };
  const plan = r.plan.characteristics[at] as CharacteristicPlan;
  const state = r.states[at] as CharacteristicState;
  r.dirty[at] = 1;
  r.unseen[at] = 1;
  if (command.kind === 'pool-gauges') {
    const error = poolSegments(plan, state, command.by, command.reason, command.timeMs);
    return error === null ? {} : { error };
  }
  const answer = approve(plan, state, command.version, command.by, command.timeMs, counted);
  return typeof answer === 'string' ? { error: answer } : { limits: answer };
}

type AlertCommand = Extract<Command, { alert: number }>;

function answerAlert(r: Run, command: AlertCommand, out: Outputs): Alert | string {
  const { book } = r.plan;
  const { alert: id, timeMs } = command;
  if (command.kind === 'acknowledge')
    return book.acknowledge(r.bookState, id, command, timeMs, out);
  if (command.kind === 'shelve') return book.shelve(r.bookState, id, command, timeMs, out);
  return book.unshelve(r.bookState, id, command.by, timeMs, out);
}
