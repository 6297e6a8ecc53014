import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createRandom } from '../../agent/plants/random.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { checkStore } from '../../agent/store/checks.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { openReader } from '../../agent/store/reader.ts';
import { fillStore } from '../support/filled-store.ts';
import { type Boot, boot, bootSettings } from './corrupt-boot.ts';
import type { Scenario } from './scenario.ts';

const LONG = 1000;
const SHORT_MS = 45_000;
/** A start that takes longer is wrong, also on a loaded machine. */
const START_MS = 10_000;
const BATCHES = 400;
/** One case of so many is given to the real program as well. */
const BOOT_EVERY = 23;

type Pick = (below: number) => number;

/** Ways to spoil a store; each changes the files of one copy. */
const WAYS: Record<string, (file: string, pick: Pick, base: Base) => void> = {
  'flipped bits': (file, pick) => flip(file, pick, 1 + pick(4)),
  'flipped bit in a journal row': (file, pick, base) => {
    const bytes = readFileSync(file);
    const row = base.rows[pick(base.rows.length)] as Buffer;
    const at = bytes.indexOf(row.subarray(0, 200));
    if (at >= 0) flip(file, (below) => (below === bytes.length ? at + pick(200) : pick(below)), 1);
  },
  'flipped bit in the saved state': (file, pick) => {
    const db = new DatabaseSync(file);
    const keys = db.prepare('SELECT key, json FROM state').all();
    const { key, json } = keys[pick(keys.length)] as { key: string; json: string };
    const bytes = Buffer.from(json);
    const at = pick(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(7));
    db.prepare('UPDATE state SET json = ? WHERE key = ?').run(bytes.toString(), key);
    db.close();
  },
  'cut short': (file, pick) => truncateSync(file, pick(readFileSync(file).length)),
  'a page of zeros': (file, pick) => zero(file, pick),
  'no log': (file) => rmSync(`${file}-wal`, { force: true }),
  'a log of another store': (file, _pick, base) => writeFileSync(`${file}-wal`, base.otherLog),
  'flipped bits in the log': (file, pick) => flip(`${file}-wal`, pick, 3),
  'a log cut short': (file, pick) =>
    truncateSync(`${file}-wal`, pick(readFileSync(`${file}-wal`).length)),
  'shared memory of chance': (file, pick) =>
    writeFileSync(`${file}-shm`, Buffer.from(Array.from({ length: 32_768 }, () => pick(256)))),
  'half-written files beside it': (file) => {
    for (const side of ['.before-v9.part', '.restoring', '.suspect', '.ballast', '.check.json']) {
      writeFileSync(file + side, '{"half');
    }
  },
  'an empty file': (file) => textFile(file, ''),
  'a text': (file) => textFile(file, 'These are the notes of the second shift.\n'.repeat(300)),
  'a newer format': (file) => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
  },
  'another program': (file) => {
    textFile(file, '');
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE stock (part TEXT, pieces INTEGER)');
    db.close();
  },
  'a folder in its place': (file) => {
    for (const side of ['', '-wal', '-shm']) rmSync(file + side, { force: true });
    mkdirSync(file);
  },
};

interface Base {
  file: string;
  rows: Buffer[];
  otherLog: Buffer;
}

