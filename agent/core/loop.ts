import { decodeBatch } from '../batch.ts';
import type { AccountChange, Actor, AuditEntry, SourceEvent } from '../model.ts';
import { auditOf } from './audited.ts';
import { watchClock } from './clock-steps.ts';
import {
  attempt,
  type Input,
  type LoopOptions,
  type Lost,
  type Open,
  startOpen,
  tellRecording,
  writing,
} from './open.ts';
import type { Outputs } from './outputs.ts';
import type { Command } from './protocol.ts';
import type { Readers } from './readers.ts';
import { reopen } from './reopen.ts';
import { begin, commit, postSummaries, settle } from './transaction.ts';

export type { LoopOptions } from './open.ts';

/**
 * Input → reducer → one transaction → acknowledgements. A transaction takes in everything that
 * comes within `commitEveryMs` or `commitReadings`, and closes at once when something fired and
 * nothing more waits: under load one sync of the disk serves all that has come meanwhile.
 */
export interface Loop extends Pick<Readers, 'cursor' | 'reject' | 'forgive'> {
  /** `more`: another batch waits and is handed over next, so that the commit may wait for it */
  batch(id: number, buffer: ArrayBuffer, more?: boolean): void;
  event(event: SourceEvent, id?: number): void;
  command(id: number, command: Command, actor?: Actor): void;
  /** no input of the reducer: a row of the audit log and the accounts it changes */
  audit(id: number, entry: AuditEntry | null, accounts: readonly AccountChange[]): void;
  tick(start: boolean): void;
  /** somebody looks: what changed is told more often */
  watched(watched: boolean): void;
  /** commits what is open, with a snapshot; nothing is taken in afterwards */
  stop(): void;
  /** a bounded piece of clean-up, between two transactions */
  retain(): void;
  stopped(): boolean;
}

/** Under load batches that wait already go along: up to so many times `commitReadings`. */
const MOST_TOGETHER = 16;
/** Events that wait for a disk; sources are paused long before, so they report few. */
const MOST_HELD = 100_000;
/** Ticks between two tries to open the store again: every second first, then every third. */
const EAGER_TRIES = 5;
const PATIENT_TICKS = 3;
const encoder = new TextEncoder();

export function createLoop(l: LoopOptions): Loop {
  const open = startOpen(l);
  const out = writing(l, open);
  const give = (input: Input, more: boolean) => take(l, open, out, input, more);
  open.soon = () => {
    l.later(0, () => void (open.lost !== null && reopen(l, open, give)));
  };
  const steps = watchClock(l.clock);
  let ended = false;
  let ticks = 0;
  return {
    batch: (id, buffer, more = false) => give({ type: 'batch', id, buffer }, more),
    event(event, id) {
      // One that is waited for is bounded by whoever waits, like a batch.
      if (id !== undefined) give({ type: 'event', event, id }, false);
      else if (open.held.length < MOST_HELD) give({ type: 'event', event }, false);
    },
    command(id, command, actor) {
      if (open.lost === null) give({ type: 'command', id, command, actor }, false);
      else l.post({ type: 'answer', id, error: sayLost(open.lost) });
    },
    audit(id, entry, accounts) {
      begin(l, open);
      attempt(l, open, () => l.writer.audit(entry, accounts));
      commit(l, open, false);
      // Not held like input: whoever asked for it is told, and asks again.
      l.post({ type: 'answer', id, ...(open.lost === null ? {} : { error: sayLost(open.lost) }) });
    },
    cursor: open.readers.cursor,
    reject: open.readers.reject,
    forgive: open.readers.forgive,
    tick(start) {
      for (const event of steps.look(start)) give({ type: 'event', event }, false);
      const nowMs = l.clock.now();
      if (start || open.reducer.tickDue(nowMs)) give({ type: 'tick', nowMs, start }, false);
      ticks += 1;
      if (open.lost !== null) {
        const due = open.lost.tries < EAGER_TRIES || ticks % PATIENT_TICKS === 0;
        l.reserve?.tick(false);
        if (!due || !reopen(l, open, give)) {
          alarmOfLost(l, open, give);
          tellRecording(l, open);
        }
      } else {
        if (open.readers.moved() && l.reserve?.scarce() !== true) begin(l, open);
        tickReserve(l, open, give);
        if (open.active) settle(l, open);
      }
      postSummaries(l, open);
    },
    watched(watched) {
      open.watched = watched;
    },
    retain() {
      if (open.active && l.reserve?.scarce() === true) return;
      commit(l, open, false);
      attempt(l, open, () => {
        const { unshipped, lostBy } = l.writer.retain(steps.ageMs());
        if (unshipped > 0) this.event(sayRemoved(unshipped, lostBy, l.clock.now()));
      });
    },
    stop() {
      if (open.lost !== null) reopen(l, open, give);
      begin(l, open);
      commit(l, open, true);
      if (open.lost !== null && reopen(l, open, give)) {
        begin(l, open);
        commit(l, open, true);
      }
      ended = true;
    },
    stopped: () => ended,
  };
}

