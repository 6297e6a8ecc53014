import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { AccountChange, AuditEntry, AuditRow, ClockQuality } from '../model.ts';
import { openForReading } from './database.ts';
import { bounded } from './reading.ts';
import type { Reader } from './store.ts';

/** Adds to the audit log; the caller's transaction decides whether the row is there. */
export interface AuditLog {
  add(wallMs: number, entry: AuditEntry | null, accounts: readonly AccountChange[]): void;
}

/** What `verifyAudit` found. */
export interface AuditVerdict {
  rows: number;
  /** number of the first row that is not what was written; null when all are */
  firstWrong: number | null;
  reason: string;
  /** hash of the last row: whoever noted it down can tell later that nothing before it changed */
  head: string;
}

/** Longest text of one field. */
const MOST_CHARACTERS = 2000;
const CLOCK_SET_MS = 1_577_836_800_000;
/** What the hash of the first row is made over, in place of a row before it. */
const GENESIS = '0'.repeat(64);

/**
 * Every row's hash is SHA-256 over the hash before it, a line feed, and the bytes of its record.
 * The last number and hash also stand in `meta`, so that rows missing at the end are noticed.
 */
export function openAuditLog(db: DatabaseSync): AuditLog {
  const insert = db.prepare('INSERT INTO audit VALUES (?, ?, ?)');
  const note = db.prepare("INSERT OR REPLACE INTO meta VALUES ('auditHead', ?)");
  const put = db.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM accounts WHERE key = ?');
  const write = (wallMs: number, entry: AuditEntry) => {
    // Read each time: a transaction that was rolled back took its row along.
    const top = newest(db);
    const head = headOf(db) ?? top;
    // A row that somebody put there by hand must not stop the agent: the number after it is free.
    const n = Math.max(head.n, top.n) + 1;
    const record = recordOf(n, wallMs, qualityOf(wallMs, top.record), entry);
    const hash = hashOf(head.hash, record);
    insert.run(n, record, hash);
    note.run(`${n} ${hash}`);
  };
  return {
    add(wallMs, entry, accounts) {
      if (entry !== null) write(wallMs, entry);
      for (const [key, json] of accounts) {
        if (json === null) remove.run(key);
        else put.run(key, json);
      }
    },
  };
}

/** Checks every row of the audit log of a store file; changes nothing. */
export function verifyAudit(file: string): AuditVerdict {
  const db = openForReading(file);
  try {
    return auditVerdict(db);
  } finally {
    db.close();
  }
}

/** As `verifyAudit`, on a connection that is open already. */
export function auditVerdict(db: DatabaseSync): AuditVerdict {
  let rows = 0;
  let hash = GENESIS;
  const wrong = (n: number, reason: string) => ({ rows, firstWrong: n, reason, head: hash });
  if (!hasTable(db)) return { rows, firstWrong: null, reason: 'no audit log yet', head: hash };
  for (const row of db.prepare('SELECT n, record, hash FROM audit ORDER BY n').iterate()) {
    const n = Number(row['n']);
    if (n !== rows + 1) return wrong(rows + 1, `row ${rows + 1} is missing`);
    const record = String(row['record']);
    if (row['hash'] !== hashOf(hash, record) || fieldOf(record, 'n') !== n) {
      return wrong(n, `row ${n} is not what was written`);
    }
    hash = String(row['hash']);
    rows = n;
  }
  const head = headOf(db);
  if (head === null && rows > 0) return wrong(rows, 'the note of the last row is missing');
  if (head !== null && head.n > rows) return wrong(rows + 1, `row ${rows + 1} is missing`);
  if (head !== null && (head.n !== rows || head.hash !== hash)) {
    return wrong(rows, `row ${rows} is not the last one that was noted`);
  }
  return { rows, firstWrong: null, reason: 'every row is as it was written', head: hash };
}

/** The questions of the read-only side. A store that is older has neither table. */
export function auditReader(db: DatabaseSync): Pick<Reader, 'audit' | 'accounts'> {
  if (!hasTable(db)) return { audit: () => [], accounts: () => ({}) };
  const page = db.prepare('SELECT record, hash FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?');
  const all = db.prepare('SELECT key, json FROM accounts');
  return {
    audit: ({ limit, before = Number.MAX_SAFE_INTEGER }) =>
      page.all(before, bounded(limit)).map((row) => rowOf(String(row['record']), row['hash'])),
    accounts: () =>
      Object.fromEntries(all.all().map((row) => [String(row['key']), String(row['json'])])),
  };
}

/** A record that was tampered with may be no JSON; the page still shows what stands there. */
function rowOf(record: string, hash: unknown): AuditRow {
  const shown = { actor: { who: '', role: 'none', address: '' }, what: record.slice(0, 200) };
  const empty = { n: 0, at: '', clock: 'unset', object: '', before: '', after: '', why: '' };
  try {
    const kept = JSON.parse(record) as Partial<AuditRow>;
    return { ...empty, ...shown, ...kept, hash: String(hash) } as AuditRow;
  } catch {
    return { ...empty, ...shown, hash: String(hash) } as AuditRow;
  }
}

function recordOf(n: number, wallMs: number, clock: ClockQuality, entry: AuditEntry): string {
  const { actor, what, object, before, after, why } = entry;
  const cut = (text: string) => text.slice(0, MOST_CHARACTERS);
  const at = new Date(wallMs).toISOString();
  const who = { who: cut(actor.who), role: actor.role, address: cut(actor.address) };
  const rest = { object: cut(object), before: cut(before), after: cut(after), why: cut(why) };
  return JSON.stringify({ n, at, clock, actor: who, what: cut(what), ...rest });
}

function qualityOf(wallMs: number, recordBefore: string): ClockQuality {
  if (wallMs < CLOCK_SET_MS) return 'unset';
  return wallMs < Date.parse(String(fieldOf(recordBefore, 'at'))) ? 'back' : 'set';
}

const hashOf = (before: string, record: string) =>
  createHash('sha256').update(`${before}\n${record}`).digest('hex');

interface Head {
  n: number;
  hash: string;
}

function headOf(db: DatabaseSync): Head | null {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'auditHead'").get();
  const [n, hash] = String(row?.['value'] ?? '').split(' ');
  return hash === undefined ? null : { n: Number(n), hash };
}

function newest(db: DatabaseSync): Head & { record: string } {
  const row = db.prepare('SELECT n, hash, record FROM audit ORDER BY n DESC LIMIT 1').get();
  if (row === undefined) return { n: 0, hash: GENESIS, record: '' };
  return { n: Number(row['n']), hash: String(row['hash']), record: String(row['record']) };
}

/** A field of a record; undefined when the record is no JSON any more. */
function fieldOf(record: string, name: 'n' | 'at'): unknown {
  try {
    return (JSON.parse(record) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

const hasTable = (db: DatabaseSync) =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").get() !== undefined;