/** Spoiled stores: each starts, or says in one sentence why not, and nothing spoiled is served. */
export const corruptStores: Scenario = {
  name: 'corrupt-stores',
  async run({ seed, short, cut, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-corrupt-'));
    const names = Object.keys(WAYS);
    const counts = { started: 0, anew: 0, told: 0, slowestMs: 0, problems: [] as string[] };
    const boots = { started: 0, anew: 0, told: 0, slowestMs: 0 };
    const settings = bootSettings(folder);
    const begun = performance.now();
    let cases = 0;
    try {
      const base = makeBase(folder);
      const end = cut === undefined ? (short ? Number.POSITIVE_INFINITY : LONG) : cut + 1;
      for (let n = cut ?? 0; n < end; n += 1) {
        if (short && performance.now() - begun > SHORT_MS) break;
        const way = names[n % names.length] as string;
        const dir = join(folder, `case-${n}`);
        mkdirSync(dir);
        const spoilt = { way, n, seed, base };
        one({ ...spoilt, file: join(dir, 'meyar.db') }, counts);
        if (n % BOOT_EVERY === 0 || cut !== undefined) {
          const real = join(dir, 'real');
          mkdirSync(real);
          spoil({ ...spoilt, file: join(real, 'meyar.db') });
          await booted(settings, real, `case ${n} (${way})`, { counts, boots });
        }
        rmSync(dir, { recursive: true, force: true });
        cases += 1;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const { started, anew, told, slowestMs, problems } = counts;
    say(
      `${cases} stores: ${started} went on, ${anew} began anew beside the damaged one, ${told} told why not`,
    );
    const real = boots.started + boots.anew + boots.told;
    say(
      `the real program on ${real} of them: ${boots.started} went on, ${boots.anew} anew, ` +
        `${boots.told} told why not, slowest ${Math.round(boots.slowestMs)} ms`,
    );
    say(
      `slowest start ${Math.round(slowestMs)} ms; one case again: CASE=n npm run chaos -- --seed ${seed}`,
    );
    return problems.slice(0, 20);
  },
};

interface Case {
  way: string;
  n: number;
  seed: number;
  file: string;
  base: Base;
}

type Counts = {
  started: number;
  anew: number;
  told: number;
  slowestMs: number;
  problems: string[];
};

/** The real program; it is timed, but on a machine with other work that says little. */
async function booted(
  settings: string,
  dataDir: string,
  what: string,
  { counts, boots }: { counts: Counts; boots: Record<Boot['outcome'] | 'slowestMs', number> },
): Promise<void> {
  try {
    const { outcome, ms } = await boot(settings, dataDir);
    boots[outcome] += 1;
    boots.slowestMs = Math.max(boots.slowestMs, ms);
  } catch (error) {
    counts.problems.push(`${what}, the real program: ${messageOf(error)}`);
  }
}

/** The same files spoilt in the same way for the same case. */
function spoil({ way, n, seed, file, base }: Case): void {
  const random = createRandom(seed * 1009 + n);
  const pick: Pick = (below) => Math.floor(random.uniform() * below);
  for (const side of ['', '-wal']) copyFileSync(base.file + side, file + side);
  WAYS[way]?.(file, pick, base);
}

function one(spoilt: Case, counts: Counts): void {
  const { way, n, file } = spoilt;
  spoil(spoilt);
  const wrong = (text: string) => counts.problems.push(`case ${n} (${way}): ${text}`);
  // Damage that shows only when a page is written is found by the whole check of the next start.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const begun = performance.now();
    try {
      const writer = fillStore(file, 3, 1);
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - begun);
      if (performance.now() - begun > START_MS) wrong('the start took too long');
      if (writer.opened.quarantined === null) counts.started += 1;
      else counts.anew += 1;
      for (const problem of lies(file)) wrong(problem);
      writer.close();
      return;
    } catch (error) {
      if (!(error instanceof StoreError)) {
        wrong(`${error instanceof Error ? error.stack : error}`);
        return;
      }
      if (error.failure === 'damaged' && attempt === 1) continue;
      const sentence = !error.message.includes('\n') && error.message.length < 400;
      if (error.failure === 'damaged' || !sentence) wrong(`does not start: ${error.message}`);
      else counts.told += 1;
      return;
    }
  }
}

/** What is served and is not what was written. */
function lies(file: string): string[] {
  const found: string[] = [];
  const reader = openReader(file);
  for (const id of ['od', 'bore']) {
    for (const { value, sequence } of reader.readings(id, 5000)) {
      if (sequence === null || value !== partValue(sequence)) {
        found.push(`${id}: ${value} is served for part ${sequence}`);
        break;
      }
    }
  }
  reader.rows(0, 1e9);
  reader.close();
  checkStore(file);
  return found;
}

const partValue = (part: number) => (part % 97 === 0 ? 19 : 10 + ((part * 7919) % 200) / 100 - 1);

/** A store as a killed agent leaves it: with a log that is not in the file yet. */
function makeBase(folder: string): Base {
  const live = join(folder, 'live.db');
  const writer = fillStore(live, BATCHES);
  const file = join(folder, 'base.db');
  for (const side of ['', '-wal']) copyFileSync(live + side, file + side);
  writer.close();
  const other = join(folder, 'other.db');
  const second = fillStore(other, 50);
  const otherLog = readFileSync(`${other}-wal`);
  second.close();
  const db = new DatabaseSync(live, { readOnly: true });
  const rows = db.prepare('SELECT frames FROM journal').all();
  db.close();
  return { file, otherLog, rows: rows.map((row) => Buffer.from(row['frames'] as Uint8Array)) };
}

function flip(file: string, pick: Pick, times: number): void {
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  for (let i = 0; i < times; i += 1) {
    const at = pick(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
  }
  writeFileSync(file, bytes);
}

function zero(file: string, pick: Pick): void {
  const bytes = readFileSync(file);
  const page = 8192 * pick(Math.max(1, bytes.length >> 13));
  bytes.fill(0, page, page + 8192);
  writeFileSync(file, bytes);
}

function textFile(file: string, text: string): void {
  rmSync(`${file}-wal`, { force: true });
  writeFileSync(file, text);
}
