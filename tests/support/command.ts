import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../agent/cli/index.ts';
import { systemClock } from '../../agent/runtime/clock.ts';

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
      const said = { out: '', err: '' };
      const code = await runCommand(args, {
        out: (text) => {
          said.out += `${text}\n`;
        },
        err: (text) => {
          said.err += `${text}\n`;
        },
        env: {},
        clock: systemClock,
        interrupted: () => new Promise(() => {}),
      });
      return { code, ...said, json: () => JSON.parse(said.out) as Record<string, unknown> };
    },
    clear: () => rmSync(dir, { recursive: true, force: true }),
  };
}
