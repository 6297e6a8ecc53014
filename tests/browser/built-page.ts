import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/agent-rig.ts';
import { RUN_FOLDER } from '../support/run-folder.ts';

const CONFIG = fileURLToPath(new URL('../../dashboards/console/vite.config.ts', import.meta.url));

/** The page as it is shipped: the first file of a run that asks builds it, the others wait. */
export async function builtPage(): Promise<string> {
  const run = process.env[RUN_FOLDER];
  if (run === undefined) throw new Error(`${RUN_FOLDER} is not set: start this with vitest`);
  const page = join(run, 'page');
  if (first(join(run, 'page-begun'))) {
    await buildInto(page).catch((error: unknown) => {
      writeFileSync(join(run, 'page-failed'), String(error));
      throw error;
    });
    return page;
  }
  const failed = () => existsSync(join(run, 'page-failed'));
  await eventually(() => existsSync(page) || failed(), 'the page is built', 50_000);
  if (failed()) throw new Error('another file could not build the page');
  return page;
}

function first(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch {
    return false;
  }
}

/** It appears under its name once it is whole. */
async function buildInto(page: string): Promise<void> {
  const { build } = await import('vite');
  const outDir = `${page}-${process.pid}`;
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir } });
  renameSync(outDir, page);
}
