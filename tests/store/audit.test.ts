import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../agent/model.ts';
import { verifyAudit } from '../../agent/store/audit.ts';
import { openForWriting } from '../../agent/store/database.ts';
import { MIGRATIONS, migrate } from '../../agent/store/migrations.ts';
import { openReader } from '../../agent/store/reader.ts';
import { folder, open, START_MS, transact } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

const entry = (what: string): AuditEntry => ({
  actor: { who: 'sana', role: 'quality', address: '10.0.0.7' },
  ...{ what, object: 'od version 1', before: 'not approved', after: '{}', why: 'Baseline\nseen' },
});

/** A store with five rows in its audit log. */
function filled(): void {
  const writer = open(at.file);
  for (let i = 1; i <= 5; i += 1) {
    transact(writer, () => writer.audit(entry(`step-${i}`), []), START_MS + i);
  }
  writer.close();
}

/** What somebody with the file and a tool for SQLite can do. */
function byHand(...statements: string[]): void {
  const db = new DatabaseSync(at.file);
  for (const statement of statements) db.exec(statement);
  db.close();
}

const UNLOCKED = ['DROP TRIGGER audit_no_update', 'DROP TRIGGER audit_no_delete'];

describe('the audit log', () => {
  it('keeps what, who, when and why, newest first, and is found whole', () => {
    filled();
    const reader = openReader(at.file);
    const rows = reader.audit({ limit: 2 });
    expect(rows.map((row) => [row.n, row.what])).toEqual([
      [5, 'step-5'],
      [4, 'step-4'],
    ]);
    expect(rows[0]).toMatchObject({ ...entry('step-5'), clock: 'set' });
    expect(rows[0]?.at).toBe(new Date(START_MS + 5).toISOString());
    expect(reader.audit({ limit: 9, before: 3 }).map((row) => row.n)).toEqual([2, 1]);
    reader.close();
    const verdict = verifyAudit(at.file);
    expect(verdict).toMatchObject({ rows: 5, firstWrong: null, head: rows[0]?.hash });
  });

  it('refuses to be changed or shortened by a statement', () => {
    filled();
    expect(() => byHand("UPDATE audit SET record = 'x' WHERE n = 2")).toThrow(/only added to/);
    expect(() => byHand('DELETE FROM audit WHERE n = 2')).toThrow(/only added to/);
    expect(verifyAudit(at.file).firstWrong).toBeNull();
  });

  it.each([
    ['an edited row', "UPDATE audit SET record = replace(record, 'sana', 'omar') WHERE n = 3", 3],
    ['one changed blank', "UPDATE audit SET record = record || ' ' WHERE n = 2", 2],
    ['a row with a hash of its own', "UPDATE audit SET hash = lower(hex('x')) WHERE n = 4", 4],
    ['a row taken out', 'DELETE FROM audit WHERE n = 2', 2],
    ['the first rows taken out', 'DELETE FROM audit WHERE n < 3', 1],
    ['the last rows taken out', 'DELETE FROM audit WHERE n > 3', 4],
    ['all rows taken out', 'DELETE FROM audit', 1],
    ['a row added', 'INSERT INTO audit SELECT 6, record, hash FROM audit WHERE n = 5', 6],
    ['two rows exchanged', 'UPDATE audit SET n = CASE n WHEN 2 THEN -3 ELSE n END', 1],
    ['the note of the end removed', "DELETE FROM meta WHERE key = 'auditHead'", 5],
  ])('%s: the verifier names the row', (_name, statement, row) => {
    filled();
    byHand(...UNLOCKED, statement);
    const verdict = verifyAudit(at.file);
    expect(verdict.firstWrong).toBe(row);
    expect(verdict.reason).not.toBe('');
  });

  it('goes on after rows were taken out or put in, and they stay noticed', () => {
    filled();
    byHand(...UNLOCKED, 'DELETE FROM audit WHERE n > 3', "INSERT INTO audit VALUES (9, '{', 'x')");
    const writer = open(at.file);
    transact(writer, () => writer.audit(entry('later'), []));
    writer.close();
    expect(verifyAudit(at.file).firstWrong).toBe(4);
    const reader = openReader(at.file);
    expect(reader.audit({ limit: 2 })).toMatchObject([{ n: 10, what: 'later' }, { what: '{' }]);
    reader.close();
  });

  it('writes a row only with its transaction, and accounts along with it', () => {
    const writer = open(at.file);
    const user = ['user:sana', '{"role":"quality"}'] as const;
    transact(writer, () => writer.audit(entry('user-add'), [user, ['user:omar', '{}']]));
    transact(writer, () => writer.audit(entry('user-remove'), [['user:omar', null]]));
    writer.begin(START_MS);
    writer.audit(entry('never'), [['user:sana', null]]);
    writer.close();
    const reader = openReader(at.file);
    expect(reader.accounts()).toEqual({ 'user:sana': '{"role":"quality"}' });
    expect(reader.audit({ limit: 9 }).map((row) => row.what)).toEqual(['user-remove', 'user-add']);
    reader.close();
    expect(verifyAudit(at.file)).toMatchObject({ rows: 2, firstWrong: null });
  });

  it('is not part of the journal, and says when the clock is not to be trusted', () => {
    const writer = open(at.file);
    transact(writer, () => writer.audit(entry('a'), []), 1000);
    transact(writer, () => writer.audit(entry('b'), []));
    transact(writer, () => writer.audit(entry('c'), []), START_MS - 1);
    expect(writer.head()).toBe(0);
    writer.close();
    const reader = openReader(at.file);
    expect(reader.audit({ limit: 9 }).map((row) => row.clock)).toEqual(['back', 'set', 'unset']);
    reader.close();
  });

  it('does not grow without bound by one row', () => {
    const writer = open(at.file);
    transact(writer, () => writer.audit({ ...entry('x'), why: 'y'.repeat(100_000) }, []));
    writer.close();
    const reader = openReader(at.file);
    expect(reader.audit({ limit: 1 })[0]?.why).toHaveLength(2000);
    reader.close();
  });

  it('a store from before has none when it is read, and takes rows after a start', () => {
    const db = openForWriting(at.file);
    migrate(db, at.file, MIGRATIONS.slice(0, 2));
    db.close();
    const old = openReader(at.file);
    expect([old.audit({ limit: 9 }), old.accounts()]).toEqual([[], {}]);
    old.close();
    expect(verifyAudit(at.file)).toMatchObject({ rows: 0, firstWrong: null });
    filled();
    expect(verifyAudit(at.file).rows).toBe(5);
  });
});
