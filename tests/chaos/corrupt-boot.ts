import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../agent/runtime/retry.ts';
import { startAgentProcess } from './agent-process.ts';

/** A supervisor starts it again; what is wrong must have been mended or told by then. */
const STARTS = 3;
const READY_MS = 60_000;

export interface Boot {
  outcome: 'started' | 'anew' | 'told';
  /** of the start that led to it */
  ms: number;
}

/** Settings for the store that `fillStore` makes, with a source that needs nobody. */
export function bootSettings(folder: string): string {
  const row = (id: string) => ({
    ...{ name: id, unit: 'mm', lsl: 5, usl: 15, source: 's', tag: id, noDataAfter: '1h' },
    subgroup: { kind: 'by-count', size: 5 },
    limits: { kind: 'fixed', center: 10, sigma: 1 },
  });
  const file = join(folder, 'boot.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      plant: { name: 'Damaged stores (made up)', site: 'test' },
      console: { host: '127.0.0.1', port: 0 },
      store: { ballast: '1MB', minFree: '1MB' },
      sources: { s: { kind: 'manual' } },
      characteristics: { od: row('od'), bore: row('bore') },
    }),
  );
  return file;
}

/** Starts the real program on a data folder, as a supervisor does; throws in words what is wrong. */
export async function boot(settings: string, dataDir: string): Promise<Boot> {
  for (let start = 1; ; start += 1) {
    const begun = performance.now();
    const agent = startAgentProcess(settings, dataDir);
    try {
      const address = await agent.url.catch(() => null);
      const ms = () => performance.now() - begun;
      if (address !== null && (await isReady(address, agent.gone))) {
        const took = ms();
        await agent.kill('SIGTERM');
        const moved = readdirSync(dataDir).some((name) => name.includes('.damaged-'));
        return { outcome: moved ? 'anew' : 'started', ms: took };
      }
      const words = agent
        .errors()
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('{'));
      const sentence = words.length === 1 && (words[0]?.length ?? 0) < 400;
      // Damage that was found while it ran is looked at whole by the next start.
      const looksAgain = existsSync(join(dataDir, 'meyar.db.suspect'));
      if (sentence && !looksAgain) return { outcome: 'told', ms: ms() };
      if (start >= STARTS) throw new Error(`does not start: ${agent.errors().slice(-600)}`);
    } finally {
      await agent.kill('SIGKILL');
    }
  }
}

async function isReady(address: string, gone: () => boolean): Promise<boolean> {
  const end = performance.now() + READY_MS;
  while (!gone() && performance.now() < end) {
    const answer = await fetch(`${address}/readyz`).catch(() => null);
    if (answer?.ok === true) return true;
    await sleep(50);
  }
  return false;
}
