import type { RejectedRow, SinkHealth } from '../model.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../runtime/errors.ts';
import { backoff } from '../runtime/retry.ts';
import { holeOf, jumped, liveOf, type Position, shipped } from './lanes.ts';
import { decodeRows } from './rows.ts';
import type { Retried, ShipperOptions } from './shipper.ts';
import type { WriteResult } from './sink.ts';
import type { Sleeper } from './sleeper.ts';

/** Everything the runner of one sink knows. */
export interface State {
  position: Position;
  head: number;
  /** readings of the live lane that wait, as far as known */
  waiting: number;
  /** monotonic time from which `flushEvery` counts */
  sinceMs: number;
  /** receive time of the oldest unsent row of each lane, as far as known */
  oldestMs: number | null;
  holeMs: number | null;
  /** readings of one step of the backlog lane: such that fresh rows do not wait long for it */
  step: number;
  /** no reason to wait: more is there than the last fetch held, or it has waited already */
  more: boolean;
  state: SinkHealth['state'];
  detail: string;
  written: number;
  rejected: number;
  reasons: Set<string>;
  stopping: boolean;
  jobs: Job[];
}

/** Rejected rows that somebody wants sent once more. */
interface Job {
  rows: readonly RejectedRow[];
  resolve(result: Retried): void;
  reject(error: unknown): void;
}

const ENOUGH_READINGS = 1000;
const FETCH_READINGS = 10_000;
const REASONS_LOGGED = 100;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;
/** A full fetch whose newest row is older than this: fresh rows go first from here on. */
const JUMP_AFTER_MS = 2000;
/** Time that one step of the backlog lane should take, and the least it may hold. */
const STEP_MS = 250;
const LEAST_STEP = 500;
/** While the backlog keeps the sink busy anyway, fresh rows wait no longer than this. */
const BUSY_FLUSH_MS = 500;
/** Longest pause between two writes while more comes in than is recorded. */
const GIVE_WAY_MS = 500;

/** One write at a time: fresh rows when they are due, in between what lies behind them. */
export async function run(o: ShipperOptions, s: State, sleeper: Sleeper, signal: AbortSignal) {
  const retry = backoff({ firstMs: FIRST_BACKOFF_MS, maxMs: MAX_BACKOFF_MS, random: o.random });
  // Small at first, also after a restart within a drain: nobody knows yet how slow the other side is.
  s.step = Math.min(2 * LEAST_STEP, most(o));
  let opened = false;
  while (!signal.aborted) {
    const waitMs = untilDue(o, s);
    const idle = waitMs === null || waitMs > 0;
    if (idle && s.jobs.length === 0 && (holeOf(s.position) === null || s.stopping)) {
      if (s.stopping) return;
      await sleeper.until(() => s.stopping || s.jobs.length > 0 || isDue(o, s, waitMs), waitMs);
      continue;
    }
    try {
      if (!opened) await o.sink.open();
      opened = true;
      await giveWay(o, s, sleeper);
      if (!idle) await shipLive(o, s, signal);
      else if (s.jobs.length > 0) await sendAgain(o, s, signal);
      else await shipHole(o, s, signal);
      retry.reset();
    } catch (error) {
      const pauseMs = failed(o, s, error, () => retry.next());
      if (pauseMs === null || s.stopping) return;
      s.more = true;
      await sleeper.until(() => s.stopping, pauseMs);
      // A server that named a time is not asked before it, not even to say goodbye.
      if (s.stopping && error instanceof RetryError && error.afterMs !== null) return;
    }
  }
}

/**
 * Readings that wait at a broker may be dropped there, those in the journal are safe: while the agent
 * does not keep up with what comes in, a sink writes now and then only, to leave it the processor.
 */
async function giveWay(o: ShipperOptions, s: State, sleeper: Sleeper): Promise<void> {
  if (o.busy === undefined || s.stopping || !o.busy()) return;
  await sleeper.until(() => s.stopping || o.busy?.() !== true, GIVE_WAY_MS);
}

const most = (o: ShipperOptions) => o.maxReadings ?? FETCH_READINGS;

/** How long until the live lane writes: 0 = now, null = nothing is there to write. */
function untilDue(o: ShipperOptions, s: State): number | null {
  if (liveOf(s.position) >= s.head) {
    s.more = false;
    return null;
  }
  if (s.more || s.stopping || s.waiting >= ENOUGH_READINGS) return 0;
  const busy = holeOf(s.position) !== null;
  const flushMs = busy ? Math.min(BUSY_FLUSH_MS, o.flushEveryMs) : o.flushEveryMs;
  return Math.max(0, flushMs - (o.clock.monotonic() - s.sinceMs));
}

/** What ends a sleep: something came at all, or enough of it. */
function isDue(o: ShipperOptions, s: State, waitMs: number | null): boolean {
  return waitMs === null ? liveOf(s.position) < s.head : untilDue(o, s) === 0;
}

