import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { said } from '../cli/terminal.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
  json: () => Record<string, unknown>;
}

/** A folder of its own in which files are written and commands run. */
export interface Desk {
  dir: string;
  file(name: string, content: string | Uint8Array): string;
  run(...args: string[]): Promise<Ran>;
  clear(): void;
}

export function desk(): Desk {
  const dir = mkdtempSync(join(tmpdir(), 'meyar-desk-'));
  return {
    dir,
    file(name, content) {
      const path = join(dir, name);
      writeFileSync(path, content);
      return path;
    },
    async run(...args) {
      const ran = await said(args);
      return { ...ran, json: () => JSON.parse(ran.out) as Record<string, unknown> };
    },
    clear: () => rmSync(dir, { recursive: true, force: true }),
  };
}
