import type { DatabaseSync } from 'node:sqlite';
import type { AlertEvent, Gap, Limits, Signal, SourceEvent } from '../model.ts';
import type { Names } from './names.ts';

/** Inserts of the rows that the reducer derives. `id` is the row's key, see schema.ts. */
export interface Derived {
  signal(id: number, signal: Signal): void;
  alert(id: number, event: AlertEvent): void;
  limits(id: number, limits: Limits): void;
  gap(id: number, gap: Gap): void;
  event(id: number, event: SourceEvent): void;
}

export function openDerived(db: DatabaseSync, names: Names): Derived {
  const signal = insert(db, 'signals', 12);
  const event = insert(db, 'alert_events', 5);
  const latest = db.prepare('INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?)');
  const limits = insert(db, 'limits', 4);
  const gap = insert(db, 'gaps', 7);
  const happened = insert(db, 'events', 4);
  return {
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
  };
}

function insert(db: DatabaseSync, table: string, columns: number) {
  return db.prepare(`INSERT INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
}
