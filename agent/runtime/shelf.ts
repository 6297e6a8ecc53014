import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMemory, type Memory } from './memory.ts';

/**
 * Small records by name that last over restarts and power cuts, each replaced as a whole. A record
 * that was damaged is as one that never was.
 */
export interface Shelf {
  load(): ReadonlyMap<string, string>;
  /**
   * Keeps a text under a name, null takes it away; puts are done one after another. True when it is
   * on disk for good, false when it could not be written: what stood there before may stay.
   */
  put(name: string, text: string | null): Promise<boolean>;
}

const MOST_RECORDS = 20_000;

/** The same as one file per record in a folder of its own. */
export function fileShelf(folder: string): Shelf {
  let last: Promise<boolean> = Promise.resolve(true);
  return {
    load() {
      const found = new Map<string, string>();
      for (const file of filesIn(folder).slice(0, MOST_RECORDS)) {
        const record = read(join(folder, file));
        if (record !== null) found.set(record.name, record.text);
      }
      return found;
    },
    put(name, text) {
      last = last.then(() => write(folder, name, text));
      return last;
    },
  };
}

/** What the source of this name may keep of its own, in the data folder. */
export function ownRecords(dataDir: string, name: string): { memory: Memory; shelf: Shelf } {
  const own = join(dataDir, 'sources', encodeURIComponent(name));
  return { memory: fileMemory(`${own}.json`), shelf: fileShelf(own) };
}

function filesIn(folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder).filter((file) => file.endsWith('.record'));
  } catch {
    return [];
  }
}

/** First line: hash of the rest; second line: the name. */
function read(path: string): { name: string; text: string } | null {
  try {
    const whole = readFileSync(path, 'utf8');
    const hash = whole.slice(0, whole.indexOf('\n'));
    const rest = whole.slice(hash.length + 1);
    if (sha(rest) !== hash) return null;
    const line = rest.slice(0, rest.indexOf('\n'));
    return { name: String(JSON.parse(line)), text: rest.slice(line.length + 1) };
  } catch {
    return null;
  }
}

async function write(folder: string, name: string, text: string | null): Promise<boolean> {
  const path = join(folder, `${sha(name).slice(0, 32)}.record`);
  try {
    await mkdir(folder, { recursive: true });
    if (text === null) await rm(path, { force: true });
    else {
      const rest = `${JSON.stringify(name)}\n${text}`;
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(`${sha(rest)}\n${rest}`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    }
    // Without this a power cut can bring back what was replaced or taken away.
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    return true;
  } catch {
    return false;
  }
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
