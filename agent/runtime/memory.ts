import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One short text that lasts over restarts. Losing it must be harmless: it is not in the journal. */
export interface Memory {
  /** '' when nothing is remembered, or it cannot be read */
  load(): string;
  /** false when it could not be written; what was remembered before stays */
  save(text: string): boolean;
}

/** The same in a file of its own, replaced as a whole. */
export function fileMemory(file: string): Memory {
  return {
    load() {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return '';
      }
    },
    save(text) {
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
        return true;
      } catch {
        return false;
      }
    },
  };
}
