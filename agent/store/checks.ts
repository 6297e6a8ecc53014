import type { DatabaseSync } from 'node:sqlite';
import { seriesIn } from '../batch.ts';
import { auditVerdict } from './audit.ts';
import { CHUNK, columns, decodeChunk } from './codec.ts';
import { numberOf, openForReading } from './database.ts';
import { takeFrames } from './frames.ts';
import { refuseForeign } from './migrations.ts';
import { isSound, isSoundState } from './opening.ts';
import { damagedRows } from './row-sums.ts';
import { BLOCKS_SINCE } from './schema.ts';

/** Everything of a store that can be checked without knowing what it means. */
export interface Checked {
  ok: boolean;
  /** what was found, in words; empty when all is sound */
  found: string[];
  head: number;
  journalRows: number;
  damagedRows: number;
  chunks: number;
  damagedChunks: number;
}

const MOST_NAMED = 20;

/**
 * Every page by SQLite's own check, every journal row and history chunk by its checksum, the audit
 * log by its chain. Reads only, and may run beside the agent.
 */
export function checkStore(file: string): Checked {
  const db = openForReading(file);
  try {
    refuseForeign(db, file);
    return checkDatabase(db);
  } finally {
    db.close();
  }
}

/** The same on a connection that is open. */
export function checkDatabase(db: DatabaseSync): Checked {
  const found = pages(db);
  const journal = checkRows(db, 'SELECT seq AS id, crc, frames AS data FROM journal', (row) => {
    const data = row['data'] as Uint8Array;
    if (!isSound(data, Number(row['crc']))) throw new Error('checksum');
    takeFrames(Number(row['id']), data);
  });
  const room = columns(CHUNK);
  const decode = (row: Record<string, unknown>) => decodeChunk(row['data'] as Uint8Array, room);
  const full = checkRows(db, 'SELECT id, data FROM chunks', decode);
  const open = checkRows(db, 'SELECT number AS id, data FROM open_chunks', decode);
  const blocks = pointBlocks(db);
  if (blocks > 0) found.push(`${blocks} blocks of points are damaged`);
  for (const seq of journal.bad.slice(0, MOST_NAMED)) found.push(`journal row ${seq} is damaged`);
  const damagedChunks = full.bad.length + open.bad.length;
  if (damagedChunks > 0) found.push(`${damagedChunks} chunks of the history are damaged`);
  found.push(...damagedRows(db));
  const states = db.prepare('SELECT * FROM state').all();
  const badStates = states.filter((row) => !isSoundState(row));
  for (const { key } of badStates.slice(0, MOST_NAMED)) found.push(`saved state ${key} is damaged`);
  found.push(...audit(db));
  return {
    ok: found.length === 0,
    found,
    head: numberOf(db, 'SELECT coalesce(max(seq), 0) FROM journal'),
    journalRows: journal.rows,
    damagedRows: journal.bad.length,
    chunks: full.rows + open.rows,
    damagedChunks,
  };
}

/** Damaged blocks of points; a store that only older programs wrote has none. */
function pointBlocks(db: DatabaseSync): number {
  if (numberOf(db, 'PRAGMA user_version') < BLOCKS_SINCE) return 0;
  const sql = 'SELECT seq AS id, crc, data FROM point_blocks';
  return checkRows(db, sql, (row) => {
    const data = row['data'] as Uint8Array;
    if (!isSound(data, Number(row['crc']))) throw new Error('checksum');
    seriesIn(data);
  }).bad.length;
}

function pages(db: DatabaseSync): string[] {
  const said = db.prepare(`PRAGMA integrity_check(${MOST_NAMED})`).all();
  return said.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok');
}

function checkRows(
  db: DatabaseSync,
  sql: string,
  check: (row: Record<string, unknown>) => unknown,
): { rows: number; bad: number[] } {
  const bad: number[] = [];
  let rows = 0;
  for (const row of db.prepare(sql).iterate()) {
    rows += 1;
    try {
      check(row);
    } catch {
      bad.push(Number(row['id']));
    }
  }
  return { rows, bad };
}

function audit(db: DatabaseSync): string[] {
  const { firstWrong, reason } = auditVerdict(db);
  return firstWrong === null ? [] : [`audit log: ${reason}`];
}
