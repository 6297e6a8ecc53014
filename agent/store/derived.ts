import type { DatabaseSync } from 'node:sqlite';
import type { AlertEvent, Gap, Limits, Point, Signal, SourceEvent } from '../model.ts';
import type { Names } from './names.ts';

/** Inserts of the rows that the reducer derives. `id` is the row's key, see schema.ts. */
export interface Derived {
  point(id: number, point: Point): void;
  signal(id: number, signal: Signal): void;
  alert(id: number, event: AlertEvent): void;
  limits(id: number, limits: Limits): void;
  gap(id: number, gap: Gap): void;
  event(id: number, event: SourceEvent): void;
  /** indexes the points of this transaction when enough have gathered; call before commit */
  index(force: boolean): void;
}

/** Points that a reader must look through for those of one characteristic. */
const UNINDEXED = 8192;

export function openDerived(db: DatabaseSync, names: Names): Derived {
  const runs = pointIndex(db);
  const signal = insert(db, 'signals', 12);
  const event = insert(db, 'alert_events', 5);
  const latest = db.prepare('INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?)');
  const limits = insert(db, 'limits', 4);
  const gap = insert(db, 'gaps', 7);
  const happened = insert(db, 'events', 4);
  return {
    point: pointInsert(db, names, runs.add),
    signal(id, s) {
      signal.run(
        id,
        names.characteristic(s.characteristic),
        names.word(s.chart),
        s.statistic,
        names.word(s.rule),
        s.text,
        s.pointIndex,
        s.timeMs,
        s.value,
        s.side,
        s.severity,
        s.provisional ? 1 : 0,
      );
    },
    alert(id, e) {
      const json = JSON.stringify(e.alert);
      event.run(id, e.alert.id, e.transition, e.timeMs, json);
      latest.run(e.alert.id, e.alert.state, e.alert.subject, json);
    },
    limits(id, l) {
      limits.run(id, names.characteristic(l.characteristic), l.version, JSON.stringify(l));
    },
    gap(id, g) {
      gap.run(id, g.source, g.stream, g.from, g.to, g.missed, g.timeMs);
    },
    event(id, e) {
      happened.run(id, e.kind, e.timeMs, JSON.stringify(e));
    },
    index: runs.write,
  };
}

/** The row that is written most often: plain positional values, nothing made on the way. */
function pointInsert(db: DatabaseSync, names: Names, index: (n: number, id: number) => void) {
  const point = insert(db, 'points', 21);
  return (id: number, p: Point) => {
    const number = names.characteristic(p.characteristic);
    index(number, id);
    point.run(
      id,
      number,
      names.word(p.chart),
      p.index,
      p.timeMs,
      p.partSequence,
      p.size,
      p.value,
      p.cl,
      p.lcl,
      p.ucl,
      p.z,
      p.rules,
      p.spread,
      p.spreadCl,
      p.spreadLcl,
      p.spreadUcl,
      p.spreadZ,
      p.spreadRules,
      p.phase,
      p.limitsVersion,
    );
  };
}

/**
 * Ids of points by characteristic, written as runs of many. An index of SQLite's own doubles or
 * trebles the cost of a point, because its pages lie all over the file.
 */
function pointIndex(db: DatabaseSync) {
  const gathered = new Map<number, number[]>();
  let count = 0;
  let last = 0;
  const add = (number: number, id: number) => {
    const ids = gathered.get(number);
    if (ids === undefined) gathered.set(number, [id]);
    else ids.push(id);
    count += 1;
    last = id;
  };
  const done = Number(
    db.prepare("SELECT value FROM meta WHERE key = 'pointsIndexed'").get()?.['value'] ?? 0,
  );
  const rest = db.prepare('SELECT characteristic AS n, id FROM points WHERE id > ? ORDER BY id');
  for (const row of rest.iterate(done)) add(Number(row['n']), Number(row['id']));
  const run = db.prepare('INSERT OR REPLACE INTO point_runs VALUES (?, ?, ?)');
  const mark = db.prepare("INSERT OR REPLACE INTO meta VALUES ('pointsIndexed', ?)");
  const write = (force: boolean) => {
    if (count === 0 || (count < UNINDEXED && !force)) return;
    for (const [number, ids] of gathered) {
      run.run(number, ids[ids.length - 1] ?? 0, new Float64Array(ids));
    }
    mark.run(String(last));
    gathered.clear();
    count = 0;
  };
  return { add, write };
}

function insert(db: DatabaseSync, table: string, columns: number) {
  return db.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
}
