import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { seriesIn } from '../batch.ts';
import { numberOf, openForReading } from './database.ts';
import { storeError } from './errors.ts';
import { readNote } from './files.ts';
import { refuseForeign } from './migrations.ts';

/** What is in a store, without changing anything in it. */
export interface Inspected {
  file: string;
  format: number;
  bytes: { database: number; log: number; ballast: number };
  /** transactions that are still in the journal */
  journal: { first: number; head: number; rows: number };
  rows: Record<string, number>;
  characteristics: { id: string; readings: number; points: number }[];
  cursors: { reader: string; seq: number; lag: number }[];
  /** damaged stores that were moved aside, copies from before upgrades and restores */
  beside: string[];
  quarantined: Record<string, unknown> | null;
  lastBackup: Record<string, unknown> | null;
  lastCheck: Record<string, unknown> | null;
}

const TABLES = ['points', 'signals', 'alerts', 'alert_events', 'limits', 'gaps', 'events'];

/** Looks into a store, also beside the agent that writes it. Throws `StoreError`. */
export function inspectStore(file: string): Inspected {
  const db = openForReading(file);
  try {
    refuseForeign(db, file);
    db.exec('BEGIN');
    return look(db, file);
  } catch (error) {
    throw storeError(`looking into ${file}`, error);
  } finally {
    db.close();
  }
}

function look(db: DatabaseSync, file: string): Inspected {
  const head = numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal');
  const tables = new Set(
    db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map((row) => String(row['name'])),
  );
  const rows = TABLES.filter((name) => tables.has(name)).map(
    (name) => [name, numberOf(db, `SELECT count(*) FROM ${name}`)] as const,
  );
  const blocks = tables.has('point_blocks') ? blockPoints(db) : new Map<number, number>();
  const note = db.prepare("SELECT value FROM meta WHERE key = 'quarantined'").get();
  const start = `${basename(file)}.`;
  return {
    file,
    format: numberOf(db, 'PRAGMA user_version'),
    bytes: { database: size(file), log: size(`${file}-wal`), ballast: size(`${file}.ballast`) },
    journal: {
      first: numberOf(db, 'SELECT coalesce(min(seq), 0) FROM journal'),
      head,
      rows: numberOf(db, 'SELECT count(*) FROM journal'),
    },
    rows: withBlocks(Object.fromEntries(rows), blocks),
    characteristics: characteristics(db, blocks),
    cursors: db
      .prepare('SELECT reader, seq FROM cursors ORDER BY reader')
      .all()
      .map((row) => ({
        ...{ reader: String(row['reader']), seq: Number(row['seq']) },
        lag: Math.max(0, head - Number(row['seq'])),
      })),
    beside: readdirSync(dirname(file))
      .filter((name) => name.startsWith(start))
      .filter((name) => /\.(damaged-\d+|before-(v|restore-)\d+)$/.test(name)),
    quarantined: note === undefined ? null : (JSON.parse(String(note['value'])) as object as never),
    lastBackup: readNote(`${file}.backup.json`),
    lastCheck: readNote(`${file}.check.json`),
  };
}

/** Points in blocks, by number of their characteristic. */
function blockPoints(db: DatabaseSync): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of db.prepare('SELECT data FROM point_blocks').iterate()) {
    for (const { characteristic, points } of series(row['data'] as Uint8Array)) {
      counts.set(characteristic, (counts.get(characteristic) ?? 0) + points);
    }
  }
  return counts;
}

/** `meyar check` names damaged blocks; here they only do not count. */
function series(bytes: Uint8Array) {
  try {
    return seriesIn(bytes);
  } catch {
    return [];
  }
}

function withBlocks(rows: Record<string, number>, blocks: ReadonlyMap<number, number>) {
  let points = rows['points'] ?? 0;
  for (const count of blocks.values()) points += count;
  return { ...rows, points };
}

function characteristics(
  db: DatabaseSync,
  blocks: ReadonlyMap<number, number>,
): Inspected['characteristics'] {
  const count = (table: string, column: string, value: string, where: string) =>
    `coalesce((SELECT ${value} FROM ${table} AS t WHERE ${where}), 0) AS ${column}`;
  const full = count(
    ...(['summaries', 'stored', 'sum(t.count)'] as const),
    't.id >= c.number * 4294967296 AND t.id < (c.number + 1) * 4294967296',
  );
  const open = count('open_chunks', 'filling', 't.count', 't.number = c.number');
  const plotted = 'SELECT characteristic AS n, count(*) AS points FROM points GROUP BY n';
  const points = new Map(
    db
      .prepare(plotted)
      .all()
      .map((row) => [Number(row['n']), Number(row['points'])]),
  );
  const all = `SELECT c.number, c.id, ${full}, ${open} FROM characteristics AS c ORDER BY c.id`;
  return db
    .prepare(all)
    .all()
    .map((row) => ({
      id: String(row['id']),
      readings: Number(row['stored']) + Number(row['filling']),
      points: (points.get(Number(row['number'])) ?? 0) + (blocks.get(Number(row['number'])) ?? 0),
    }));
}

const size = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
