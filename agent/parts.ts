import { join } from 'node:path';
import type { Dispatcher } from './alerts/dispatcher.ts';
import { createHeartbeat, type Heartbeat } from './alerts/heartbeat.ts';
import type { Reactions } from './alerts/reaction/index.ts';
import type { ConsoleView } from './console/view.ts';
import { type CoreClient, startCore } from './core/client.ts';
import type { Committed, CoreFigures } from './core/protocol.ts';
import { createIntake, type Intake } from './intake.ts';
import { createLiveState, type LiveState } from './live.ts';
import { stopParts } from './parts-stop.ts';
import { sourceHealth, viewOf } from './parts-view.ts';
import { createRecordingState, type RecordingState } from './recording.ts';
import type { Clock } from './runtime/clock.ts';
import type { Log } from './runtime/log.ts';
import type { Notifier } from './runtime/notify.ts';
import type { Settings } from './settings/schema.ts';
import type { Shipper } from './sinks/shipper.ts';
import type { Source } from './sources/source.ts';
import { type AsyncReader, startReader } from './store/reader-client.ts';
import { startUpkeep, type Upkeep } from './upkeep.ts';
import { createVitals, type Vitals } from './vitals.ts';
import {
  BATCH_READINGS,
  coreOptions,
  createDispatcher,
  createShippers,
  createSources,
  emptyFigures,
  type Kinds,
} from './wiring.ts';
import { wireReactions } from './wiring-reactions.ts';

const MAX_HELD_BYTES = 8 * 1024 * 1024;
const BATCH_SPACING_MS = 5;
const BEAT_EVERY_MS = 10_000;
const PULSE_EVERY_MS = 1000;

/** What the parts are made of. */
export interface PartsOptions {
  settings: Settings;
  dataDir: string;
  version: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** other threads and kinds of parts than the real ones, for a simulation */
  core?: typeof startCore;
  reader?: typeof startReader;
  kinds?: Kinds;
  /** what the service manager hears; nothing when left out */
  notify?: Notifier;
  /** counted up once a second; the core ends the process when that stops */
  pulse?: Int32Array;
}

const SILENT: Notifier = { ready() {}, alive() {}, stopping() {} };

/** Everything that runs behind the page. */
export interface Parts {
  core: CoreClient;
  reader: AsyncReader;
  live: LiveState;
  intake: Intake;
  sources: Map<string, Source>;
  shippers: Shipper[];
  dispatcher: Dispatcher;
  reactions: Reactions;
  /** replaced when the settings of alerts change */
  heartbeat: Heartbeat;
  figures: CoreFigures;
  recording: RecordingState;
  upkeep: Upkeep;
  vitals: Vitals;
  ready: boolean;
}

export interface RunningParts {
  parts: Parts;
  view: ConsoleView;
  /** resolves with the reason when the core ended by itself */
  failed: Promise<string>;
  /** the sources begin, last of all */
  begin(): void;
  /** ends in the order in which readings flow; `page` in between, as it asks the store */
  stop(page: () => Promise<unknown>): Promise<void>;
}