/** One fetch and one write of the live lane; jumps when it has fallen behind. */
async function shipLive(o: ShipperOptions, s: State, signal: AbortSignal): Promise<void> {
  const target = s.head;
  const stored = await o.rows(liveOf(s.position), most(o));
  if (signal.aborted) return;
  const { rows, readings, firstMs, lastMs } = decodeRows(stored);
  const old = lastMs === null || o.clock.now() - lastMs > JUMP_AFTER_MS;
  const late = stored.upTo < target && old;
  if (firstMs !== null) s.oldestMs = Math.min(firstMs, s.oldestMs ?? firstMs);
  if (late) {
    // What was fetched is the beginning of the hole: fresh rows are not kept waiting for it.
    s.position = jumped(s.position, target);
    s.holeMs ??= s.oldestMs;
    s.waiting = 0;
    s.oldestMs = null;
    s.more = false;
    o.log.info('sink-behind', { sink: o.name, from: stored.after, to: target });
    return;
  }
  count(o, s, await o.sink.write(rows, signal));
  await moved(o, s, stored);
  s.head = Math.max(s.head, stored.upTo);
  s.sinceMs = o.clock.monotonic();
  const idle = stored.upTo === s.head;
  s.waiting = idle ? 0 : Math.max(0, s.waiting - readings);
  s.oldestMs = idle ? null : (lastMs ?? s.oldestMs);
  s.more = stored.upTo < target;
}

/** One step of the backlog lane, from the old end. */
async function shipHole(o: ShipperOptions, s: State, signal: AbortSignal): Promise<void> {
  const hole = holeOf(s.position);
  if (hole === null) return;
  const begunMs = o.clock.monotonic();
  const stored = await o.rows(hole.after, s.step, hole.upTo);
  if (signal.aborted) return;
  const { rows, firstMs, lastMs } = decodeRows(stored);
  if (firstMs !== null) s.holeMs = firstMs;
  count(o, s, await o.sink.write(rows, signal));
  await moved(o, s, stored);
  if (lastMs !== null) s.holeMs = lastMs;
  const tookMs = Math.max(1, o.clock.monotonic() - begunMs);
  // Up in doublings, down at once to what fits: a machine that is suddenly busy stays busy.
  const wanted = s.step * Math.min(2, STEP_MS / tookMs);
  s.step = Math.min(most(o), Math.max(Math.min(LEAST_STEP, most(o)), Math.round(wanted)));
  if (holeOf(s.position) !== null) return;
  s.holeMs = null;
  o.log.info('sink-caught-up', { sink: o.name, cursor: s.position.seq });
}

async function moved(o: ShipperOptions, s: State, stretch: { after: number; upTo: number }) {
  const next = shipped(s.position, stretch);
  await o.saveCursor(next.seq, next.ahead);
  s.position = next;
  isUp(o, s);
}

function isUp(o: ShipperOptions, s: State): void {
  if (s.state !== 'up') {
    o.log.info('sink-up', { sink: o.name, cursor: s.position.seq, head: s.head });
  }
  s.state = 'up';
  s.detail = '';
}

async function sendAgain(o: ShipperOptions, s: State, signal: AbortSignal): Promise<void> {
  const job = s.jobs.shift();
  if (job === undefined || o.sink.again === undefined) return;
  try {
    const texts = job.rows.map(({ row }) => row);
    const { written, rejected } = await o.sink.again(texts, signal);
    const why = new Map(rejected.map(({ row, reason }) => [row, reason]));
    s.written += written;
    const refused = job.rows.flatMap(({ id, row }) => {
      const reason = why.get(row);
      return reason === undefined ? [] : [{ id, reason }];
    });
    job.resolve({ taken: job.rows.filter(({ row }) => !why.has(row)).map((r) => r.id), refused });
  } catch (error) {
    job.reject(error);
    throw error;
  }
}

function count(o: ShipperOptions, s: State, result: WriteResult): void {
  s.written += result.written;
  s.rejected += result.rejected.length;
  if (result.rejected.length === 0) return;
  const timeMs = o.clock.now();
  o.keepRejected?.(result.rejected.map(({ row, reason }) => ({ row, reason, timeMs })));
  for (const { row, reason } of result.rejected) {
    const sort = reason.replace(/'[^']*'|"[^"]*"|\d+/g, '…');
    if (s.reasons.has(sort) || s.reasons.size >= REASONS_LOGGED) continue;
    s.reasons.add(sort);
    o.log.warn('sink-row-rejected', { sink: o.name, reason, row });
  }
}

/** Notes what went wrong; returns how long to wait, null = never again in this run. */
function failed(o: ShipperOptions, s: State, error: unknown, next: () => number): number | null {
  const detail = messageOf(error);
  const note = (state: SinkHealth['state'], event: string) => {
    if (s.state !== state || (state !== 'retrying' && s.detail !== detail)) {
      o.log.warn(event, { sink: o.name, reason: detail, cursor: s.position.seq, head: s.head });
    }
    s.state = state;
    s.detail = detail;
  };
  if (error instanceof HoldError) {
    note('held', 'sink-held');
    return error.probeMs;
  }
  if (error instanceof PermanentError) {
    note('stopped', 'sink-stopped');
    return null;
  }
  note('retrying', 'sink-retrying');
  const own = next();
  // Not before the time the server named; the jitter after it keeps many agents apart.
  const after = error instanceof RetryError ? error.afterMs : null;
  return after === null ? own : after + Math.min(own, 1000);
}
