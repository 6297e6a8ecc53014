import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder } from '../../agent/batch.ts';
import { type CoreClient, startCore } from '../../agent/core/client.ts';
import type { CharacteristicSummary } from '../../agent/model.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { sleep } from '../../agent/runtime/retry.ts';
import { sinks } from '../../agent/sinks/index.ts';
import { type Shipper, shipper } from '../../agent/sinks/shipper.ts';
import { type RunningReader, startReader } from '../../agent/store/reader-client.ts';
import { checkedRow } from '../support/reducer.ts';
import { delivery } from '../support/sink-journal.ts';
import type { Scenario } from './scenario.ts';
import type { ToServer, WeekFigures } from './week-server.ts';

const DAY_S = 86_400;
const STREAMS = 5;
const EACH = 10;
const RATE = STREAMS * EACH;
const KILLS = 2;
const IN_FLIGHT = 64;

/**
 * The database is away for days at 50 readings/s, then it comes back while the plant goes on. The
 * days pass as fast as core and store take them. Nothing may be lost, fresh rows come first, and
 * the runner of the sink is ended without a word twice on the way.
 */
export const influxWeek: Scenario = {
  name: 'influx-week',
  async run({ days = 0.25, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-week-'));
    const server = startServer();
    try {
      const { port } = await server.ask({ type: 'up' });
      server.tell({ type: 'down' });
      const plant = await startPlant(join(folder, 'meyar.db'), `http://127.0.0.1:${port}`);
      try {
        return await away(plant, server, Math.round(days * DAY_S), say);
      } finally {
        await plant.close();
      }
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function away(plant: Plant, server: WeekServer, seconds: number, say: Say) {
  const begunMs = performance.now();
  while (plant.second() < seconds) await plant.makeSecond(true);
  await plant.quiet();
  const total = seconds * RATE;
  const tookS = (performance.now() - begunMs) / 1000;
  const bytes = plant.bytes();
  say(`${total} readings (${(seconds / DAY_S).toFixed(2)} days) in ${Math.round(tookS)} s`);
  say(`store: ${mb(bytes)} MB, ${(bytes / total).toFixed(1)} B per reading, ${plant.head()} txns`);

  server.tell({ type: 'fresh', fromMs: plant.nowMs(), aheadMs: plant.nowMs() - Date.now() });
  await server.ask({ type: 'up' });
  await drained(plant, server, total);
  const figures = await server.ask({ type: 'figures' });
  const drainS = (figures.backlogEndMs - figures.backlogFromMs) / 1000;
  const made = plant.second() * RATE;
  const lags = figures.lags.sort((a, b) => a - b);
  const p99 = lags[Math.floor(lags.length * 0.99)] ?? Number.NaN;
  const rate = figures.backlogLines / drainS;
  const times = Math.round(rate / RATE);
  if (process.env['LAGS']) console.log(lags.slice(-400).map(Math.round).join(' '));
  say(`drain: ${Math.round(rate)} lines/s = ${times} x live, ${drainS.toFixed(1)} s`);
  say(
    `fresh rows meanwhile: ${figures.freshLines}, lag p99 ${p99} ms, worst ${figures.worstLagMs} ms`,
  );
  say(`${made - figures.distinct} of ${made} lost, ${figures.again} rewritten, ${KILLS} kills`);
  const problems: string[] = [];
  if (figures.distinct !== made)
    problems.push(`${made} readings made, ${figures.distinct} arrived`);
  if (times < 20) problems.push(`the backlog drains at ${times} x the live rate, not 20`);
  if (figures.freshLines < RATE) problems.push('no fresh rows while the backlog was drained');
  if (figures.worstLagMs > 2000) problems.push(`fresh rows were ${figures.worstLagMs} ms late`);
  return problems;
}

/** The plant goes on in real time until everything arrived; the runner is killed on the way. */
async function drained(plant: Plant, server: WeekServer, backlog: number): Promise<void> {
  const arrived = async () => (await server.ask({ type: 'figures' })).distinct;
  const deadline = performance.now() + 3_600_000;
  let kills = 0;
  let calm = 0;
  while (calm < 3 && performance.now() < deadline) {
    await plant.makeSecond(false);
    const distinct = await arrived();
    if (kills < KILLS && distinct > (backlog * (kills + 1)) / (KILLS + 1)) {
      kills += 1;
      await plant.killShipper();
    }
    const { state, behind } = plant.sink();
    if (state === 'up' && behind === undefined && distinct >= backlog) calm += 1;
  }
  await plant.quiet();
  const end = performance.now() + 20_000;
  while ((await arrived()) < plant.second() * RATE && performance.now() < end) await sleep(100);
}

type Say = (line: string) => void;
const mb = (bytes: number) => Math.round(bytes / 1e6);

interface WeekServer {
  tell(message: ToServer): void;
  ask(message: ToServer): Promise<WeekFigures>;
  close(): Promise<unknown>;
}

function startServer(): WeekServer {
  const worker = new Worker(new URL('./week-server.ts', import.meta.url));
  return {
    tell: (message) => worker.postMessage(message),
    ask(message) {
      const answer = new Promise<WeekFigures>((resolve) => worker.once('message', resolve));
      worker.postMessage(message);
      return answer;
    },
    close: () => worker.terminate(),
  };
}

interface Plant {
  /** simulated seconds so far */
  second(): number;
  nowMs(): number;
  /** fast: as quick as the core takes it; otherwise in real time, ten deliveries a second */
  makeSecond(fast: boolean): Promise<void>;
  quiet(): Promise<void>;
  sink(): ReturnType<Shipper['health']>;
  killShipper(): Promise<void>;
  head(): number;
  bytes(): number;
  close(): Promise<void>;
}

async function startPlant(file: string, url: string): Promise<Plant> {
  const ids = Array.from({ length: RATE }, (_, i) => `c${String(i).padStart(2, '0')}`);
  const time = { baseMs: Math.floor(Date.now() / 1000) * 1000, second: 0, anchor: 0, real: false };
  const nowMs = () =>
    time.real
      ? time.baseMs + time.second * 1000 + (performance.now() - time.anchor)
      : time.baseMs + time.second * 1000;
  const state = { head: 0, batch: 0, posted: 0, ship: null as Shipper | null };
  const core = await startCore(optionsFor(file, ids), {
    committed(c) {
      state.head = c.seq;
      state.batch = Math.max(state.batch, c.batch);
      state.ship?.wake(c.seq);
    },
    recording() {},
    failed(message) {
      throw new Error(message);
    },
  });
  const running = await startReader(file);
  const open = async () => {
    state.ship = await openShipper(core, running, url, nowMs);
    state.ship.wake(state.head);
  };
  await open();
  const builder = batchBuilder();
  const numbers = ids.map((id) => core.ready.numbers.get(id) ?? -1);
  const post = async (most: number) => {
    const bytes = new Uint8Array(builder.take());
    state.posted += 1;
    core.batch(bytes.buffer, state.posted);
    while (state.posted - state.batch > most) await sleep(1);
  };
  return {
    second: () => time.second,
    nowMs,
    async makeSecond(fast) {
      if (!fast && !time.real) Object.assign(time, { real: true, anchor: performance.now() });
      for (let s = 0; s < STREAMS; s += 1) {
        // A real plant delivers through the second; each row is as old as its own arrival.
        if (!fast) await sleep(Math.max(1, time.anchor + s * 200 - performance.now()));
        builder.add(part(s, time.second + 1, numbers, fast ? nowMs() + s * 200 : nowMs()));
        if (!fast) await post(IN_FLIGHT);
      }
      if (fast) await post(IN_FLIGHT);
      if (!fast) await sleep(Math.max(0, time.anchor + 1000 - performance.now()));
      time.second += 1;
      time.anchor += 1000;
    },
    async quiet() {
      while (state.batch < state.posted) await sleep(5);
    },
    sink: () => (state.ship as Shipper).health(),
    async killShipper() {
      // Its last word is not used: the new one begins with what is on the disk.
      await state.ship?.stop(0);
      await open();
    },
    head: () => state.head,
    bytes: () => statSync(file).size,
    async close() {
      await state.ship?.stop(0);
      await core.stop();
      await running.close();
    },
  };
}

function optionsFor(file: string, ids: readonly string[]) {
  const row = {
    charts: [{ kind: 'xbar-r' }],
    subgroup: { kind: 'by-count', size: 5, every: 300 },
    limits: { kind: 'fixed', center: 10, sigma: 0.1 },
    noDataAfter: '30d',
  };
  return {
    file,
    settings: {
      characteristics: Object.fromEntries(ids.map((id) => [id, checkedRow(id, row)])),
      alerts: policyOf(alertSettings.parse({})),
      sources: ['s'],
    },
    commitEveryMs: 20,
    // One transaction for each simulated second, as a plant that does not hurry would have.
    commitReadings: RATE / 5,
    snapshotEveryMs: 5000,
    newStoreId: 'week',
    readers: ['sink:influx'],
    space: { ballastBytes: 0, minFreeBytes: 0 },
    retention: { journalKeepMs: 1, historyKeepMs: 400 * DAY_S * 1000, maxBytes: 60e9 },
  };
}

function part(stream: number, counter: number, numbers: readonly number[], receiveMs: number) {
  const value = Array.from(
    { length: EACH },
    (_, i) =>
      Math.round(1e4 * (10 + 0.1 * Math.sin(counter * 12.9898 + stream * 78.233 + i))) / 1e4,
  );
  return delivery({
    stream: `cell-${stream}`,
    receiveMs,
    value,
    tag: value.map((_, i) => numbers[stream * EACH + i] ?? -1),
    sequence: value.map(() => counter),
  });
}

async function openShipper(
  core: CoreClient,
  { reader }: RunningReader,
  url: string,
  now: () => number,
): Promise<Shipper> {
  const [cursors, ahead] = await Promise.all([reader.cursors(), reader.ahead()]);
  const rows = new Map<string, CharacteristicSummary>(core.ready.summaries.map((s) => [s.id, s]));
  const ids = new Map([...core.ready.numbers].map(([id, number]) => [number, id]));
  const clock = { now, monotonic: () => performance.now() };
  const settings = sinks.schema.parse({ kind: 'influxdb', url, database: 'spc' });
  const sink = sinks.create(settings, {
    name: 'influx',
    site: 'simulated',
    characteristic: (number) => rows.get(ids.get(number) ?? ''),
    characteristicById: (id) => rows.get(id),
    clock,
    log: silentLog,
  });
  if (cursors['sink:influx'] === undefined) core.cursor('sink:influx', 0);
  return shipper({
    name: 'influx',
    kind: 'influxdb',
    sink,
    rows: reader.rows,
    saveCursor: (seq, stretches) => core.cursor('sink:influx', seq, stretches),
    cursor: cursors['sink:influx'] ?? 0,
    ahead: ahead['sink:influx'] ?? [],
    flushEveryMs: 1000,
    clock,
    random: Math.random,
    log: silentLog,
  });
}
