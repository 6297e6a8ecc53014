import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { sleep } from '../../agent/runtime/retry.ts';
import { quantile } from '../bench/row.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { mayMount, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { connectPublisher } from './load.ts';
import { readStore } from './oracle.ts';
import { drained, type Scenario, subscribed } from './scenario.ts';

const DISK_MB = 32;
const PART_EVERY_MS = 20;
const ALARM_EVERY_MS = 200;
/** The promise: an alarm leaves within a second, and all goes on five seconds after there is room. */
const ALARM_MS = 1000;
const RESUME_MS = 5000;
const ANSWERS_MS = 20_000;

/**
 * The disk becomes full under load: first so that only alarms find room (the ballast), then so that
 * nothing does, because something eats each byte that becomes free. Alarms go on leaving, each once;
 * when there is room again everything is recorded, without anybody's help.
 */
export const diskFull: Scenario = {
  name: 'disk-full',
  async run({ short, say }) {
    if (!mayMount()) return ['a small file system cannot be mounted by this user'];
    const folder = mkdtempSync(join(tmpdir(), 'meyar-full-'));
    const disk = mountSmallDisk(DISK_MB);
    const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
    const rounds = short ? 1 : 5;
    const alarms = short ? 8 : 25;
    const told = { unrecorded: 0 };
    const settings = writeSettings(folder, broker.url, rounds * 3 * alarms);
    const agent = startAgentProcess(settings, disk.path);
    try {
      await subscribed(agent.url, 'full');
      const plant = await startPlant(broker.url);
      const problems: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        say(`round ${round + 1}`);
        problems.push(...(await oneRound({ agent, disk, plant, alarms, told, say })));
      }
      if (told.unrecorded === 0) problems.push('no alarm was told unrecorded: nothing was shown');
      await plant.stop();
      await drained(await agent.url, plant.parts());
      await agent.kill('SIGTERM');
      return [...problems, ...judge(join(disk.path, 'meyar.db'), plant, say)];
    } finally {
      await agent.kill('SIGKILL');
      await broker.close();
      disk.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Round {
  agent: AgentProcess;
  disk: SmallDisk;
  plant: Plant;
  alarms: number;
  told: { unrecorded: number };
  say(line: string): void;
}

async function oneRound({ agent, disk, plant, alarms, told, say }: Round): Promise<string[]> {
  const problems: string[] = [];
  const address = await agent.url;
  const judged = async (what: string) => {
    const found = await plant.alarms(alarms);
    const worst = Math.max(...found.ms);
    const times = `p50 ${quantile(found.ms, 0.5).toFixed(0)} ms, worst ${worst.toFixed(0)} ms`;
    say(`${what}: ${found.ms.length} alarms, ${times}, ${found.unrecorded} told as not recorded`);
    if (found.missing > 0) problems.push(`${what}: ${found.missing} alarms were not told`);
    if (worst > ALARM_MS) problems.push(`${what}: an alarm left after ${worst.toFixed(0)} ms`);
    return found;
  };
  await judged('room on the disk');
  disk.fill();
  await until(async () => (await ready(address)).includes('full ('), 'the disk is told to be full');
  await judged('only room for alarms');
  // Somebody takes every byte that becomes free, the ballast's too.
  const eater = setInterval(() => disk.fill(), 20);
  try {
    await until(async () => (await ready(address)).includes('not recorded for'), 'nothing fits');
    const { unrecorded } = await judged('no room at all');
    // Writing the log into the file makes room in it, so that some are recorded all the same.
    told.unrecorded += unrecorded;
  } finally {
    clearInterval(eater);
  }
  const emptied = performance.now();
  disk.empty();
  const acked = plant.acknowledged(address);
  await until(async () => (await ready(address)).includes('"ready":true'), 'ready again');
  const readyMs = performance.now() - emptied;
  const ackedMs = (await acked) - emptied;
  say(
    `room again: readings recorded after ${ackedMs.toFixed(0)} ms, ready ${readyMs.toFixed(0)} ms`,
  );
  if (ackedMs > RESUME_MS) problems.push(`readings were recorded only after ${ackedMs} ms`);
  return problems;
}

async function ready(address: string): Promise<string> {
  return (await fetch(`${address}/readyz`)).text();
}

async function until(done: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`in a minute not: ${what}`);
    await sleep(20);
  }
}

