import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SourceEvent } from '../../agent/model.ts';
import { openForWriting } from '../../agent/store/database.ts';
import { MIGRATIONS, migrate } from '../../agent/store/migrations.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter } from '../../agent/store/writer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-events-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const happened = (text: string): SourceEvent => ({
  ...{ source: 'person', kind: 'tool-change', severity: 'info', text, timeMs: 5 },
  ...{ machine: 'cnc-1', by: 'A. Khan (made up)' },
});

it('events come back newest first, whole, with their place in the journal', () => {
  const file = join(folder, 'a.db');
  const writer = openWriter(file, { monotonic: () => 0 });
  for (const text of ['insert 7', 'insert 8']) {
    writer.begin(1);
    writer.event(happened(text));
    writer.commit();
  }
  const reader = openReader(file);
  expect(reader.events(10)).toEqual([
    { ...happened('insert 8'), seq: 2, ordinal: 0 },
    { ...happened('insert 7'), seq: 1, ordinal: 0 },
  ]);
  expect(reader.events(1)).toHaveLength(1);
  reader.close();
  writer.close();
});

it('a store of version 1 has none when it is read, and takes them after a start', () => {
  const file = join(folder, 'old.db');
  const db = openForWriting(file);
  migrate(db, file, MIGRATIONS.slice(0, 1));
  db.close();
  const old = openReader(file);
  expect(old.events(10)).toEqual([]);
  old.close();
  const writer = openWriter(file, { monotonic: () => 0 });
  writer.begin(1);
  writer.event(happened('insert 9'));
  writer.commit();
  const reader = openReader(file);
  expect(reader.events(10)).toHaveLength(1);
  reader.close();
  writer.close();
});
