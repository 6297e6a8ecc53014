import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../agent/plants/random.ts';
import type { CoreDone, CoreJob } from './core-server.ts';
import type { ScenarioOptions } from './scenario.ts';
import { type Faults, KINDS, sayKind, shimEnv } from './shim.ts';

const SERVER = fileURLToPath(new URL('./core-server.ts', import.meta.url));
const COMMITS = 200;
/** Transactions before a core is killed whose next start meets the failures. */
const BEFORE_START = 20;
/** What is tried in a whole run, and in the start after an unclean end. */
const TRIED: Tried[] = [
  ...KINDS.map((kind) => ({ ...kind, unclean: false })),
  ...KINDS.filter(({ kind }) => kind !== 'a').map((kind) => ({ ...kind, unclean: true })),
];
const SHORT_MS = 45_000;
const PROGRESS = 1000;
const LANES = 2;

/**
 * A core of 200 transactions in which the k-th call to the disk fails: for every k, in the long form,
 * and a sample of them by the seed in the short one. A core that ends by itself is started once more on
 * what it left, as a supervisor would; then everything must be stored.
 */
export async function everyCall(
  o: ScenarioOptions,
  folder: string,
  library: string,
): Promise<string[]> {
  const begun = performance.now();
  const w: Work = {
    o,
    folder,
    library,
    calm: new Map(),
    problems: [],
    tallies: TRIED.map(noTally),
  };
  const most = await callsOf(w);
  const queue = plan(o, most);
  const all = queue.length;
  const lane = async (number: number) => {
    const server = createServer(w, number);
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      if (o.short && performance.now() - begun > SHORT_MS) break;
      if (o.cut === undefined || at.index === o.cut) await oneCall(w, server, at);
      const tried = w.tallies.reduce((n, t) => n + t.runs, 0);
      if (tried % PROGRESS === 0) o.say(`${tried} calls, ${w.problems.length} wrong`);
      if (w.problems.length > 10) break;
    }
    server.stop();
  };
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n + 1)));
  sayTallies(w, most, all, (performance.now() - begun) / 1000);
  const noticed = w.tallies.some((t) => t.told > 0);
  if (!noticed && o.cut === undefined)
    w.problems.push('no core noticed a failure: nothing would show');
  return w.problems;
}

interface Work {
  o: ScenarioOptions;
  folder: string;
  library: string;
  /** what a run without failures leaves, the short one behind an unclean end and the whole one */
  calm: Map<boolean, string>;
  problems: string[];
  /** one of each kind */
  tallies: ReturnType<typeof noTally>[];
}

const noTally = () => ({ runs: 0, met: 0, told: 0, ended: 0 });

type Tried = (typeof KINDS)[number] & { unclean: boolean };

interface Planned {
  index: number;
  kind: number;
  unclean: boolean;
  faults: Faults;
}

/** Every call of every kind; mixed by the seed, so that a sample is of all of them. */
function plan(o: ScenarioOptions, most: readonly number[]): Planned[] {
  const random = createRandom(o.seed ^ 0xc0e);
  const every = TRIED.flatMap(({ unclean, ...faults }, kind) =>
    Array.from({ length: most[kind] ?? 0 }, (_, k) => ({
      ...{ kind, unclean },
      faults: { ...faults, first: k + 1, only: 'meyar.db' },
    })),
  );
  return every
    .map((call, index) => ({ index, ...call, at: random.uniform() }))
    .sort((a, b) => a.at - b.at);
}

/** How many calls of each kind an undisturbed run makes, and what it leaves. */
async function callsOf(w: Work): Promise<number[]> {
  const server = createServer(w, 0);
  const most: number[] = [];
  for (const { kind, unclean } of TRIED) {
    // Failures that are counted and never happen.
    const faults: Faults = { kind, first: 1, count: 1e9, code: -1, only: 'meyar.db' };
    const done = await server.run(faults, unclean);
    w.problems.push(...done.problems);
    w.calm.set(unclean, done.contents);
    most.push(done.hits);
  }
  server.stop();
  return most;
}

async function oneCall(w: Work, server: Server, planned: Planned): Promise<void> {
  const { index, kind, faults, unclean } = planned;
  const tally = w.tallies[kind] ?? noTally();
  const done = await server.run(faults, unclean);
  tally.runs += 1;
  tally.met += Number(done.hits > 0);
  tally.told += Number(done.lost && done.ended === null);
  tally.ended += Number(done.ended !== null);
  if (done.contents !== w.calm.get(unclean))
    done.problems.push('points or signals differ from a calm run');
  const said = `${sayTried({ ...faults, unclean })}, call ${faults.first}`;
  w.problems.push(...done.problems.map((text) => `core ${index} (${said}): ${text}`));
}

function sayTallies(w: Work, most: readonly number[], all: number, seconds: number): void {
  for (const [i, tried] of TRIED.entries()) {
    const { runs, met, told, ended } = w.tallies[i] ?? noTally();
    const figures = `${met} met, ${told} told and survived, ${ended} ended the core`;
    w.o.say(`${sayTried(tried)}: ${runs} of ${most[i]} calls: ${figures}`);
  }
  const runs = w.tallies.reduce((n, t) => n + t.runs, 0);
  w.o.say(
    `core alone: ${runs} of ${all} failures tried in ${Math.round(seconds)} s, ` +
      `${w.problems.length} wrong`,
  );
}

const sayTried = ({ unclean, ...kind }: Tried) =>
  unclean ? `start after a kill, ${sayKind(kind)}` : sayKind(kind);

interface Server {
  run(faults: Faults, unclean: boolean): Promise<CoreDone>;
  stop(): void;
}

/** A process that goes through one run after the other. */
function createServer({ folder, library }: Work, number: number): Server {
  const place = join(folder, `core-${number}`);
  const env = shimEnv({ library, dataDir: '/nowhere', stdout: true });
  const running = fork(SERVER, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return {
    run(faults, unclean) {
      const cuts = faults.kind === 's' || faults.kind === 'a';
      return new Promise((resolve, reject) => {
        const gone = (code: number | null) =>
          reject(new Error(`the core's process ended: ${code}`));
        running.once('exit', gone);
        running.once('message', (done: CoreDone) => {
          running.off('exit', gone);
          resolve(done);
        });
        running.send({
          place,
          commits: unclean ? BEFORE_START : COMMITS,
          faults,
          unclean,
          cuts,
        } satisfies CoreJob);
      });
    },
    stop: () => void running.kill('SIGKILL'),
  };
}
