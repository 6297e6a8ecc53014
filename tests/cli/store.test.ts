import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../agent/store/migrations.ts';
import { openWriter } from '../../agent/store/writer.ts';
import { type Desk, desk } from '../support/command.ts';
import { fillStore } from '../support/filled-store.ts';

let at: Desk;
let data: string;
let store: string;
beforeEach(() => {
  at = desk();
  data = join(at.dir, 'data');
  mkdirSync(data);
  store = join(data, 'meyar.db');
});
afterEach(() => at.clear());

const open = (file: string) => openWriter(file, { monotonic: () => 0 });

/** Overwrites 64 bytes in the middle of the n-th row of a column that has a checksum. */
function spoil(file: string, table: string, column: string): void {
  const db = new DatabaseSync(file);
  const row = db.prepare(`SELECT rowid AS id, ${column} AS data FROM ${table} LIMIT 1`).get();
  const data = Uint8Array.from(row?.['data'] as Uint8Array);
  data[data.length >> 1] = (data[data.length >> 1] ?? 0) ^ 0x10;
  db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(data, Number(row?.['id']));
  db.close();
}

describe('backup and restore', () => {
  it('copies a store that is being written, proves it, and brings it back', async () => {
    const writer = fillStore(store, 60, 4000);
    const head = writer.head();
    const out = join(at.dir, 'copy.db');
    const made = await at.run('backup', '--data', data, '--out', out, '--json');
    expect(made.err).toBe('');
    expect(made.code).toBe(0);
    const said = made.json();
    expect(said).toMatchObject({ file: out, head, journalRows: head });
    const { transactions, points, differences } = said['recomputed'] as Record<string, number>;
    expect([transactions, points, differences]).toEqual([
      expect.any(Number),
      expect.any(Number),
      [],
    ]);
    expect(transactions).toBeGreaterThan(5);
    expect(points).toBeGreaterThan(5);
    expect(readdirSync(at.dir).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);

    // Not while somebody writes there.
    const early = await at.run('restore', out, '--data', data);
    expect(early.code).toBe(2);
    expect(early.err).toMatch(/in use by another Meyar/);
    writer.close();
    const restored = await at.run('restore', out, '--data', data, '--json');
    expect(restored.json()).toMatchObject({ head, kept: `${store}.before-restore-1` });
    expect(restored.code).toBe(0);
    const back = open(store);
    expect(back.opened.quarantined).toBe(null);
    expect(back.head()).toBe(head);
    // Its numbers are given out again: receivers must not take new alerts for old ones.
    expect(back.loadState().entries.get('store-id')).not.toBe('"filled"');
    back.close();
    expect(open(`${store}.before-restore-1`).head()).toBe(head);
  });

  it('keeps so many copies, and removes an old one only after the new one was proven', async () => {
    fillStore(store, 5).close();
    const to = join(at.dir, 'copies');
    for (let n = 0; n < 4; n += 1) {
      expect((await at.run('backup', '--data', data, '--to', to, '--keep', '2')).code).toBe(0);
    }
    const kept = readdirSync(to);
    expect(kept).toHaveLength(2);
    spoil(store, 'journal', 'frames');
    const bad = await at.run('backup', '--data', data, '--to', to, '--keep', '2');
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/journal row 1 is damaged/);
    expect(readdirSync(to)).toEqual(kept);
    const looked = await at.run('inspect', '--data', data, '--json');
    expect(looked.json()['lastBackup']).toMatchObject({ head: expect.any(Number) });
  });

  it('refuses what is no sound backup, and leaves the store as it was', async () => {
    fillStore(store, 20).close();
    const before = readFileSync(store);
    const copy = join(at.dir, 'copy.db');
    copyFileSync(store, copy);
    spoil(copy, 'open_chunks', 'data');
    for (const [file, code, says] of [
      [copy, 1, /1 chunks of the history are damaged/],
      [at.file('text.db', 'just words, no database '.repeat(500)), 1, /not a database/],
      [join(at.dir, 'none.db'), 2, /there is no backup/],
    ] as const) {
      const ran = await at.run('restore', file, '--data', data);
      expect([ran.code, ran.err], file).toEqual([code, expect.stringMatching(says)]);
    }
    expect(readFileSync(store).equals(before)).toBe(true);
    expect(readdirSync(data).filter((name) => !name.endsWith('.lock'))).toEqual(['meyar.db']);
    expect((await at.run('backup', '--data', data)).code).toBe(2);
    expect((await at.run('backup', '--data', join(at.dir, 'no'), '--out', 'x.db')).code).toBe(2);
  });
});

