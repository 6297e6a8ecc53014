/**
 * Rows derived in a transaction have the key id = seq × 2^17 + ordinal: one column that sorts by
 * (seq, ordinal) and makes every insert an append.
 */
export const ORDINALS = 2 ** 17;

/** Most rows that one transaction can derive. */
export const MAX_ORDINAL = ORDINALS - 1;

export const rowId = (seq: number, ordinal: number): number => seq * ORDINALS + ordinal;
export const seqOf = (id: number): number => Math.floor(id / ORDINALS);
export const ordinalOf = (id: number): number => id % ORDINALS;

/** Chunks of one characteristic lie together, in order: id = number × 2^32 + chunk. */
const CHUNKS = 2 ** 32;

export const chunkId = (number: number, chunk: number): number => number * CHUNKS + chunk;
export const chunkOf = (id: number): number => id % CHUNKS;

/** What a chunk says about itself without being decoded; null where it has no good reading. */
const SUMMARY = `
  seq INTEGER NOT NULL, count INTEGER NOT NULL, good INTEGER NOT NULL,
  min REAL, max REAL, mean REAL, first_ms REAL, last_ms REAL, first_value REAL, last_value REAL`;

/** Checksum of the text of a saved state; null in rows that an older program wrote. */
export const STATE_CRC = 'ALTER TABLE state ADD COLUMN crc INTEGER';

/** Added with schema version 2: what happened in the plant and at the sources. */
export const EVENTS = `
CREATE TABLE events (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, time_ms REAL NOT NULL, json TEXT NOT NULL) STRICT;
`;

/**
 * Added with schema version 3: who changed what, and the accounts of people and programs. Rows of
 * the audit log are never changed or removed; the triggers stop a slip, the hashes show the rest.
 */
export const AUDIT = `
CREATE TABLE audit (n INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
  BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
  BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
CREATE TABLE accounts (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Added with schema version 4: what a reader got ahead of its cursor (JSON list of stretches), how
 * many readings the journal held before a transaction (−1 in older rows), and refused rows.
 */
export const LANES = `
ALTER TABLE cursors ADD COLUMN ahead TEXT NOT NULL DEFAULT '[]';
ALTER TABLE journal ADD COLUMN first_reading INTEGER NOT NULL DEFAULT -1;
CREATE TABLE rejected (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, time_ms REAL NOT NULL,
  row TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (sink, row)) STRICT;
`;

/** Added with schema version 6: the history of one alert is found without reading all of them. */
export const ALERT_HISTORY = 'CREATE INDEX alert_events_of ON alert_events (alert, id)';

/**
 * Added with schema version 7: the points of a transaction as one block (batch/point-layout.ts), and
 * of each characteristic the transactions that hold points of it (float64), some thousand points at
 * a time: an ordinary index would cost more than the points themselves. Transactions after meta
 * 'blocksIndexed' are not in. Rows of `points` and `point_runs` are of older programs.
 */
export const POINT_BLOCKS = `
CREATE TABLE point_blocks (
  seq INTEGER PRIMARY KEY, points INTEGER NOT NULL, crc INTEGER NOT NULL,
  data BLOB NOT NULL) STRICT;
CREATE TABLE point_seqs (
  characteristic INTEGER NOT NULL, last INTEGER NOT NULL, seqs BLOB NOT NULL,
  PRIMARY KEY (characteristic, last)) STRICT, WITHOUT ROWID;
`;
/** The first schema version with blocks. */
export const BLOCKS_SINCE = 7;

/** Added with schema version 8: the rest of each row in 32 bits; null in older rows. */
export const ROW_SUMS = ['signals', 'alert_events', 'limits', 'gaps', 'events']
  .map((table) => `ALTER TABLE ${table} ADD COLUMN crc INTEGER`)
  .join(';');
/** Schema version with `ROW_SUMS`. */
export const ROW_SUMS_SINCE = 8;

/** Schema version 1. */
export const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE characteristics (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, wall_ms REAL NOT NULL, readings INTEGER NOT NULL,
  derived INTEGER NOT NULL, crc INTEGER NOT NULL, frames BLOB NOT NULL) STRICT;
-- When transactions were made, about once an hour: how old rows are.
CREATE TABLE marks (seq INTEGER PRIMARY KEY, wall_ms REAL NOT NULL) STRICT;

CREATE TABLE points (
  id INTEGER PRIMARY KEY, characteristic INTEGER NOT NULL, chart INTEGER NOT NULL,
  idx INTEGER NOT NULL, time_ms REAL NOT NULL, part_sequence REAL, size INTEGER NOT NULL,
  value REAL, cl REAL, lcl REAL, ucl REAL, z REAL, rules INTEGER NOT NULL,
  spread REAL, spread_cl REAL, spread_lcl REAL, spread_ucl REAL, spread_z REAL,
  spread_rules INTEGER NOT NULL, phase INTEGER NOT NULL, limits_version INTEGER NOT NULL) STRICT;
-- Ids (float64) of the points of one characteristic, thousands of points at a time: an ordinary
-- index would cost more than the points themselves. Points after meta 'pointsIndexed' are not in.
CREATE TABLE point_runs (
  characteristic INTEGER NOT NULL, last INTEGER NOT NULL, ids BLOB NOT NULL,
  PRIMARY KEY (characteristic, last)) STRICT, WITHOUT ROWID;

CREATE TABLE signals (
  id INTEGER PRIMARY KEY, characteristic INTEGER NOT NULL, chart INTEGER NOT NULL,
  statistic TEXT NOT NULL, rule INTEGER NOT NULL, text TEXT NOT NULL,
  point_index INTEGER NOT NULL, time_ms REAL NOT NULL, value REAL, side TEXT NOT NULL,
  severity TEXT NOT NULL, provisional INTEGER NOT NULL) STRICT;
CREATE INDEX signals_of ON signals (characteristic, id);

CREATE TABLE alert_events (
  id INTEGER PRIMARY KEY, alert INTEGER NOT NULL, transition TEXT NOT NULL,
  time_ms REAL NOT NULL, json TEXT NOT NULL) STRICT;
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY, state TEXT NOT NULL, subject TEXT NOT NULL, json TEXT NOT NULL) STRICT;
CREATE INDEX alerts_active ON alerts (id) WHERE state <> 'closed';

CREATE TABLE limits (
  id INTEGER PRIMARY KEY, characteristic INTEGER NOT NULL, version INTEGER NOT NULL,
  json TEXT NOT NULL) STRICT;
CREATE INDEX limits_of ON limits (characteristic, version, id);

CREATE TABLE gaps (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, stream TEXT NOT NULL, from_sequence REAL NOT NULL,
  to_sequence REAL NOT NULL, missed REAL NOT NULL, time_ms REAL NOT NULL) STRICT;

-- Summaries apart from the readings: a chart over months reads one page in twenty.
CREATE TABLE summaries (id INTEGER PRIMARY KEY, ${SUMMARY}) STRICT;
CREATE TABLE chunks (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
-- The chunk that each characteristic is filling, as of the saved state.
CREATE TABLE open_chunks (
  number INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, ${SUMMARY}, data BLOB NOT NULL) STRICT;

CREATE TABLE state (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (reader TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
