import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { runCore } from './core-run.ts';
import { contentsOf, judgeFailed, judgeStored } from './io-judge.ts';
import { promisedOnStdout } from './recording.ts';
import { type Faults, sayFaults } from './shim.ts';

/**
 * Goes through one core after the other in one process, each with a folder and failures of its own,
 * and judges what they left with the failures off. Started with the shim preloaded and standard
 * output going nowhere: what is said there is what was acknowledged.
 */
export interface CoreJob {
  place: string;
  commits: number;
  faults: Faults;
  /** it was killed before, after the same transactions, and starts again */
  unclean: boolean;
  /** power cuts behind failed syncs are judged as well */
  cuts: boolean;
}

export interface CoreDone {
  /** calls that failed, or that were counted */
  hits: number;
  /** the core said that it takes no writes */
  lost: boolean;
  acked: number;
  /** what ended the core, which was then started again on what it left */
  ended: string | null;
  /** the points and signals in a few letters */
  contents: string;
  problems: string[];
}

const CONTROL = '/meyar-shim/';

process.on('message', (job: CoreJob) => void process.send?.(one(job)));

function one(job: CoreJob): CoreDone {
  const { place, commits } = job;
  mkdirSync(place);
  let before = 0;
  if (job.unclean) {
    before = run({ ...job, faults: null }, { killed: true }).acked;
    crashed(job);
  }
  const done = run(job, { acked: before });
  try {
    if (done.ended !== null) {
      const again = run({ ...crashed(job), faults: null }, { acked: done.acked });
      if (again.ended !== null) done.problems.push(`not usable afterwards: ${again.ended}`);
      done.acked = again.acked;
    }
    if (done.acked !== commits) done.problems.push(`${done.acked} of ${commits} were recorded`);
    const log = `${place}-log`;
    const keys = Array.from({ length: done.acked }, (_, n) => `load/a#${n + 1}`);
    const found = job.cuts ? judgeFailed(place, log, promisedOnStdout) : judgeStored(place, keys);
    done.problems.push(...found);
    done.contents = contentsOf(join(place, 'meyar.db'));
  } catch (error) {
    done.problems.push(`cannot be judged: ${error}`);
  }
  for (const end of ['', '-log', '-told', '-image']) {
    rmSync(place + end, { recursive: true, force: true });
  }
  return done;
}

/**
 * The files as a process leaves them that is killed: under the same names, and without the locks
 * that what is left of the first core in this process may still hold.
 */
function crashed(job: CoreJob): CoreJob {
  const { place } = job;
  renameSync(place, `${place}-crashed`);
  mkdirSync(place);
  for (const end of ['', '-wal', '-journal', '.suspect']) {
    const name = `meyar.db${end}`;
    const left = join(`${place}-crashed`, name);
    if (existsSync(left)) copyFileSync(left, join(place, name));
  }
  rmSync(`${place}-crashed`, { recursive: true, force: true });
  return job;
}

function run(
  { place, commits, faults, cuts }: Omit<CoreJob, 'faults'> & { faults: Faults | null },
  { acked = 0, killed = false },
): CoreDone {
  const told = `${place}-told`;
  const done: CoreDone = {
    ...{ hits: 0, lost: false, acked, ended: null, contents: '', problems: [] },
  };
  const wanted = faults === null ? '' : sayFaults(faults);
  control(`${place}\n${cuts ? `${place}-log` : ''}\n${told}\n${wanted}`);
  try {
    runCore(join(place, 'meyar.db'), { count: commits, killed }, (line) => {
      done.lost ||= line === 'lost';
      done.acked = Math.max(done.acked, Number(/^ack (\d+)$/.exec(line)?.[1] ?? 0));
      writeSync(1, `${line}\n`);
    });
  } catch (error) {
    done.ended = String(error);
  }
  control('');
  done.hits = existsSync(told) ? Number(readFileSync(told, 'utf8')) : 0;
  return done;
}

/** There is no such file: the shim reads the path. */
function control(text: string): void {
  try {
    openSync(CONTROL + text, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
}
