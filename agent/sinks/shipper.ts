import type {
  CharacteristicSummary,
  RejectedRow,
  SinkHealth,
  SourceHealth,
  Stretch,
} from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { duration } from '../runtime/duration.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { sleep } from '../runtime/retry.ts';
import { behindOf, liveOf, type Position } from './lanes.ts';
import type { ShipperRows } from './rows.ts';
import { run, type State } from './shipping.ts';
import type { Sink } from './sink.ts';
import { createSleeper } from './sleeper.ts';

/** Settings that every kind of sink has; a kind spreads them into its own schema. */
export const shipperSettings = {
  flushEvery: duration('1s').describe(
    'longest time a row waits before it is sent, unless 1 000 readings wait already',
  ),
};

export interface ShipperOptions {
  name: string;
  kind: string;
  sink: Sink;
  /** whole transactions in (after, upTo], about `maxReadings` readings; from the reader thread */
  rows(after: number, maxReadings: number, upTo?: number): Promise<ShipperRows>;
  /** true while more comes in than is recorded: then what is recorded already can wait a little */
  busy?(): boolean;
  /** makes the position lasting; called only after the sink took everything in it */
  saveCursor(seq: number, ahead: readonly Stretch[]): void | Promise<void>;
  /** keeps what the other side refused; called before the position that has passed it */
  keepRejected?(rows: { row: string; reason: string; timeMs: number }[]): void;
  /** position at which an earlier run stopped; 0 = nothing shipped yet */
  cursor: number;
  /** what an earlier run had shipped ahead of that */
  ahead?: readonly Stretch[];
  flushEveryMs: number;
  clock: Clock;
  random: () => number;
  log: Log;
  /** readings fetched and written in one go */
  maxReadings?: number;
}

/** What became of rejected rows that were sent once more. */
export interface Retried {
  taken: number[];
  refused: { id: number; reason: string }[];
}

/**
 * The runner of one sink: a cursor over the journal that moves only after the sink said yes. When it
 * has fallen behind, fresh rows go first and the hole is filled behind them.
 */
export interface Shipper {
  /** called at each commit; `readings` = readings in it, so that a full batch need not wait */
  wake(head: number, readings?: number): void;
  health(): SinkHealth;
  position(): Position;
  /** sends rejected rows once more, between two writes; throws `InputError` when it cannot now */
  again(rows: readonly RejectedRow[]): Promise<Retried>;
  /** writes the agent's own health now; never retried, never throws */
  beat(sources: SourceHealth[], summaries?: CharacteristicSummary[]): Promise<void>;
  /** ships what is there until the deadline, then stops; what is left stays in the store */
  stop(deadlineMs: number): Promise<void>;
}

const STOP_GRACE_MS = 500;
const MOST_JOBS = 8;

/** Starts the runner; it sleeps until `wake` says that the journal is ahead of the cursor. */
export function shipper(options: ShipperOptions): Shipper {
  const { clock, log, sink } = options;
  const s = initial(options);
  const sleeper = createSleeper();
  const abort = new AbortController();
  const running = run(options, s, sleeper, abort.signal);
  const health = () => healthOf(options, s);
  return {
    wake(head, readings = 0) {
      if (head <= s.head) return;
      if (s.head === liveOf(s.position)) {
        s.sinceMs = clock.monotonic();
        s.oldestMs = clock.now();
        // Commits come one by one: what comes together was there before the start, and has waited.
        s.more ||= head > s.head + 1;
      }
      s.head = head;
      s.waiting += readings;
      sleeper.ring();
    },
    health,
    position: () => s.position,
    again: (rows) =>
      new Promise((resolve, reject) => {
        const why = refusal(sink, s);
        if (why !== null) {
          reject(new InputError(why));
          return;
        }
        s.jobs.push({ rows, resolve, reject });
        sleeper.ring();
      }),
    async beat(sources, summaries = []) {
      if (sink.beat === undefined || s.stopping || s.state !== 'up') return;
      try {
        await sink.beat(sources, abort.signal, { health: health(), summaries });
      } catch (error) {
        log.debug('sink-beat-failed', { sink: options.name, reason: messageOf(error) });
      }
    },
    async stop(deadlineMs) {
      s.stopping = true;
      sleeper.ring();
      const ended = new AbortController();
      const deadline = sleep(deadlineMs, ended.signal).then(() => abort.abort());
      const grace = deadline.then(() => sleep(STOP_GRACE_MS, ended.signal));
      await Promise.race([running, grace]);
      ended.abort();
      abort.abort();
      for (const job of s.jobs.splice(0)) job.reject(new InputError('the sink stops'));
      await sink.close();
      s.state = 'stopped';
    },
  };
}

function refusal(sink: Sink, s: State): string | null {
  if (sink.again === undefined) return 'this kind of sink cannot send single rows again';
  if (s.stopping) return 'the sink stops';
  if (s.state !== 'up') return `the other side does not take rows now: ${s.detail}`;
  return s.jobs.length < MOST_JOBS ? null : 'too many such requests wait already';
}

function initial({ cursor, ahead = [] }: ShipperOptions): State {
  const position: Position = { seq: cursor, ahead };
  return {
    position,
    head: liveOf(position),
    waiting: 0,
    sinceMs: 0,
    oldestMs: null,
    holeMs: null,
    step: 0,
    more: true,
    state: 'up',
    detail: '',
    written: 0,
    rejected: 0,
    reasons: new Set(),
    stopping: false,
    jobs: [],
  };
}

function healthOf(options: ShipperOptions, s: State): SinkHealth {
  const holes = behindOf(s.position);
  const behind = holes === 0 ? 0 : holes + s.head - liveOf(s.position);
  const note = behind === 0 ? '' : `fresh rows first; ${behind} older transactions follow`;
  const oldest = [s.oldestMs, behind === 0 ? null : s.holeMs].filter((ms) => ms !== null);
  return {
    name: options.name,
    kind: options.kind,
    state: s.state,
    detail: s.detail === '' ? note : s.detail,
    cursor: s.position.seq,
    head: s.head,
    rowsWritten: s.written,
    rowsRejected: s.rejected,
    oldestUnsentMs: oldest.length === 0 ? null : Math.min(...oldest),
    ...(behind === 0 ? {} : { behind }),
  };
}
