import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Named in the environment: a folder that all test files of one run share, gone at its end. */
export const RUN_FOLDER = 'MEYAR_TEST_RUN_FOLDER';

/** Makes it; Vitest calls this once a run, before the first file, and what it gives back after. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-run-'));
  process.env[RUN_FOLDER] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
