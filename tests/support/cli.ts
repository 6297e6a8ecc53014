import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from './agent-rig.ts';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

/** One run of the command line, from outside. */
export interface CliRun {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** waits until stdout or stderr holds this */
  says(text: string | RegExp): Promise<void>;
  /** the exit code, when it ended by itself or by a signal that we sent */
  ended: Promise<number | null>;
}

/** Longest life of a process that a test started: nothing may stay behind. */
const LONGEST_MS = 100_000;

export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
  main = MAIN,
): CliRun {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
  return {
    child,
    ended,
    out: () => out,
    err: () => err,
    says: (text) =>
      eventually(
        () => (typeof text === 'string' ? (out + err).includes(text) : text.test(out + err)),
        `the process says ${text}; it said: ${out}${err}`,
      ),
  };
}

/** Runs to the end: exit code, stdout and stderr. A null code means that it had to be killed. */
export async function cli(args: readonly string[], env: Record<string, string> = {}, main = MAIN) {
  const run = startCli(args, env, main);
  const code = await run.ended;
  return { code, out: run.out(), err: run.err() };
}
