import type { DatabaseSync } from 'node:sqlite';
import type {
  Alert,
  AlertEvent,
  AlertTransition,
  Gap,
  Limits,
  RecordedAlertEvent,
  Signal,
  SourceEvent,
} from '../model.ts';
import type { Damage } from './damage.ts';
import { bounded, type KnownNames } from './reading.ts';
import { ORDINALS, ordinalOf, rowId, seqOf } from './schema.ts';
import type { Reader } from './store.ts';

/** Everything that happens seldom: signals, alerts, limits, gaps. */
export interface EventReader
  extends Pick<
    Reader,
    'signals' | 'limits' | 'alerts' | 'alert' | 'gaps' | 'events' | 'alertEvents' | 'alertHistory'
  > {
  signalsBetween(after: number, upTo: number): Signal[];
  alertsBetween(after: number, upTo: number): AlertEvent[];
  limitsBetween(after: number, upTo: number): Limits[];
  gapsBetween(after: number, upTo: number): Gap[];
}

type Row = Record<string, unknown>;

export function eventReader(db: DatabaseSync, names: KnownNames, damage: Damage): EventReader {
  const between = <T>(table: string, of: (row: Row) => T) => {
    const span = db.prepare(`SELECT * FROM ${table} WHERE id >= ? AND id < ? ORDER BY id`);
    return (after: number, upTo: number) =>
      damage.readable(span.all(rowId(after + 1, 0), rowId(upTo + 1, 0)), of);
  };
  const signal = (row: Row) => signalOf(row, names);
  const ofCharacteristic = db.prepare(
    'SELECT * FROM signals WHERE characteristic = ? ORDER BY id DESC LIMIT ?',
  );
  const limits = db.prepare(
    `SELECT json FROM limits AS l WHERE characteristic = ? AND id =
      (SELECT max(id) FROM limits WHERE characteristic = l.characteristic AND version = l.version)
      ORDER BY version`,
  );
  const gaps = db.prepare('SELECT * FROM gaps ORDER BY id DESC LIMIT ?');
  const events = db.prepare(
    `SELECT *, (SELECT wall_ms FROM journal WHERE seq = alert_events.id / ${ORDINALS}) AS wall_ms
      FROM alert_events WHERE id >= ? ORDER BY id LIMIT ?`,
  );
  return {
    signals(characteristic, limit) {
      const number = names.number(characteristic);
      return number === undefined ? [] : ofCharacteristic.all(number, bounded(limit)).map(signal);
    },
    limits(characteristic) {
      const number = names.number(characteristic);
      if (number === undefined) return [];
      return damage.readable(limits.all(number), (row) => json<Limits>(row));
    },
    gaps: (limit) => gaps.all(bounded(limit)).map(gapOf),
    events: happened(db, damage),
    alertEvents: (after, limit) =>
      damage.readable(events.all(rowId(after + 1, 0), bounded(limit)), recordedOf),
    ...alertReader(db, damage),
    signalsBetween: between('signals', signal),
    alertsBetween: between('alert_events', eventOf),
    limitsBetween: between('limits', (row) => json<Limits>(row)),
    gapsBetween: between('gaps', gapOf),
  };
}

/** A store of version 1 that is only read has no such table yet. */
function happened(db: DatabaseSync, damage: Damage): Reader['events'] {
  const there = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get();
  if (there === undefined) return () => [];
  const newest = db.prepare('SELECT id, json FROM events ORDER BY id DESC LIMIT ?');
  const of = (row: Row) => ({ ...json<SourceEvent>(row), ...key(row) });
  return (limit) => damage.readable(newest.all(bounded(limit)), of);
}

function alertReader(
  db: DatabaseSync,
  damage: Damage,
): Pick<Reader, 'alerts' | 'alert' | 'alertHistory'> {
  const where = (condition: string) =>
    db.prepare(`SELECT json FROM alerts WHERE ${condition} ORDER BY id DESC LIMIT ?`);
  const all = where('true');
  const active = where("state <> 'closed'");
  const inState = where('state = ?');
  const one = db.prepare('SELECT json FROM alerts WHERE id = ?');
  const history = db.prepare('SELECT * FROM alert_events WHERE alert = ? ORDER BY id DESC LIMIT ?');
  return {
    alerts({ state, limit }) {
      const most = bounded(limit);
      if (state === undefined) return damage.readable(all.all(most), json<Alert>);
      if (state === 'active') return damage.readable(active.all(most), json<Alert>);
      return damage.readable(inState.all(state, most), json<Alert>);
    },
    alertHistory: (id, limit) =>
      damage.readable(history.all(id, bounded(limit)), eventOf).reverse(),
    alert(id) {
      const row = one.get(id);
      return row === undefined ? undefined : damage.readable([row], json<Alert>)[0];
    },
  };
}

const json = <T>(row: Row): T => JSON.parse(String(row['json'])) as T;

const key = (row: Row) => ({
  seq: seqOf(Number(row['id'])),
  ordinal: ordinalOf(Number(row['id'])),
});

function eventOf(row: Row): AlertEvent {
  return {
    ...key(row),
    transition: row['transition'] as AlertTransition,
    timeMs: Number(row['time_ms']),
    alert: json<Alert>(row),
  };
}

function recordedOf(row: Row): RecordedAlertEvent {
  const event = eventOf(row);
  return row['wall_ms'] == null ? event : { ...event, recordedMs: Number(row['wall_ms']) };
}

function gapOf(row: Row): Gap {
  return {
    ...key(row),
    source: String(row['source']),
    stream: String(row['stream']),
    from: Number(row['from_sequence']),
    to: Number(row['to_sequence']),
    missed: Number(row['missed']),
    timeMs: Number(row['time_ms']),
  };
}

function signalOf(row: Row, names: KnownNames): Signal {
  return {
    ...key(row),
    characteristic: names.characteristic(Number(row['characteristic'])),
    chart: names.word(Number(row['chart'])),
    statistic: row['statistic'] as Signal['statistic'],
    rule: names.word(Number(row['rule'])),
    text: String(row['text']),
    pointIndex: Number(row['point_index']),
    timeMs: Number(row['time_ms']),
    value: (row['value'] as number | null) ?? Number.NaN,
    side: row['side'] as Signal['side'],
    severity: row['severity'] as Signal['severity'],
    provisional: row['provisional'] === 1,
  };
}
