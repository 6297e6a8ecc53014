import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
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
  /** none: the start after a core that ended in the same folder, which had acknowledged so many */
  faults: Faults | { acked: number };
  /** power cuts behind failed syncs are judged as well */
  cuts: boolean;
}

export interface CoreDone {
  /** calls that failed, or that were counted */
  hits: number;
  /** the core said that it takes no writes */
  lost: boolean;
  acked: number;
  /** what ended the core; then nothing was judged, the folder is left, this process must not go on */
  ended: string | null;
  /** the points and signals in a few letters */
  contents: string;
  problems: string[];
}

const CONTROL = '/meyar-shim/';

process.on('message', (job: CoreJob) => void process.send?.(one(job)));

function one(job: CoreJob): CoreDone {
  const { place, commits } = job;
  const done = run(job);
  if (done.ended !== null) return done;
  try {
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

function run({ place, commits, faults, cuts }: CoreJob): CoreDone {
  const told = `${place}-told`;
  const again = 'acked' in faults;
  const acked = again ? faults.acked : 0;
  const done: CoreDone = {
    ...{ hits: 0, lost: false, acked, ended: null, contents: '', problems: [] },
  };
  mkdirSync(place, { recursive: again });
  const wanted = again ? '' : sayFaults(faults);
  control(`${place}\n${cuts ? `${place}-log` : ''}\n${told}\n${wanted}`);
  try {
    runCore(join(place, 'meyar.db'), { count: commits }, (line) => {
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
