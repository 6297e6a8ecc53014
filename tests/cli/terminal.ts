import { runCommand } from '../../agent/cli/index.ts';
import { systemClock } from '../../agent/runtime/clock.ts';

/** Runs a command line in this process: exit code and everything it said, line by line. */
export async function said(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    env,
    clock: systemClock,
    interrupted: () => new Promise(() => {}),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
