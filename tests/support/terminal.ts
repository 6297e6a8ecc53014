import { runCommand } from '../../agent/cli/index.ts';
import { systemClock } from '../../agent/runtime/clock.ts';

/** What a command printed and how it ended. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs one command line inside the test. */
export async function meyar(...argv: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(argv, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    env: {},
    clock: { ...systemClock, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
    interrupted: () => new Promise(() => {}),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
