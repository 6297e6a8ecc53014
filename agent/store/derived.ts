import type { DatabaseSync } from 'node:sqlite';
import type { AlertEvent, Gap, Limits, Signal, SourceEvent } from '../model.ts';
import type { Names } from './names.ts';
import { type Cell, rowSum } from './row-sums.ts';

/** Inserts of the rows that the reducer derives. `id` is the row's key, see schema.ts. */
export interface Derived {
  signal(id: number, signal: Signal): void;
  alert(id: number, event: AlertEvent): void;
  limits(id: number, limits: Limits): void;
  gap(id: number, gap: Gap): void;
  event(id: number, event: SourceEvent): void;
}

export function openDerived(db: DatabaseSync, names: Names): Derived {
  const signal = summed(db, 'signals', 12);
  const event = summed(db, 'alert_events', 5);
  const latest = db.prepare('INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?)');
  const limits = summed(db, 'limits', 4);
  const gap = summed(db, 'gaps', 7);
  const happened = summed(db, 'events', 4);
  return {
    signal(id, s) {
      signal(
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
      event(id, e.alert.id, e.transition, e.timeMs, json);
      latest.run(e.alert.id, e.alert.state, e.alert.subject, json);
    },
    limits(id, l) {
      limits(id, names.characteristic(l.characteristic), l.version, JSON.stringify(l));
    },
    gap(id, g) {
      gap(id, g.source, g.stream, g.from, g.to, g.missed, g.timeMs);
    },
    event(id, e) {
      happened(id, e.kind, e.timeMs, JSON.stringify(e));
    },
  };
}

/** An insert that adds the checksum of the row. */
function summed(db: DatabaseSync, table: string, columns: number): (...cells: Cell[]) => void {
  const places = Array(columns + 1).fill('?');
  const insert = db.prepare(`INSERT INTO ${table} VALUES (${places.join(', ')})`);
  return (...cells) => void insert.run(...cells, rowSum(cells));
}