/** Looks at the disk, and tells when it begins or ceases to be full. */
function tickReserve(
  l: LoopOptions,
  open: Open,
  give: (input: Input, more: boolean) => void,
): void {
  const before = l.reserve?.scarce() === true;
  for (const event of l.reserve?.tick(true) ?? []) give({ type: 'event', event }, false);
  if (before || l.reserve?.scarce() === true) tellRecording(l, open);
}

/**
 * The disk did not come back at once: an alarm, held like all other input. People hear of it before
 * it is recorded, as of every alert meanwhile.
 */
function alarmOfLost(
  l: LoopOptions,
  open: Open,
  give: (input: Input, more: boolean) => void,
): void {
  const { lost } = open;
  if (lost === null || lost.alarmed || lost.tries < EAGER_TRIES) return;
  lost.alarmed = true;
  const text = `${sayLost(lost)}. Alerts are told all the same, readings stay unacknowledged`;
  const at = { source: 'store', kind: 'device', timeMs: l.clock.now() } as const;
  give({ type: 'event', event: { ...at, severity: 'alarm', text } }, false);
}

const sayLost = ({ reason }: Lost): string => `nothing can be recorded: ${reason}`;

/** Nothing that somebody still waits for goes silently: it is an alert like any other. */
function sayRemoved(transactions: number, lostBy: readonly string[], timeMs: number): SourceEvent {
  const text =
    `the database reached store.maxBytes: ${transactions} transactions were removed before ` +
    `${lostBy.join(', ')} had them. They stay in the history here, and are missing there`;
  return { source: 'store', kind: 'device', severity: 'alarm', text, timeMs };
}

/** Puts one input through the reducer and into the open transaction. */
function take(l: LoopOptions, open: Open, out: Outputs, input: Input, more: boolean): void {
  begin(l, open);
  open.held.push(input);
  if (input.type === 'batch') {
    takeBatch(l, open, out, input, more);
    return;
  }
  if (input.type === 'tick') {
    const { nowMs, start } = input;
    frame(l, open, 'tick', { nowMs, start });
    open.reducer.tick(nowMs, start, out);
  } else if (input.type === 'event') {
    frame(l, open, 'event', input.event);
    open.batch = input.id ?? open.batch;
    open.reducer.event(input.event, out);
  } else {
    frame(l, open, 'command', input.command);
    const result = open.reducer.command(input.command, out);
    const entry = auditOf(input.command, result, input.actor);
    if (entry !== null) attempt(l, open, () => l.writer.audit(entry, []));
    input.result = result;
  }
  if (input.type === 'command') commit(l, open, false);
  else settle(l, open);
  if (input.type === 'command' && open.lost === null) {
    l.post({ type: 'answer', id: input.id, ...input.result });
  }
}

function takeBatch(
  l: LoopOptions,
  open: Open,
  out: Outputs,
  { id, buffer }: Extract<Input, { type: 'batch' }>,
  more: boolean,
): void {
  const fired = putBatch(l, open, out, buffer);
  open.batch = id;
  open.due ||= fired || open.readings >= l.options.commitReadings;
  if (open.lost !== null || (open.due && !(more && mayWait(l, open)))) settle(l, open);
}

/** Takes in a batch, and the features of the cycles that ended in it, in one transaction. */
function putBatch(l: LoopOptions, open: Open, out: Outputs, buffer: ArrayBuffer): boolean {
  let fired = false;
  for (let next: ArrayBuffer | null = buffer; next !== null; next = open.reducer.features()) {
    const bytes = new Uint8Array(next);
    const batch = decodeBatch(bytes);
    fired = open.reducer.batch(batch, out) || fired;
    attempt(l, open, () => l.writer.frame('batch', bytes));
    open.readings += batch.readings;
  }
  return fired;
}

function frame(
  l: LoopOptions,
  open: Open,
  kind: 'tick' | 'event' | 'command',
  value: unknown,
): void {
  attempt(l, open, () => l.writer.frame(kind, encoder.encode(JSON.stringify(value))));
}

/** Timers do not run while batches wait, so the time is looked at here. */
function mayWait(l: LoopOptions, open: Open): boolean {
  const { commitEveryMs, commitReadings } = l.options;
  const inTime = l.clock.monotonic() - open.begunMs < commitEveryMs;
  return inTime && open.readings < MOST_TOGETHER * commitReadings;
}