describe('inspect', () => {
  it('says what is in a store while it is written, and finds damage', async () => {
    const writer = fillStore(store, 60);
    const found = (await at.run('inspect', '--data', data, '--check', '--json')).json();
    expect(found).toMatchObject({
      format: MIGRATIONS.length,
      journal: { first: 1, head: writer.head(), rows: writer.head() },
      check: { ok: true, damagedRows: 0, damagedChunks: 0 },
      lastBackup: null,
    });
    const lists = found as Record<string, { id: string; readings: number; lag: number }[]>;
    expect(lists['characteristics']?.map((c) => c.id)).toEqual(['bore', 'od']);
    expect(lists['cursors']).toEqual([
      { reader: 'sink:influx', seq: expect.any(Number), lag: expect.any(Number) },
    ]);
    writer.close();
    spoil(store, 'journal', 'frames');
    const bad = await at.run('inspect', '--data', data, '--check');
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('DAMAGED: journal row 1 is damaged');
    expect((await at.run('inspect', '--data', at.dir)).code).toBe(2);
  });
});

describe('an upgrade', () => {
  /** A store as an older program left it. */
  function older(version: number): void {
    const db = new DatabaseSync(store);
    db.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
    for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = ${0x4d45_5952}`);
    db.exec("INSERT INTO characteristics VALUES (0, 'od')");
    const mark = db.prepare('INSERT INTO marks VALUES (?, ?)');
    db.exec('BEGIN');
    for (let seq = 1; seq <= 2000; seq += 1) mark.run(seq, 1e12 + seq);
    db.exec('COMMIT');
    db.close();
  }

  const version = (file: string) => {
    const db = new DatabaseSync(file, { readOnly: true });
    const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    const marks = Number(db.prepare('SELECT count(*) AS n FROM marks').get()?.['n']);
    db.close();
    return [found, marks];
  };

  it('of every older format keeps the data and can be taken back by one command', async () => {
    for (let from = 1; from < MIGRATIONS.length; from += 1) {
      older(from);
      open(store).close();
      expect(version(store)).toEqual([MIGRATIONS.length, 2000]);
      const back = await at.run('restore', '--before-upgrade', '--data', data);
      expect([back.code, back.err]).toEqual([0, '']);
      expect(version(store)).toEqual([from, 2000]);
      at.clear();
      mkdirSync(data, { recursive: true });
    }
    const none = await at.run('restore', '--before-upgrade', '--data', data);
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/no copy from before/)]);
  });

  it('that is killed at any moment is finished or undone by the next start', async () => {
    const child = fileURLToPath(new URL('../store/child.ts', import.meta.url));
    let before = 0;
    for (let kill = 0; kill < 6; kill += 1) {
      older(1);
      const run = spawn(process.execPath, [child, store, '0']);
      const ended = new Promise((resolve) => run.once('close', resolve));
      // From before the first byte of the copy until after the last step.
      for (let n = 0; n < 4000 && !existsSync(`${store}-wal`); n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await new Promise((resolve) => setTimeout(resolve, 2 * kill));
      run.kill('SIGKILL');
      await ended;
      before += version(store)[0] === 1 ? 1 : 0;
      open(store).close();
      expect(version(store)).toEqual([MIGRATIONS.length, 2000]);
      expect(version(`${store}.before-v${MIGRATIONS.length}`)).toEqual([1, 2000]);
      at.clear();
      mkdirSync(data, { recursive: true });
    }
    // At least one kill must have come before the end, or this shows nothing.
    expect(before).toBeGreaterThan(0);
  });

  it('is not undone by an older program: it says what to do, and touches nothing', () => {
    fillStore(store, 2).close();
    const db = new DatabaseSync(store);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const bytes = readFileSync(store);
    expect(() => open(store)).toThrow(/newer Meyar.*meyar restore --before-upgrade --data DIR/);
    expect(readFileSync(store).equals(bytes)).toBe(true);
    writeFileSync(store, bytes);
  });
});
