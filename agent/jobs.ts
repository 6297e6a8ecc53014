import { type ChildProcess, execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceEvent } from './model.ts';
import type { Clock } from './runtime/clock.ts';
import type { Log } from './runtime/log.ts';
import type { Settings } from './settings/schema.ts';
import { readNote } from './store/files.ts';
import type { Upkeep } from './upkeep.ts';

/** Whole checks and backups when they are due, each in a process of its own: nothing waits for it. */
export interface Jobs {
  /** looks whether something is due; called once a minute */
  look(): void;
  stop(): void;
}

export interface JobsOptions {
  dataDir: string;
  store: Settings['store'];
  clock: Clock;
  log: Log;
  upkeep: Upkeep;
  /** records something and tells people */
  report(event: SourceEvent): void;
}

const LOOK_EVERY_MS = 60_000;
const LONGEST_MS = 6 * 3_600_000;
/** After a failure it is tried again, but not at once. */
const AGAIN_MS = 3_600_000;
const LOWEST_PRIORITY = 19;

interface Job {
  name: 'check' | 'backup';
  everyMs: number;
  args: string[];
  /** what people are told when the command ends with 1 or 2 */
  failed: string;
}

export function startJobs(o: JobsOptions): Jobs {
  const jobs = jobsOf(o);
  const notBefore = new Map<string, number>();
  let running: ChildProcess | null = null;
  const look = () => {
    const file = join(o.dataDir, 'meyar.db');
    o.upkeep.lastCheck = readNote(`${file}.check.json`);
    o.upkeep.lastBackup = readNote(`${file}.backup.json`);
    const now = o.clock.now();
    const due = jobs.find(
      (job) => isDue(file, job, now) && o.clock.monotonic() >= (notBefore.get(job.name) ?? 0),
    );
    if (due === undefined || running !== null) return;
    notBefore.set(due.name, o.clock.monotonic() + AGAIN_MS);
    running = begin(due, (error, said) => {
      running = null;
      if (error === null) o.log.info(`store-${due.name}-done`);
      else tell(o, due, said);
      look();
    });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  look();
  return {
    look,
    stop() {
      clearInterval(timer);
      running?.removeAllListeners();
      running?.kill('SIGKILL');
    },
  };
}

function jobsOf({ dataDir, store }: JobsOptions): Job[] {
  const args = ['--data', dataDir, '--json'];
  const jobs: Job[] = [
    {
      ...{ name: 'check', everyMs: store.checkEvery, args: ['inspect', '--check', ...args] },
      failed: 'the whole check of the store found damage',
    },
  ];
  if (store.backup === undefined) return jobs;
  const { every, to, keep } = store.backup;
  const more = ['backup', '--to', to, '--keep', String(keep), ...args];
  return [{ name: 'backup', everyMs: every, args: more, failed: 'no backup was made' }, ...jobs];
}

/** A time in the future is of a clock that was wrong. */
function isDue(file: string, { name, everyMs }: Job, now: number): boolean {
  const last = Number(readNote(`${file}.${name}.json`)?.['timeMs'] ?? Number.NaN);
  if (Number.isFinite(last)) return last > now || now - last >= everyMs;
  return name === 'backup' || now - statSync(file).birthtimeMs >= everyMs;
}

function begin(job: Job, done: (error: Error | null, said: string) => void): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const main = fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
  const limits = { timeout: LONGEST_MS, maxBuffer: 1 << 26 };
  const child = execFile(process.execPath, [main, ...job.args], limits, (error, out, err) =>
    done(error, err.trim() || out),
  );
  try {
    if (child.pid !== undefined) setPriority(child.pid, LOWEST_PRIORITY);
  } catch {
    // It is as good with the ordinary priority, only less polite.
  }
  return child;
}

function tell(o: JobsOptions, { name, failed }: Job, said: string): void {
  const found = /"found":\["([^"]{1,200})/.exec(said)?.[1] ?? said.slice(0, 300);
  const text = `${failed}: ${found}`;
  o.log.error(`store-${name}-failed`, { said: found });
  const severity = 'alarm' as const;
  o.report({ source: 'store', kind: 'device', severity, text, timeMs: o.clock.now() });
}
