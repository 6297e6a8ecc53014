import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../agent/plants/random.ts';
import { sleep } from '../../agent/runtime/retry.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startAgentProcess } from './agent-process.ts';
import { connectPublisher, createLoad, type Message } from './load.ts';
import { compareRuns, type Found, readStore } from './oracle.ts';
import {
  drained,
  type Scenario,
  type ScenarioOptions,
  subscribed,
  writeSettings,
} from './scenario.ts';

const TICK_MS = 10;
const MOST_WORK_MS = 900;
const PER_TICK = 6;

/**
 * kill -9 of the agent again and again while a real broker delivers counted parts, some of them
 * twice. Afterwards every part was counted once, and the charts equal those of a calm run.
 */
export const killLoop: Scenario = {
  name: 'kill-loop',
  async run({ seed, kills, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-chaos-'));
    const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
    try {
      await warm(folder, broker.url);
      const { sent, unique, seconds, replayed } = await disturbed(folder, broker.url, {
        seed,
        kills,
        say,
      });
      say(`${sent.length} messages, ${unique} parts, ${Math.round(sent.length / seconds)}/s`);
      say(`${replayed} starts of the agent`);
      const found = readStore(join(folder, 'disturbed', 'meyar.db'));
      await calm(folder, broker.url, sent, unique);
      const reference = readStore(join(folder, 'calm', 'meyar.db'));
      if (reference.counted.size !== unique) {
        return [`of ${unique} parts the calm run stored ${reference.counted.size}: no comparison`];
      }
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

type Disturbance = Pick<ScenarioOptions, 'seed' | 'kills' | 'say'>;

function checkCounts(found: Found, unique: number): string[] {
  const twice = [...found.counted].filter(([, times]) => times > 1);
  const problems: string[] = [];
  if (found.counted.size !== unique) {
    problems.push(`${unique} parts were sent, ${found.counted.size} are stored`);
  }
  for (const [key, times] of twice.slice(0, 5)) problems.push(`${key} was counted ${times} times`);
  return problems;
}

/** One life that ends in order: only such a one leaves its compiled code to the next. */
async function warm(folder: string, url: string): Promise<void> {
  const agent = startAgentProcess(writeSettings(folder, url, 'warm'), join(folder, 'warm'));
  await agent.url;
  await agent.kill('SIGTERM');
}

async function disturbed(folder: string, url: string, o: Disturbance) {
  const { seed, kills, say } = o;
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
    if (random.uniform() < 0.75) await agent.url;
    await sleep(random.uniform() * MOST_WORK_MS);
    await agent.kill('SIGKILL');
    agent = startAgentProcess(settings, dataDir);
    starts += 1;
    if (starts % 100 === 0) say(`${starts} starts, ${Math.round((Date.now() - started) / 1000)} s`);
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
