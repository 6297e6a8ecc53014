import { join } from 'node:path';
import type { SinkHealth, SourceHealth } from '../../agent/model.ts';
import { type RunningParts, startParts } from '../../agent/parts.ts';
import { createRandom, type Random } from '../../agent/plants/random.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { type InfluxdbSettings, influxdbSink } from '../../agent/sinks/influxdb/influxdb.ts';
import type { Sink, SinkContext } from '../../agent/sinks/sink.ts';
import { sources } from '../../agent/sources/index.ts';
import type { Influx } from './influx.ts';
import { type Doom, type Mutation, simulatedThreads, type Threads } from './life.ts';
import type { Network } from './network.ts';
import type { People } from './people.ts';
import { simulatedSettings } from './settings.ts';
import type { SimTime } from './time.ts';
import type { Trace } from './trace.ts';

export interface SinkMutation {
  sink?(sink: Sink): Sink;
}

/** Starts the agent, and again whenever it ended, as a service manager does. */
export interface Supervisor {
  start(): void;
  kill(downMs: number): void;
  doom(doom: Doom): void;
  /** the same for the next life, from its first step on */
  doomNext(doom: Doom): void;
  restart(downMs: number): Promise<void>;
  slow(delayMs: number, forMs: number): void;
  calm(): void;
  health(): { sinks: SinkHealth[]; sources: SourceHealth[] } | null;
  stop(): Promise<void>;
  lives(): number;
  folder(): string;
}

export interface SupervisorOptions {
  time: SimTime;
  random: Random;
  trace: Trace;
  root: string;
  network: Network;
  influx: Influx;
  people: People;
  mutation: Mutation & SinkMutation;
}

/** The process ends by itself after a fault, or is started again by hand: within this time. */
const AGAIN_MS = 3000;

interface State {
  life: number;
  threads: Threads | null;
  running: RunningParts | null;
  doomed: Doom | null;
  downMs: number;
  syncMs: number;
  wanted: boolean;
  /** takes back the next start */
  cancel: () => void;
}

export function createSupervisor(o: SupervisorOptions): Supervisor {
  const s: State = {
    life: 0,
    threads: null,
    running: null,
    doomed: null,
    downMs: AGAIN_MS,
    syncMs: 4,
    wanted: true,
    cancel: () => {},
  };
  const kill = (downMs: number) => {
    s.downMs = downMs;
    s.threads?.kill();
  };
  const orderly = async (downMs: number) => {
    const { running, life } = s;
    if (running === null) return;
    o.trace('stopping', String(life));
    await o.time.own(life + 1, () => running.stop(async () => {}));
    if (s.life === life) kill(downMs);
  };
  return {
    start: () => begin(o, s),
    kill,
    doom: (doom) => s.threads?.doom(doom),
    doomNext: (doom) => {
      s.doomed = doom;
    },
    restart: orderly,
    slow(delayMs, forMs) {
      s.syncMs = delayMs;
      o.time.after(forMs, () => {
        s.syncMs = 4;
      });
    },
    calm() {
      s.doomed = null;
      s.syncMs = 4;
      s.threads?.doom({ kind: 'kill', steps: Number.POSITIVE_INFINITY });
      // However long it should have been away: it is needed now.
      if (s.threads === null) begin(o, s);
    },
    health: () =>
      s.running === null
        ? null
        : { sinks: s.running.view.sinks(), sources: s.running.view.sources() },
    async stop() {
      s.wanted = false;
      const stopping = orderly(0);
      await o.time.runTo(o.time.now() + 30_000);
      await stopping;
      if (s.threads !== null) kill(0);
      await o.time.runTo(o.time.now() + 1000);
    },
    lives: () => s.life,
    folder: () => join(o.root, String(s.life)),
  };
}

function begin(o: SupervisorOptions, s: State): void {
  s.cancel();
  const life = s.life;
  const owner = life + 1;
  o.trace('starts', String(life));
  const threads = simulatedThreads(
    o.time,
    createRandom(Math.floor(1e9 * o.random.uniform())),
    {
      owner,
      folder: join(o.root, String(life)),
      next: join(o.root, String(life + 1)),
      slowMs: () => s.syncMs * (0.3 + o.random.uniform()),
      mutation: o.mutation,
    },
    () => ended(o, s),
  );
  s.threads = threads;
  if (s.doomed !== null) threads.doom(s.doomed);
  s.doomed = null;
  o.time.own(owner, () => {
    void startParts(partsOptions(o, life, threads), []).then(
      (running) => {
        if (s.life !== life) return;
        s.running = running;
        o.people.page = running.view;
        o.time.own(owner, running.begin);
        void running.failed.then((why) => failed(o, s, life, why));
      },
      (error) => failed(o, s, life, messageOf(error)),
    );
  });
}

/** The core ended by itself: the process ends, too. */
function failed(o: SupervisorOptions, s: State, life: number, why: string): void {
  if (s.life !== life) return;
  o.trace('failed', why);
  s.threads?.kill();
}

function ended(o: SupervisorOptions, s: State): void {
  o.trace('ended', String(s.life));
  s.life += 1;
  s.threads = null;
  s.running = null;
  o.people.page = null;
  o.network.abandon();
  if (!s.wanted) return;
  const again = o.time.own(0, () => o.time.after(500 + s.downMs, () => begin(o, s)));
  s.cancel = () => {
    again.work = null;
  };
  s.downMs = AGAIN_MS;
}

function partsOptions(o: SupervisorOptions, life: number, threads: Threads) {
  return {
    settings: simulatedSettings(),
    dataDir: join(o.root, String(life)),
    version: 'simulated',
    clock: o.time.clock,
    random: createRandom(Math.floor(1e9 * o.random.uniform())).uniform,
    log: silentLog,
    core: threads.core,
    reader: threads.reader,
    kinds: {
      sources: {
        create: (settings: Parameters<typeof sources.create>[0], context: SourceContext) =>
          sources.create(settings, { ...context, dial: o.network.dial }),
      },
      sinks: {
        create(settings: { kind: string }, context: SinkContext) {
          const own = settings as unknown as InfluxdbSettings;
          const sink = influxdbSink(own, context, o.influx.connect);
          return o.mutation.sink?.(sink) ?? sink;
        },
      },
      channels: (named: Readonly<Record<string, unknown>>) =>
        Object.keys(named).map((name) => ({
          name,
          kind: 'simulated',
          channel: o.people.channel(name),
        })),
    },
  };
}

type SourceContext = Parameters<typeof sources.create>[1];
