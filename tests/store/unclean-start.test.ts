import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CoreDone, CoreJob } from '../chaos/core-server.ts';
import { buildShim, type Faults, shimEnv } from '../chaos/shim.ts';
import { needs } from '../support/debian.ts';

const SERVER = fileURLToPath(new URL('../chaos/core-server.ts', import.meta.url));
const EIO = 5;

// A process that ended because a sync failed leaves a log that only the kernel has. The next start
// copies it into the file, and syncs that, before it believes it: and that may fail as well.
describe.skipIf(!needs('gcc'))('the start after a killed core', () => {
  let folder = '';
  let run = async (_: Faults): Promise<CoreDone> => Promise.reject(new Error('not begun'));
  let stop = () => {};
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-unclean-'));
    const env = shimEnv({ library: buildShim(folder), dataDir: '/nowhere', stdout: true });
    const server = fork(SERVER, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const place = join(folder, 'core');
    stop = () => void server.kill('SIGKILL');
    run = (faults) =>
      new Promise((resolve) => {
        server.once('message', resolve);
        server.send({ place, commits: 5, faults, unclean: true, cuts: true } satisfies CoreJob);
      });
  });
  afterAll(() => {
    stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['s', 1],
    ['s', 6],
    ['w', 1],
  ] as const)(
    'every %s that fails (%i in a row): nothing acknowledged is lost',
    async (kind, count) => {
      const counted = await run({ kind, first: 1, count: 1e9, code: -1, only: 'meyar.db' });
      expect(counted).toMatchObject({ ended: null, acked: 5, problems: [] });
      expect(counted.hits).toBeGreaterThan(3);
      let refused = 0;
      for (let first = 1; first <= Math.min(counted.hits, 8); first += 1) {
        const done = await run({ kind, first, count, code: EIO, only: 'meyar.db' });
        expect({ first, ...done }).toMatchObject({ first, acked: 5, problems: [] });
        expect(done.contents).toBe(counted.contents);
        refused += Number(done.ended !== null);
      }
      // The first ones hit the start itself, which says so and does not go on.
      expect(refused).toBeGreaterThan(0);
    },
    60_000,
  );
});
