import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './console/view.ts';
import type { SourceEvent } from './model.ts';
import { type Clock, watchClock } from './runtime/clock.ts';
import { sayDuration } from './runtime/duration.ts';
import type { Log } from './runtime/log.ts';
import type { Notifier } from './runtime/notify.ts';

/** Whether the process itself is well: its two threads, its clock, its disk. */
export interface Vitals {
  /** the core spoke: its thread and the writer in it made progress */
  heard(): void;
  /** the newest figures of the store */
  store(figures: Readonly<Record<string, number>>): void;
  /** once a second, by the shell's own loop */
  tick(): void;
  check(): { name: string; ok: boolean; detail: string };
  /** steps of the clock, and whether the disk is so slow that it may be dying */
  health(): { clock: { steps: number; ms: number }; sync: { p99Ms: number; slow: boolean } };
  metrics(): Metric[];
  stop(): void;
}

export interface VitalsOptions {
  clock: Clock;
  log: Log;
  /** told to the service manager, when there is one */
  notify: Notifier;
  /** what the core sees of the shell's loop: counted up once a second, negative after `stop` */
  pulse?: Int32Array | undefined;
  /** into the journal */
  report(event: SourceEvent): void;
  /** the core hangs: the process must end, so that it can be started again */
  hangs(why: string): void;
}

/** Looks without a word of the core, which speaks once a second, before it counts as hanging. */
const MOST_SILENT = 20;
/** A sync that takes this long once in a hundred times: the card is dying. */
const SLOW_SYNC_MS = 250;
const SYNC_COMMITS = 100;
const SLOW_AGAIN_MS = 24 * 3_600_000;

export function createVitals(o: VitalsOptions): Vitals {
  const watch = watchClock(o.clock);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  // Looks are counted, not time: after a sleep of the whole machine nobody is to blame.
  let silent = 0;
  let hanging = false;
  let sync = { p50: 0, p99: 0, commits: 0 };
  let toldSlowMs = Number.NEGATIVE_INFINITY;
  const isSlow = () => sync.p99 > SLOW_SYNC_MS && sync.commits >= SYNC_COMMITS;

  const tellSlow = () => {
    const now = o.clock.monotonic();
    if (!isSlow() || now - toldSlowMs < SLOW_AGAIN_MS) return;
    toldSlowMs = now;
    const text =
      `the disk is slow: one write in a hundred takes ${sayDuration(sync.p99)} or longer ` +
      '(memory cards do this before they die: make a backup, replace it)';
    o.report({ source: 'store', kind: 'device', severity: 'warning', text, timeMs: o.clock.now() });
  };
  return {
    heard() {
      silent = 0;
    },
    store(figures) {
      const { p50CommitMs = sync.p50, p99CommitMs = sync.p99, commits = sync.commits } = figures;
      sync = { p50: p50CommitMs, p99: p99CommitMs, commits };
    },
    tick() {
      if (o.pulse !== undefined) Atomics.add(o.pulse, 0, 1);
      const jump = watch.look();
      // The core, whose order counts, sees the step too and journals it.
      if (jump !== 0) o.log.warn('clock-stepped', { ms: jump });
      tellSlow();
      silent += 1;
      if (silent <= MOST_SILENT) {
        if (silent <= MOST_SILENT / 2) o.notify.alive();
        return;
      }
      if (hanging) return;
      hanging = true;
      o.hangs(
        `the core made no progress for ${MOST_SILENT} s (a disk that does not answer, or a fault): ` +
          'the process ends, so that it can be started again; nothing acknowledged is lost',
      );
    },
    check: () => ({
      name: 'progress',
      ok: silent <= MOST_SILENT / 2,
      detail: silent <= 2 ? 'the core answers' : `no word of the core for ${silent} s`,
    }),
    health: () => ({ clock: watch.total(), sync: { p99Ms: sync.p99, slow: isSlow() } }),
    metrics: () => metricsOf(sync, isSlow(), silent, watch.total(), delay),
    stop() {
      if (o.pulse !== undefined) Atomics.store(o.pulse, 0, -1);
      delay.disable();
    },
  };
}

function metricsOf(
  sync: { p50: number; p99: number },
  slow: boolean,
  silent: number,
  steps: { steps: number; ms: number },
  delay: ReturnType<typeof monitorEventLoopDelay>,
): Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({
    name: `meyar_${name}`,
    help,
    type: 'gauge',
    samples: [{ labels: {}, value }],
  });
  const quantile = (p: number) => ({
    labels: { quantile: String(p / 100) },
    value: delay.count === 0 ? 0 : delay.percentile(p) / 1e9,
  });
  return [
    {
      name: 'meyar_sync_seconds',
      help: 'Time of one durable write, over the last 512',
      type: 'gauge',
      samples: [
        { labels: { quantile: '0.5' }, value: sync.p50 / 1000 },
        { labels: { quantile: '0.99' }, value: sync.p99 / 1000 },
      ],
    },
    gauge('sync_slow', '1 when the disk is so slow that it may be dying', slow ? 1 : 0),
    gauge('core_silent_seconds', 'Since the core last made progress', silent),
    gauge('clock_steps', 'Jumps of the wall clock since the start', steps.steps),
    gauge('clock_step_sum_seconds', 'All jumps together', steps.ms / 1000),
    {
      name: 'meyar_event_loop_delay_seconds',
      help: 'How late the shell turns, since the start',
      type: 'gauge',
      samples: [quantile(50), quantile(99)],
    },
  ];
}
