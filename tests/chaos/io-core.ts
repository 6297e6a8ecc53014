import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../agent/plants/random.ts';
import { judgeFailed } from './io-judge.ts';
import { promisedOnStdout } from './recording.ts';
import type { ScenarioOptions } from './scenario.ts';
import { type Faults, KINDS, shimEnv } from './shim.ts';

const CHILD = fileURLToPath(new URL('./core-child.ts', import.meta.url));
const COMMITS = 200;
const SHORT_MS = 45_000;
const PROGRESS = 100;

/**
 * A core of 200 transactions in which the k-th call to the disk fails: for every k, in the long form,
 * until k is beyond the last call. A core that ends by itself is started once more, as a supervisor
 * would; then everything must be stored.
 */
export async function everyCall(
  o: ScenarioOptions,
  folder: string,
  library: string,
): Promise<string[]> {
  const problems: string[] = [];
  const tally = { runs: 0, met: 0, lost: 0, ended: 0 };
  const begun = performance.now();
  const most = await callsOf(folder, library);
  const queue = plan(o, most);
  const lane = async (number: number) => {
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (o.short && performance.now() - begun > SHORT_MS) return;
      const { index, faults } = at;
      if (o.cut !== undefined && index !== o.cut) continue;
      const wrong = await oneCore(join(folder, `core-${number}`), library, faults, tally);
      const said = `${faults.kind}:${faults.first} x${faults.count} errno ${faults.code}`;
      for (const text of wrong) problems.push(`core ${index} (${said}): ${text}`);
      if (tally.runs % PROGRESS === 0) o.say(`${tally.runs} calls, ${problems.length} wrong`);
      if (problems.length > 10) return;
    }
  };
  await Promise.all([lane(1), lane(2)]);
  o.say(
    `core alone: ${tally.runs} of ${total(most)} failures tried, ${tally.met} met, ` +
      `${tally.lost} told and survived, ${tally.ended} ended the core`,
  );
  if (tally.lost === 0 && o.cut === undefined)
    problems.push('no core noticed a failure: nothing would show');
  return problems;
}

interface Planned {
  index: number;
  faults: Faults;
}

const total = (most: Record<string, number>) =>
  KINDS.reduce((n, kind) => n + (most[kind.kind] ?? 0), 0);

/** Every call of every kind; mixed by the seed, so that a sample is of all of them. */
function plan(o: ScenarioOptions, most: Record<string, number>): Planned[] {
  const random = createRandom(o.seed ^ 0xc0e);
  const every = KINDS.flatMap((kind) =>
    Array.from({ length: most[kind.kind] ?? 0 }, (_, k) => ({
      ...kind,
      first: k + 1,
      only: 'meyar.db',
    })),
  );
  return every
    .map((faults, index) => ({ index, faults, at: random.uniform() }))
    .sort((a, b) => a.at - b.at);
}

/** How many calls of each kind an undisturbed run makes. */
async function callsOf(folder: string, library: string): Promise<Record<string, number>> {
  const most: Record<string, number> = {};
  for (const kind of ['s', 'w', 't', 'a'] as const) {
    const place = join(folder, 'count');
    const told = `${place}-told`;
    mkdirSync(place);
    // Faults that never stop counting and do nothing: a half of nothing cannot be told from none.
    const faults: Faults = { kind, first: 1, count: 1e9, code: -1, only: 'meyar.db' };
    await child(place, shimEnv({ library, dataDir: place, told, faults }));
    most[kind] = existsSync(told) ? Number(readFileSync(told, 'utf8')) : 0;
    for (const path of [place, told]) rmSync(path, { recursive: true, force: true });
  }
  return most;
}

async function oneCore(
  place: string,
  library: string,
  faults: Faults,
  tally: { runs: number; met: number; lost: number; ended: number },
): Promise<string[]> {
  const log = `${place}-log`;
  const told = `${place}-told`;
  mkdirSync(place);
  try {
    const env = shimEnv({ library, dataDir: place, log, told, faults, stdout: true });
    const first = await child(place, env);
    tally.runs += 1;
    tally.met += Number(existsSync(told));
    tally.lost += Number(/^lost$/m.test(first));
    const problems: string[] = [];
    if (!/^ended$/m.test(first)) {
      tally.ended += 1;
      const again = await child(place, { ...env, MEYAR_SHIM_FAULTS: '' });
      if (!/^ended$/m.test(again)) problems.push(`not usable afterwards: ${first}${again}`);
    } else if (!new RegExp(`^ack ${COMMITS}$`, 'm').test(first)) {
      problems.push(`not everything was recorded in the end: ${first.slice(-200)}`);
    }
    return problems.length > 0 ? problems : judgeFailed(place, log, promisedOnStdout);
  } finally {
    for (const path of [place, log, told]) rmSync(path, { recursive: true, force: true });
  }
}

function child(place: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const args = [CHILD, join(place, 'meyar.db'), '1', String(COMMITS)];
    const running = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    let out = '';
    running.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    running.stderr.on('data', (text: Buffer) => {
      out += text.toString();
    });
    running.once('close', () => resolve(out));
  });
}
