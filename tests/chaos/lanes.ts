import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url));
/** Most scenarios wait for other processes more than they compute. */
const LANES = 2;

/**
 * Runs every scenario in a process of its own, two at a time, and prints what each said once it has
 * ended. Resolves with the names of those that failed.
 */
export async function runLanes(
  names: readonly string[],
  args: readonly string[],
  print: (text: string) => void,
): Promise<string[]> {
  const waiting = [...names];
  const failed: string[] = [];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { code, text } = await runAlone(name, args);
      print(text);
      if (code !== 0) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return failed;
}

function runAlone(name: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [RUN, ...args, '--only', name], {
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
