import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAgent } from '../../agent/agent.ts';
import { plants } from '../../agent/plants/index.ts';
import { createPlant } from '../../agent/plants/shell.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { readSettings } from '../../agent/settings/load.ts';
import { builtPage } from './built-page.ts';
import { type BrowserOf, browserOf } from './open-console.ts';

/** A demo plant with its servers, the real agent, the page as it is shipped, and a browser. */
export interface OpenedDemo {
  url: string;
  open: BrowserOf['open'];
  close(): Promise<void>;
}

export async function openDemo(name: 'P1' | 'P3', speed: number): Promise<OpenedDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-demo-page-'));
  const kind = plants[name];
  if (kind === undefined) throw new Error(`no plant ${name}`);
  const plant = createPlant(kind.wiring, { seed: 1, speed, now: systemClock.now });
  const [assetsDir, addresses] = await Promise.all([builtPage(), plant.start()]);
  const file = fileURLToPath(new URL(`../../config/${kind.settings}`, import.meta.url));
  const env = { ...process.env, ...addresses, MEYAR_PORT: '0' };
  const { settings } = readSettings(readFileSync(file, 'utf8'), file, env);
  if (settings === null) throw new Error(`${file} is not sound`);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const agent = await startAgent({
    ...{ settings, dataDir, assetsDir, version: 'test' },
    ...{ clock: systemClock, random: Math.random, log: silentLog },
  });
  plant.produce();
  const browser = await browserOf(agent.url);
  return {
    url: agent.url,
    open: browser.open,
    async close() {
      await browser.close();
      await agent.stop();
      await plant.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
