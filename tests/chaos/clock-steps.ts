import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../agent/runtime/retry.ts';
import { openReader } from '../../agent/store/reader.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startAgentProcess } from './agent-process.ts';
import { connectPublisher, createLoad, STATIONS } from './load.ts';
import { readStore } from './oracle.ts';
import { drained, type Scenario, subscribed, writeSettings } from './scenario.ts';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const SECOND = 1000;
const HOUR = 3_600_000;
const YEAR = 365 * 86_400_000;

/** A life of the agent: its clock at the start, and by how much it is set, one step after another. */
interface Case {
  name: string;
  zone: string;
  /** wall clock at the start; null: the true one */
  atMs: number | null;
  stepsMs: number[];
  /** time of the messages: their own, or that of their arrival */
  untimed: boolean;
  clockEvents: number;
}

const steps = [1, -1].flatMap((way) => [SECOND, HOUR, YEAR, 10 * YEAR].map((ms) => way * ms));
const boot = 90 * SECOND;

const CASES: Case[] = [
  { name: 'steps', zone: 'UTC', atMs: null, stepsMs: steps, untimed: false, clockEvents: 8 },
  { name: 'steps-untimed', zone: 'UTC', atMs: null, stepsMs: steps, untimed: true, clockEvents: 8 },
  {
    name: 'boot-1970',
    zone: 'UTC',
    atMs: boot,
    stepsMs: [Date.UTC(2026, 10, 22) - boot],
    untimed: true,
    clockEvents: 2,
  },
  ...[Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)].map((changeMs, i) => ({
    name: i === 0 ? 'summer-begins' : 'summer-ends',
    zone: 'Europe/Berlin',
    // Within the load the local time jumps by an hour; nothing of ours may.
    atMs: changeMs - 8 * SECOND,
    stepsMs: [0, 0],
    untimed: true,
    clockEvents: 0,
  })),
];
const BETWEEN_MS = 3000;
const SILENT_AFTER_MS = 15_000;

/**
 * The wall clock is set while messages flow: nothing is lost, doubled or reordered, nobody is told
 * of silence that was none, silence that is real is told, and every step stands among the events.
 */
export const clockSteps: Scenario = {
  name: 'clock-steps',
  async run(o) {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-clock-'));
    const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
    try {
      const all = await Promise.all(CASES.map((c) => oneCase(c, folder, broker.url, o.seed)));
      for (const { text } of all) o.say(text);
      return all.flatMap(({ problems }) => problems);
    } finally {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function oneCase(c: Case, folder: string, url: string, seed: number) {
  const offsetFile = join(folder, `${c.name}-offset`);
  let offsetMs = c.atMs === null ? 0 : c.atMs - Date.now();
  const setClock = () =>
    writeFileSync(offsetFile, `${offsetMs < 0 ? '' : '+'}${offsetMs / 1000}\n`);
  setClock();
  const settings = writeSettings(folder, url, c.name, {
    untimed: c.untimed,
    noDataAfter: '60s',
    silent: `${SILENT_AFTER_MS / 1000}s`,
    root: c.name,
  });
  const dataDir = join(folder, c.name);
  const agent = startAgentProcess(settings, dataDir, {
    env: {
      ...process.env,
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: offsetFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      TZ: c.zone,
    },
  });
  try {
    const address = await agent.url;
    await subscribed(agent.url, c.name);
    const publisher = await connectPublisher(url, `clock-${c.name}`);
    const load = createLoad(seed, Date.now(), c.name);
    const lone = JSON.stringify({ seq: 1, ts: Date.now(), v: 10, sn: 'e-1' });
    publisher.publish({ topic: `${c.name}/e/result`, payload: lone });
    const begun = performance.now();
    const flowUntil = async (ms: number) => {
      for (; performance.now() - begun < ms; await sleep(20)) publisher.publish(load.next());
    };
    for (const [i, stepMs] of c.stepsMs.entries()) {
      await flowUntil((i + 1) * BETWEEN_MS);
      offsetMs += stepMs;
      setClock();
    }
    await flowUntil(Math.max(c.stepsMs.length + 1, 5) * BETWEEN_MS + SILENT_AFTER_MS / 2);
    while (publisher.taken() < publisher.given()) await sleep(10);
    await publisher.close();
    await drained(address, load.sent() + 1);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    await agent.kill('SIGTERM');
    const result = judge(c, join(dataDir, 'meyar.db'), load.sent() + 1, metrics);
    if (result.problems.length > 0) result.problems.push(`it said: ${agent.errors().slice(-2000)}`);
    return result;
  } finally {
    await agent.kill('SIGKILL');
  }
}

function judge(c: Case, file: string, sent: number, metrics: string) {
  const problems: string[] = [];
  const { counted } = readStore(file);
  if (counted.size !== sent) problems.push(`${sent} parts sent, ${counted.size} stored`);
  const twice = [...counted.values()].filter((n) => n > 1).length;
  if (twice > 0) problems.push(`${twice} parts counted twice`);
  const reader = openReader(file);
  for (const station of STATIONS) {
    const order = reader.readings(station, 100_000).map((row) => row.sequence ?? -1);
    const rising = order.every((n, i) => i === 0 || n > (order[i - 1] ?? 0));
    if (!rising) problems.push(`readings of ${station} are not in their order`);
  }
  const silence = reader.alerts({ limit: 1000 }).filter((a) => a.kind === 'no-data');
  const told = silence.map((a) => a.subject);
  if (told.join() !== 'e') problems.push(`silence was told of '${told.join()}', should be e alone`);
  const events = reader.events(1000).filter((e) => e.source === 'clock');
  if (events.length !== c.clockEvents) {
    const said = events.map((e) => e.text).join('; ');
    problems.push(`${events.length} events of the clock, should be ${c.clockEvents}: ${said}`);
  }
  const negative = metrics.split('\n').filter((line) => /^[a-z].* -\d/.test(line));
  for (const line of negative) problems.push(`negative figure: ${line}`);
  reader.close();
  const text =
    `${c.name}: ${sent} parts, ${counted.size} stored, ${events.length} clock events, ` +
    `silence told of ${told.join(', ') || 'nobody'}`;
  return { text, problems: problems.map((problem) => `${c.name}: ${problem}`) };
}