interface Plant {
  /** so many out-of-tolerance parts, each at a station of its own; how soon each was told */
  alarms(count: number): Promise<{ ms: number[]; missing: number; unrecorded: number }>;
  /** when a part that is sent from now on was taken in: monotonic ms */
  acknowledged(address: string): Promise<number>;
  parts(): number;
  /** how often each alarm was told */
  told(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** One station that makes good parts all the time, and one for each alarm. */
async function startPlant(url: string): Promise<Plant> {
  const publisher = await connectPublisher(url);
  const people = await connectAsync(url, { protocolVersion: 5 });
  const sentMs = new Map<string, number>();
  const toldMs = new Map<string, number>();
  const told = new Map<string, number>();
  const unrecorded = new Set<string>();
  people.on('message', (_topic, bytes) => {
    const { event } = JSON.parse(bytes.toString());
    if (event.alert.kind !== 'out-of-tolerance' || event.transition !== 'raised') return;
    const { subject } = event.alert;
    if (!toldMs.has(subject)) toldMs.set(subject, performance.now());
    if (event.unrecorded === true) unrecorded.add(subject);
    told.set(subject, (told.get(subject) ?? 0) + 1);
  });
  await people.subscribeAsync('full/alerts', { qos: 1 });
  let steady = 0;
  let stations = 0;
  const publish = (station: string, seq: number, v: number) =>
    publisher.publish({
      topic: `full/${station}/result`,
      payload: JSON.stringify({ seq, ts: 1_700_000_000_000 + seq * 20, v }),
    });
  const flow = setInterval(() => {
    steady += 1;
    publish('steady', steady, 10 + 0.1 * Math.sin(steady));
  }, PART_EVERY_MS);
  return {
    async alarms(count) {
      const names: string[] = [];
      for (let n = 0; n < count; n += 1) {
        const name = `k${stations}`;
        stations += 1;
        names.push(name);
        sentMs.set(name, performance.now());
        publish(name, 1, 12);
        await sleep(ALARM_EVERY_MS);
      }
      const end = performance.now() + ANSWERS_MS;
      while (names.some((name) => !toldMs.has(name)) && performance.now() < end) await sleep(20);
      const known = names.filter((name) => toldMs.has(name));
      const ms = known.map((name) => (toldMs.get(name) ?? 0) - (sentMs.get(name) ?? 0));
      const marked = known.filter((name) => unrecorded.has(name)).length;
      return { ms, missing: count - known.length, unrecorded: marked };
    },
    async acknowledged(address) {
      const wanted = steady + 1;
      const recorded = async () => {
        const text = await (await fetch(`${address}/metrics`)).text();
        return Number(/^meyar_readings_total (\d+)/m.exec(text)?.[1] ?? 0);
      };
      await until(async () => (await recorded()) >= wanted + stations, 'a new part is recorded');
      return performance.now();
    },
    parts: () => steady + stations,
    told: () => told,
    async stop() {
      clearInterval(flow);
      while (publisher.taken() < publisher.given()) await sleep(20);
      await publisher.close();
      // What would be told twice comes with the records.
      await sleep(1000);
      await people.endAsync();
    },
  };
}

function judge(file: string, plant: Plant, say: (line: string) => void): string[] {
  const { counted } = readStore(file);
  const problems: string[] = [];
  const twice = [...counted].filter(([, times]) => times > 1);
  if (counted.size !== plant.parts()) {
    problems.push(`${plant.parts()} parts were sent, ${counted.size} are stored`);
  }
  for (const [key] of twice.slice(0, 5)) problems.push(`${key} was counted twice`);
  const again = [...plant.told()].filter(([, times]) => times > 1);
  for (const [key, times] of again.slice(0, 5)) problems.push(`${key} was told ${times} times`);
  say(
    `${counted.size} parts stored of ${plant.parts()}, ${plant.told().size} alarms told once each`,
  );
  return problems;
}

function writeSettings(folder: string, url: string, alarms: number): string {
  const row = (station: string) => ({
    name: `Station ${station}`,
    ...{ unit: 'mm', lsl: 9, usl: 11, source: 'load', tag: `${station}.v`, noDataAfter: '1h' },
    subgroup: { kind: 'by-count', size: 1 },
    limits: { kind: 'fixed', center: 10, sigma: 100 },
  });
  const stations = ['steady', ...Array.from({ length: alarms }, (_, n) => `k${n}`)];
  const topic = {
    topic: 'full/{station}/result',
    ...{ stream: '{station}', sequence: 'seq', time: { path: 'ts', unit: 'ms' } },
    values: { '{station}.v': 'v' },
  };
  const file = join(folder, 'full.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      plant: { name: 'Full disk (made up)', site: 'test' },
      console: { host: '127.0.0.1', port: 0 },
      store: { ballast: '4MB', minFree: '5MB' },
      sources: { load: { kind: 'mqtt', url, clientId: 'full', topics: [topic] } },
      characteristics: Object.fromEntries(stations.map((s) => [s, row(s)])),
      alerts: {
        // Every part outside is an alert of its own, not the first one come back.
        returnsWithin: '1ms',
        channels: { hall: { kind: 'mqtt', url, topic: 'full/alerts' } },
      },
    }),
  );
  return file;
}