/** Store, core, sinks and channels at work, sources ready. `begun` gets what ends each of them. */
export async function startParts(
  o: PartsOptions,
  begun: (() => Promise<unknown>)[],
): Promise<RunningParts> {
  const file = join(o.dataDir, 'meyar.db');
  const early: Committed[] = [];
  let onCommitted = (committed: Committed): unknown => early.push(committed);
  let fail = (_: string) => {};
  let dead = false;
  const recording = createRecordingState(o.log);
  const upkeep = startUpkeep();
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const notify = o.notify ?? SILENT;
  let running: Parts | null = null;
  const vitals = createVitals({
    clock: o.clock,
    log: o.log,
    pulse: o.pulse,
    notify: {
      ...notify,
      // Outside only good news counts: a store that takes no writes is none.
      alive() {
        notify.alive();
        if (recording.writes()) running?.heartbeat.alive();
      },
    },
    report: (event) => core.event(event),
    hangs(why) {
      dead = true;
      o.log.error('core-hangs', { message: why });
      fail(why);
      core.abandon();
    },
  });
  begun.push(async () => vitals.stop());
  const core = await (o.core ?? startCore)(coreOptions(o, file), {
    committed(committed) {
      vitals.heard();
      vitals.store(committed.figures.store);
      onCommitted(committed);
    },
    recording(now) {
      vitals.heard();
      recording.take(now);
    },
    disk(disk) {
      vitals.heard();
      upkeep.disk = disk;
    },
    failed(message) {
      if (dead) return;
      dead = true;
      o.log.error('core-failed', { message });
      fail(message);
    },
  });
  begun.push(core.stop);
  if (core.ready.quarantined !== null) {
    o.log.error('store-damaged', { movedTo: core.ready.quarantined });
  }
  const { reader, close: closeReader } = await (o.reader ?? startReader)(file);
  begun.push(closeReader);
  const p = await assemble(o, core, reader, { recording, upkeep, vitals });
  begun.push(() => Promise.all(p.shippers.map((s) => s.stop(0))), p.dispatcher.stop);
  running = p;
  begun.push(p.reactions.stop, async () => p.heartbeat.stop());
  p.figures.commits = core.ready.head;
  onCommitted = (committed) => spread(p, committed);
  for (const committed of early) spread(p, committed);
  let beat: NodeJS.Timeout | undefined;
  let pulse: NodeJS.Timeout | undefined;
  return {
    parts: p,
    view: viewOf(o, p, () => dead),
    failed,
    begin() {
      for (const s of p.shippers) s.wake(core.ready.head);
      for (const source of p.sources.values()) source.start();
      beat = setInterval(() => sendBeat(p), BEAT_EVERY_MS);
      pulse = setInterval(vitals.tick, PULSE_EVERY_MS);
      notify.ready(`watching ${core.ready.summaries.length} characteristics`);
      p.ready = true;
    },
    async stop(page) {
      clearInterval(beat);
      clearInterval(pulse);
      vitals.stop();
      p.heartbeat.stop();
      notify.stopping();
      await stopParts(p, page, closeReader, () => dead);
    },
  };
}

async function assemble(
  o: PartsOptions,
  core: CoreClient,
  reader: AsyncReader,
  known: Pick<Parts, 'recording' | 'upkeep' | 'vitals'>,
): Promise<Parts> {
  const [cursors, ahead] = await Promise.all([reader.cursors(), reader.ahead()]);
  const intake = createIntake({
    post: (buffer, id) => core.batch(buffer, id),
    monotonic: o.clock.monotonic,
    spacingMs: BATCH_SPACING_MS,
    maxReadings: BATCH_READINGS,
    maxHeldBytes: MAX_HELD_BYTES,
  });
  const live = createLiveState(core.ready.summaries, o.clock.now, core.watched);
  return {
    core,
    reader,
    live,
    intake,
    sources: createSources(o, core, intake),
    shippers: createShippers(o, { core, reader, intake }, { cursors, ahead }),
    dispatcher: createDispatcher(o, core, reader, cursors),
    reactions: wireReactions(o, core, reader, cursors),
    heartbeat: createHeartbeat(o.settings.alerts.heartbeat, o),
    figures: emptyFigures(),
    ...known,
    ready: false,
  };
}

/** One commit reaches everybody who waits for it; acknowledgements first. */
function spread(p: Parts, committed: Committed): void {
  if (!committed.recorded) {
    p.live.take(committed.summaries, committed.alerts);
    p.dispatcher.offerUnrecorded(committed.alerts);
    return;
  }
  // Less after a write that failed: what was not committed is taken in again.
  const readings = Math.max(0, committed.figures.readings - p.figures.readings);
  const store =
    Object.keys(committed.figures.store).length > 0 ? committed.figures.store : p.figures.store;
  p.figures = { ...committed.figures, store };
  p.intake.committed(committed.batch);
  p.reactions.offer(committed.alerts, committed.seq);
  p.dispatcher.offer(committed.alerts, committed.seq);
  for (const s of p.shippers) s.wake(committed.seq, readings);
  p.live.take(committed.summaries, committed.alerts);
}

function sendBeat(p: Parts): void {
  p.live.sourcesChanged();
  for (const s of p.shippers) void s.beat(sourceHealth(p), p.live.summaries());
}
