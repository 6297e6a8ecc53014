import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../agent/plants/random.ts';
import { sleep } from '../../agent/runtime/retry.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { everyCall } from './io-core.ts';
import { judgeFailed } from './io-judge.ts';
import { connectPublisher, createLoad } from './load.ts';
import { promised } from './recording.ts';
import {
  drained,
  type Scenario,
  type ScenarioOptions,
  subscribed,
  writeSettings,
} from './scenario.ts';
import { buildShim, type Faults, KINDS, shimEnv } from './shim.ts';

const PARTS = 400;
const STARTS = 3;
const SHORT_MS = 20_000;

/**
 * The k-th write, sync or truncation of the store fails, in a whole agent under load. Nothing is
 * acknowledged that is not stored afterwards, not even on a disk that lost what a failed sync should
 * have written; the agent goes on, says so, and needs nobody.
 */
export const ioErrors: Scenario = {
  name: 'io-errors',
  async run(o) {
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'meyar-io-'));
    const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
    const problems: string[] = [];
    const tally = { runs: 0, hit: 0, told: 0, ended: 0, refused: 0 };
    const library = buildShim(folder);
    try {
      problems.push(...(await everyCall(o, folder, library)));
      const begun = performance.now();
      for (const [i, faults] of plan(o).entries()) {
        if (o.short && performance.now() - begun > SHORT_MS) break;
        if (o.cut !== undefined && i !== o.cut) continue;
        const wrong = await oneRun({ o, i, folder, url: broker.url, library, faults, tally });
        const said = `${faults.kind}:${faults.first} x${faults.count} errno ${faults.code}`;
        for (const text of wrong) problems.push(`run ${i} (${said}): ${text}`);
        if (problems.length > 10) break;
      }
    } finally {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    }
    o.say(
      `whole agent, ${tally.runs} runs: ${tally.hit} met the failure, ${tally.told} told of it and went on, ` +
        `${tally.ended} ended by themselves, ${tally.refused} could not start at first`,
    );
    if (tally.told === 0 && o.cut === undefined)
      problems.push('no failure was noticed: nothing would show');
    return problems;
  },
};

/** Calls of a run of the whole agent, picked by chance: the core alone has had every one. */
function plan(o: ScenarioOptions): Faults[] {
  const random = createRandom(o.seed ^ 0xe10);
  return Array.from({ length: o.short ? 20 : 140 }, (_, i) => {
    const kind = KINDS[i % KINDS.length] as (typeof KINDS)[number];
    const most = kind.kind === 't' ? 2 : kind.kind === 's' ? 60 : 150;
    return { ...kind, first: 1 + Math.floor(random.uniform() * most), only: 'meyar.db' };
  });
}

interface Run {
  o: ScenarioOptions;
  i: number;
  folder: string;
  url: string;
  library: string;
  faults: Faults;
  tally: { runs: number; hit: number; told: number; ended: number; refused: number };
}

async function oneRun(r: Run): Promise<string[]> {
  const { i, tally } = r;
  const dataDir = join(r.folder, `data-${i}`);
  const log = join(r.folder, `log-${i}`);
  mkdirSync(dataDir);
  tally.runs += 1;
  const told = join(r.folder, `told-${i}`);
  const settings = writeSettings(r.folder, r.url, `io-${r.o.seed}-${i}`);
  const env = shimEnv({ library: r.library, dataDir, log, told, faults: r.faults });
  const agents: AgentProcess[] = [];
  try {
    const problems = await underLoad(r, settings, dataDir, env, agents);
    const errors = agents.map((a) => a.errors()).join('\n');
    const hit = existsSync(told);
    tally.hit += Number(hit);
    tally.told += Number(errors.includes('store-failed'));
    tally.ended += Number(errors.includes('core-failed'));
    tally.refused += Number(agents.length > 1 && !errors.includes('core-failed'));
    return [...problems, ...judgeFailed(dataDir, log, promised)];
  } finally {
    for (const agent of agents) await agent.kill('SIGKILL');
    for (const path of [dataDir, log, told]) rmSync(path, { recursive: true, force: true });
  }
}

/** Starts the agent, again when it cannot start or ends, as a supervisor would, and loads it. */
async function underLoad(
  r: Run,
  settings: string,
  dataDir: string,
  env: NodeJS.ProcessEnv,
  agents: AgentProcess[],
): Promise<string[]> {
  const start = async () => {
    for (;;) {
      // The failure is over with the process that met it: a start anew counts no calls.
      const used = agents.length === 0 ? env : { ...env, MEYAR_SHIM_FAULTS: '' };
      const agent = startAgentProcess(settings, dataDir, { env: used });
      agents.push(agent);
      try {
        await agent.url;
        return agent;
      } catch (error) {
        if (agents.length >= STARTS) throw error;
      }
    }
  };
  let agent = await start();
  await subscribed(agent.url, `io ${r.i}`);
  const load = createLoad(r.o.seed + r.i, 1_700_000_000_000);
  const publisher = await connectPublisher(r.url);
  while (load.sent() < PARTS) {
    for (let n = 0; n < 4; n += 1) publisher.publish(load.next());
    await sleep(5);
    if (agent.gone()) agent = await start();
  }
  while (publisher.taken() < publisher.given()) await sleep(10);
  await publisher.close();
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (agent.gone()) agent = await start();
    const address = await agent.url;
    const ready = await fetch(`${address}/readyz`).catch(() => null);
    if (ready?.ok && (await shown(address)) >= load.sent()) break;
    await sleep(50);
  }
  const address = await agent.url;
  const ready = await (await fetch(`${address}/readyz`)).text();
  await drained(address, load.sent());
  const readings = await shown(address);
  await agent.kill('SIGTERM');
  const problems: string[] = [];
  if (readings !== load.sent()) problems.push(`${load.sent()} parts sent, ${readings} counted`);
  if (!ready.includes('"ready":true')) problems.push(`not ready at the end: ${ready}`);
  return problems;
}

async function shown(address: string): Promise<number> {
  const answer = await fetch(`${address}/api/characteristics`);
  return ((await answer.json()) as { readings: number }[]).reduce((n, c) => n + c.readings, 0);
}
