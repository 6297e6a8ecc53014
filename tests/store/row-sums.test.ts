import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkStore } from '../../agent/store/checks.ts';
import { openReader } from '../../agent/store/reader.ts';
import { alertEvent, folder, gap, limits, open, START_MS, signal, transact } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

const TABLES = ['signals', 'alert_events', 'limits', 'gaps', 'events'];
/** Half of a character, a quote, a line feed: what sources may send. */
const ODD = 'half \ud83d "said"\n\u0001 معیار';

function filled(): void {
  const writer = open(at.file);
  writer.numbers(['od']);
  transact(writer, () => {
    for (const value of [21.9921, -0, Number.NaN, 5e-324]) {
      writer.signal({ ...signal(3), value, text: ODD });
    }
    writer.alert(alertEvent(1, { title: ODD }));
    writer.limits(limits(1));
    writer.gap({ ...gap(1, 2), stream: ODD });
    const what = { source: 's', kind: 'lot', severity: 'info', text: ODD } as const;
    writer.event({ ...what, timeMs: START_MS });
  });
  writer.close();
}

function changed(change: (db: DatabaseSync) => void): string[] {
  const db = new DatabaseSync(at.file);
  change(db);
  db.close();
  return checkStore(at.file).found;
}

it('what was written is found sound, whatever it was', () => {
  filled();
  expect(checkStore(at.file).found).toEqual([]);
  const reader = openReader(at.file);
  expect(reader.events(1)[0]?.text).toBe(ODD);
  expect(reader.signals('od', 9)).toHaveLength(4);
  reader.close();
});

it.each(TABLES)('every change of a row of %s is found and named', (table) => {
  filled();
  const db = new DatabaseSync(at.file);
  const row = db.prepare(`SELECT * FROM ${table} LIMIT 1`).get() ?? {};
  db.close();
  const columns = Object.keys(row).filter((name) => row[name] !== null);
  expect(columns.length).toBeGreaterThan(3);
  for (const column of columns) {
    const id = Number(row['id']);
    const was = row[column];
    const other = typeof was === 'string' ? `${was.slice(0, -1)}~` : Number(was) + 1;
    const put = (to: unknown, where: number) => (store: DatabaseSync) =>
      void store
        .prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ?`)
        .run(to as string | number, where);
    const moved = column === 'id' ? Number(other) : id;
    // The key that follows may be taken; a far one is free.
    const to = column === 'id' ? id + 1000 : other;
    expect(changed(put(to, id)), column).toEqual(
      expect.arrayContaining([
        `1 of the rows of ${table} are damaged, the first is ${column === 'id' ? to : moved}`,
      ]),
    );
    expect(changed(put(was, column === 'id' ? Number(to) : id)), column).toEqual([]);
  }
});

it('an alert that is not what its newest event says is found', () => {
  filled();
  const spoil = "UPDATE alerts SET json = replace(json, 'od', 'ob')";
  expect(changed((db) => db.exec(spoil))).toEqual(['1 alerts are damaged, the first is 1']);
});

it('rows of older programs have no checksum and are not held against anybody', () => {
  filled();
  expect(changed((db) => db.exec('UPDATE events SET crc = NULL'))).toEqual([]);
});
