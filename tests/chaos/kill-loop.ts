import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../agent/plants/random.ts';
import { sleep } from '../../agent/runtime/retry.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startAgentProcess } from './agent-process.ts';
import { connectPublisher, createLoad, type Message, STATIONS } from './load.ts';
import { compareRuns, type Found, readStore } from './oracle.ts';

export interface Scenario {
  name: string;
  /** everything found wrong, in words; empty = passed */
  run(options: { seed: number; kills: number; say(line: string): void }): Promise<string[]>;
}

const TICK_MS = 10;
const PER_TICK = 6;
const DRAIN_MS = 120_000;

/**
 * kill -9 of the agent again and again while a real broker delivers counted parts, some of them
 * twice. Afterwards every part was counted once, and the charts equal those of a calm run.
 */
export const killLoop: Scenario = {
  name: 'kill -9 under MQTT load',
  async run({ seed, kills, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-chaos-'));
    const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
    try {
      const { sent, unique, seconds, replayed } = await disturbed(folder, broker.url, seed, kills);
      say(`${sent.length} messages, ${unique} parts, ${Math.round(sent.length / seconds)}/s`);
      say(`${replayed} starts of the agent`);
      const found = readStore(join(folder, 'disturbed', 'meyar.db'));
      await calm(folder, broker.url, sent, unique);
      const reference = readStore(join(folder, 'calm', 'meyar.db'));
      const points = [...found.points.values()].reduce((n, list) => n + list.length, 0);
      const signals = [...found.signals.values()].reduce((n, list) => n + list.length, 0);
      say(`${found.counted.size} parts stored, ${points} points, ${signals} signals`);
      if (signals === 0) return ['the load gave no signal: the comparison would show nothing'];
      return [...checkCounts(found, unique), ...compareRuns(found, reference)];
    } finally {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function checkCounts(found: Found, unique: number): string[] {
  const twice = [...found.counted].filter(([, times]) => times > 1);
  const problems: string[] = [];
  if (found.counted.size !== unique) {
    problems.push(`${unique} parts were sent, ${found.counted.size} are stored`);
  }
  for (const [key, times] of twice.slice(0, 5)) problems.push(`${key} was counted ${times} times`);
  return problems;
}

async function disturbed(folder: string, url: string, seed: number, kills: number) {
  const settings = writeSettings(folder, url, 'disturbed');
  const random = createRandom(seed ^ 0x5eed);
  const load = createLoad(seed, 1_700_000_000_000);
  const dataDir = join(folder, 'disturbed');
  let agent = startAgentProcess(settings, dataDir);
  await agent.url;
  await subscribed(agent.url, 'disturbed');
  const publisher = await connectPublisher(url);
  const sent: Message[] = [];
  const started = Date.now();
  let flowing = true;
  const flow = (async () => {
    while (flowing) {
      for (let i = 0; i < PER_TICK; i += 1) {
        const message = load.next();
        sent.push(message);
        publisher.publish(message);
      }
      await sleep(TICK_MS);
    }
  })();
  let starts = 1;
  for (let k = 0; k < kills; k += 1) {
    // Some kills hit the start itself, most hit the work.
    await sleep(150 + random.uniform() * 1500);
    await agent.kill('SIGKILL');
    agent = startAgentProcess(settings, dataDir);
    starts += 1;
  }
  flowing = false;
  await flow;
  const seconds = (Date.now() - started) / 1000;
  while (publisher.taken() < publisher.given()) await sleep(20);
  await publisher.close();
  await drained(await agent.url, load.sent());
  await agent.kill('SIGTERM');
  return { sent, unique: load.sent(), seconds, replayed: starts };
}

async function calm(folder: string, url: string, sent: Message[], unique: number): Promise<void> {
  const settings = writeSettings(folder, url, 'calm');
  const agent = startAgentProcess(settings, join(folder, 'calm'));
  const address = await agent.url;
  await subscribed(agent.url, 'calm');
  const publisher = await connectPublisher(url);
  for (let i = 0; i < sent.length; i += 1) {
    publisher.publish(sent[i] as Message);
    if (i % 200 === 199) while (publisher.given() - publisher.taken() > 400) await sleep(5);
  }
  while (publisher.taken() < publisher.given()) await sleep(20);
  await publisher.close();
  await drained(address, unique);
  await agent.kill('SIGTERM');
}

/** Until the broker knows the subscription: what is published earlier nobody promised to keep. */
async function subscribed(url: Promise<string>, what: string): Promise<void> {
  const address = await url;
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const list = (await (await fetch(`${address}/api/sources`)).json()) as { state: string }[];
    if (list.every((s) => s.state === 'up')) return;
    await sleep(50);
  }
  throw new Error(`the agent (${what}) did not connect to the broker`);
}

/** Until the agent has counted every part; gives up when nothing moves any more. */
async function drained(address: string, unique: number): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  let last = -1;
  let still = 0;
  while (Date.now() < deadline && still < 50) {
    const list = (await (await fetch(`${address}/api/characteristics`)).json()) as {
      readings: number;
    }[];
    const readings = list.reduce((n, c) => n + c.readings, 0);
    if (readings >= unique) break;
    still = readings === last ? still + 1 : 0;
    last = readings;
    await sleep(100);
  }
  // A moment more, so that a part counted twice would show.
  await sleep(500);
}

function writeSettings(folder: string, url: string, name: string): string {
  const charts: Record<string, string> = {
    a: 'charts: [{ kind: xbar-r }, { kind: ewma }, { kind: cusum }]\n    subgroup: { kind: by-count, size: 5 }\n    limits: { kind: fixed, center: 10, sigma: 0.1 }\n    rules: nelson',
    b: 'charts: [{ kind: xbar-s }]\n    subgroup: { kind: by-count, size: 4, every: 6 }\n    limits: { kind: baseline, subgroups: 25 }\n    rules: western-electric',
    c: 'charts: [{ kind: imr }]\n    subgroup: { kind: by-count, size: 1 }\n    limits: { kind: fixed, center: 10, sigma: 0.1 }\n    rules: aiag',
    d: 'charts: [{ kind: imr }, { kind: cusum }]\n    subgroup: { kind: by-count, size: 1 }\n    limits: { kind: baseline, subgroups: 100 }\n    rules: nelson',
  };
  const rows = STATIONS.map(
    (s) => `  ${s}:
    name: Station ${s}
    unit: mm
    lsl: 9.6
    usl: 10.4
    decimals: 3
    source: load
    tag: ${s}.v
    ${charts[s]}
    noDataAfter: 1h`,
  );
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `plant: { name: Chaos (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  load:
    kind: mqtt
    url: ${url}
    clientId: chaos-${name}
    topics:
      - topic: chaos/{station}/result
        stream: "{station}"
        sequence: seq
        time: { path: ts, unit: ms }
        values: { "{station}.v": v }
        context: { serial: sn }
characteristics:
${rows.join('\n')}
`,
  );
  return file;
}
