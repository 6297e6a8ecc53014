import { join } from 'node:path';
import type { Dispatcher } from './alerts/dispatcher.ts';
import { policyOf } from './alerts/policy.ts';
import { createConsole } from './console/console.ts';
import type { ConsoleView } from './console/view.ts';
import { createView } from './console-view.ts';
import { type CoreClient, startCore } from './core/client.ts';
import type { Committed, CoreFigures } from './core/protocol.ts';
import { createIntake, type Intake } from './intake.ts';
import { createLiveState, type LiveState } from './live.ts';
import type { SinkHealth, SourceHealth } from './model.ts';
import type { Clock } from './runtime/clock.ts';
import type { Log } from './runtime/log.ts';
import type { Settings } from './settings/schema.ts';
import type { Shipper } from './sinks/shipper.ts';
import type { Source } from './sources/source.ts';
import { type AsyncReader, startReader } from './store/reader-client.ts';
import { createDispatcher, createShippers, createSources } from './wiring.ts';

const MAX_HELD_BYTES = 8 * 1024 * 1024;
const BATCH_READINGS = 1000;
const BATCH_SPACING_MS = 5;
const BEAT_EVERY_MS = 10_000;
const STOP_WITHIN_MS = 3000;

export interface AgentOptions {
  settings: Settings;
  dataDir: string;
  /** folder of the built page */
  assetsDir: string;
  version: string;
  clock: Clock;
  random: () => number;
  log: Log;
}

export interface Agent {
  /** address of the console */
  url: string;
  view: ConsoleView;
  figures(): CoreFigures;
  sinks(): SinkHealth[];
  /** resolves with the reason when the core ended by itself */
  failed: Promise<string>;
  stop(): Promise<void>;
}

/** Everything that runs, in the order it starts; `stop` goes the other way. */
interface Parts {
  core: CoreClient;
  reader: AsyncReader;
  live: LiveState;
  intake: Intake;
  sources: Map<string, Source>;
  shippers: Shipper[];
  dispatcher: Dispatcher;
  figures: CoreFigures;
  ready: boolean;
}

/** Starts a whole agent: store, core, sinks, channels, console, and the sources last. */
export async function startAgent(o: AgentOptions): Promise<Agent> {
  const file = join(o.dataDir, 'meyar.db');
  let onCommitted = (_: Committed) => {};
  let fail = (_: string) => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const core = await startCore(coreOptions(o.settings, file), {
    committed: (committed) => onCommitted(committed),
    failed(message) {
      o.log.error('core-failed', { message });
      fail(message);
    },
  });
  const { reader, close: closeReader } = await startReader(file);
  const p = await assemble(o, core, reader);
  onCommitted = (committed) => spread(p, committed);
  p.figures.commits = core.ready.head;

  const startedMs = o.clock.now();
  const view = createView({
    plant: o.settings.plant,
    version: o.version,
    startedMs,
    now: o.clock.now,
    live: p.live,
    reader,
    core,
    sources: () => sourceHealth(p),
    sinks: () => [...sinkHealth(p), ...p.dispatcher.health()],
    readiness: () => readiness(p),
    figures: () => p.figures,
    memory: () => ({ rssBytes: process.memoryUsage.rss() }),
  });
  const page = createConsole({
    view,
    settings: o.settings.console,
    log: o.log,
    assetsDir: o.assetsDir,
  });
  const url = await page.listen();
  for (const s of p.shippers) s.wake(core.ready.head);
  for (const source of p.sources.values()) source.start();
  const beat = setInterval(() => sendBeat(p), BEAT_EVERY_MS);
  p.ready = true;
  o.log.info('agent-ready', { url, replayed: core.ready.replayed });

  return {
    url,
    view,
    failed,
    figures: () => p.figures,
    sinks: () => sinkHealth(p),
    async stop() {
      clearInterval(beat);
      p.ready = false;
      await within(STOP_WITHIN_MS, Promise.all([...p.sources.values()].map((s) => s.stop())));
      p.intake.stop();
      await within(STOP_WITHIN_MS, page.close());
      await Promise.all(p.shippers.map((s) => s.stop(STOP_WITHIN_MS)));
      await within(STOP_WITHIN_MS, p.dispatcher.stop());
      await within(STOP_WITHIN_MS, core.stop());
      await closeReader();
      p.live.stop();
    },
  };
}

function coreOptions(settings: Settings, file: string) {
  const { store } = settings;
  return {
    file,
    settings: {
      characteristics: settings.characteristics,
      alerts: policyOf(settings.alerts),
      sources: Object.keys(settings.sources),
    },
    commitEveryMs: store.commitEvery,
    commitReadings: BATCH_READINGS,
    snapshotEveryMs: store.snapshotEvery,
    retention: {
      journalKeepMs: store.journalKeep,
      historyKeepMs: store.historyKeep,
      maxBytes: store.maxBytes,
    },
  };
}

async function assemble(o: AgentOptions, core: CoreClient, reader: AsyncReader): Promise<Parts> {
  const cursors = await reader.cursors();
  const intake = createIntake({
    post: (buffer, id) => core.batch(buffer, id),
    monotonic: o.clock.monotonic,
    spacingMs: BATCH_SPACING_MS,
    maxReadings: BATCH_READINGS,
    maxHeldBytes: MAX_HELD_BYTES,
  });
  const live = createLiveState(core.ready.summaries, o.clock.now);
  return {
    core,
    reader,
    live,
    intake,
    sources: createSources(o, core, intake),
    shippers: createShippers(o, core, reader, live, cursors),
    dispatcher: createDispatcher(o, core, reader, cursors),
    figures: emptyFigures(),
    ready: false,
  };
}

/** One commit reaches everybody who waits for it; acknowledgements first. */
function spread(p: Parts, committed: Committed): void {
  const readings = committed.figures.readings - p.figures.readings;
  const store =
    Object.keys(committed.figures.store).length > 0 ? committed.figures.store : p.figures.store;
  p.figures = { ...committed.figures, store };
  p.intake.committed(committed.batch);
  p.dispatcher.offer(committed.alerts, committed.seq);
  for (const s of p.shippers) s.wake(committed.seq, readings);
  p.live.take(committed.summaries, committed.alerts);
}

function sendBeat(p: Parts): void {
  p.live.sourcesChanged();
  for (const s of p.shippers) void s.beat(sourceHealth(p), p.live.summaries());
}

const sourceHealth = (p: Parts): SourceHealth[] => [...p.sources.values()].map((s) => s.health());

const sinkHealth = (p: Parts): SinkHealth[] => p.shippers.map((s) => s.health());

function readiness(p: Parts): ReturnType<ConsoleView['readiness']> {
  const checks = [
    { name: 'store', ok: true, detail: `journal at ${p.figures.commits}` },
    { name: 'sources', ok: p.ready, detail: p.ready ? 'started' : 'starting or stopping' },
  ];
  return { ready: checks.every((c) => c.ok), checks };
}

function emptyFigures(): CoreFigures {
  return {
    readings: 0,
    duplicates: 0,
    late: 0,
    points: 0,
    signals: 0,
    alerts: 0,
    missedParts: 0,
    unknownCharacteristic: 0,
    commits: 0,
    store: {},
  };
}

/** Waits for the work, but never longer than this: the journal makes leaving early safe. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
