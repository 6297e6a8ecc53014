import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));
/** Most scenarios wait for other processes more than they compute. */
const LANES = 2;

/** What runs in a process of its own: a scenario, or one part of it. */
export interface Job {
  name: string;
  part?: string;
}

/**
 * Runs every job in a process of its own, two at a time, and prints what each said once it has
 * ended. Resolves with those that failed.
 */
export async function runLanes(
  jobs: readonly Job[],
  args: readonly string[],
  print: (text: string) => void,
): Promise<Job[]> {
  const waiting = [...jobs];
  const failed: Job[] = [];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const { code, text } = await runAlone(job, args);
      print(text);
      if (code !== 0) failed.push(job);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return failed;
}

function runAlone(
  { name, part }: Job,
  args: readonly string[],
): Promise<{ code: number; text: string }> {
  const which = ['--only', name, ...(part === undefined ? [] : ['--part', part])];
  const child = spawn(process.execPath, [RUN, ...args, ...which], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const take = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? 1, text: text.trimEnd() }));
  });
}
