import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertPragma, openForWriting, refuseOldSqlite } from '../../agent/store/database.ts';
import { MIGRATIONS, migrate } from '../../agent/store/migrations.ts';
import { folder, open } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

const version = (db: DatabaseSync) => Object.values(db.prepare('PRAGMA user_version').get() ?? {});

describe('database', () => {
  it.each(['3.51.2', '3.7.17', '2.8.0', ''])('refuses SQLite %j', (old) => {
    expect(() => refuseOldSqlite(old)).toThrow(/needs 3\.51\.3 or newer/);
  });

  it.each(['3.51.3', '3.53.4', '3.100.0', '4.0.0'])('accepts SQLite %j', (good) => {
    refuseOldSqlite(good);
  });

  it('refuses to go on when a pragma did not take', () => {
    const db = new DatabaseSync(':memory:');
    expect(() => assertPragma(db, 'journal_mode', 'wal')).toThrow(/did not accept journal_mode/);
    db.close();
  });

  it('syncs every commit, in WAL mode', () => {
    const db = openForWriting(at.file);
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    expect(db.prepare('PRAGMA auto_vacuum').get()).toMatchObject({ auto_vacuum: 2 });
    db.close();
  });

  it('has strict tables only', () => {
    open(at.file).close();
    const db = new DatabaseSync(at.file);
    const tables = db.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'");
    for (const table of tables.all()) {
      if (!String(table['name']).startsWith('sqlite_')) expect(table).toMatchObject({ strict: 1 });
    }
    db.close();
  });
});

describe('migrations', () => {
  it('take every step once, and copy a file that holds data first', () => {
    const db = openForWriting(at.file);
    migrate(db, at.file);
    db.exec("INSERT INTO meta VALUES ('k', 'v')");
    const steps = [...MIGRATIONS, 'ALTER TABLE gaps ADD COLUMN note TEXT'];
    migrate(db, at.file, steps);
    migrate(db, at.file, steps);
    expect(version(db)).toEqual([steps.length]);
    expect(db.prepare("SELECT value FROM meta WHERE key = 'k'").get()).toMatchObject({
      value: 'v',
    });
    db.close();
    const copy = `${at.file}.before-v${steps.length}`;
    expect(existsSync(copy)).toBe(true);
    const before = new DatabaseSync(copy);
    expect(version(before)).toEqual([MIGRATIONS.length]);
    before.close();
  });

  it('leave the file as it was when a step fails', () => {
    const db = openForWriting(at.file);
    migrate(db, at.file);
    const steps = [...MIGRATIONS, 'CREATE TABLE more (x) STRICT', 'DROP TABLE nothing_like_it'];
    expect(() => migrate(db, at.file, steps)).toThrow();
    expect(version(db)).toEqual([MIGRATIONS.length]);
    expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'more'").get()).toBeUndefined();
    db.close();
  });
});
