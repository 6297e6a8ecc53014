import { afterEach, beforeEach, expect, it } from 'vitest';
import { openForWriting } from '../../agent/store/database.ts';
import { MIGRATIONS, migrate } from '../../agent/store/migrations.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { batch, folder, open, transact } from './support.ts';

let at: ReturnType<typeof folder>;
let writer: StoreWriter;
beforeEach(() => {
  at = folder();
});
afterEach(() => {
  writer.close();
  at.clean();
});

const write = (values: number[]) => transact(writer, () => writer.frame('batch', batch(0, values)));

it('numbers the readings of the journal through all transactions and restarts', () => {
  writer = open(at.file);
  write([1, 2, 3]);
  transact(writer, () => {
    writer.frame('batch', batch(0, [4]));
    writer.frame('batch', batch(0, [5, 6]));
  });
  writer.close();
  writer = open(at.file);
  write([7]);
  const reader = openReader(at.file);
  expect(reader.rows(0, 100).batches.map((b) => [b.seq, b.first])).toEqual([
    [1, 0],
    [2, 3],
    [2, 4],
    [3, 6],
  ]);
  expect(reader.rows(2, 100).batches.map((b) => b.first)).toEqual([6]);
  reader.close();
});

it('keeps what a reader has ahead of its cursor together with the cursor', () => {
  writer = open(at.file);
  write([1]);
  writer.cursor('sink:a', 3, [{ after: 10, upTo: 12 }]);
  writer.cursor('sink:b', 4);
  const reader = openReader(at.file);
  expect(reader.cursors()).toEqual({ 'sink:a': 3, 'sink:b': 4 });
  expect(reader.ahead()).toEqual({ 'sink:a': [{ after: 10, upTo: 12 }] });
  writer.cursor('sink:a', 12);
  expect(reader.ahead()).toEqual({});
  reader.close();
});

it('counts only what somebody still waited for when the file is too large, and says who', () => {
  writer = open(at.file, { maxBytes: 1 });
  for (let i = 0; i < 12; i += 1) write([i]);
  transact(writer, () => writer.saveState([]));
  writer.cursor('sink:a', 2, [{ after: 5, upTo: 9 }]);
  writer.cursor('sink:b', 12);
  // Journal rows 1 … 11 may go; of these sink:a misses 3, 4, 5, 10 and 11.
  expect(writer.retain(0)).toMatchObject({ journalRows: 11, unshipped: 5, lostBy: ['sink:a'] });
});

it('keeps each rejected row of a sink once, the newest ones, until it is forgiven', () => {
  writer = open(at.file);
  const refused = (n: number) => ({ row: `row ${n}`, reason: '400', timeMs: n });
  writer.reject('a', [refused(1), refused(2), refused(1)]);
  writer.reject('b', [refused(1)]);
  const reader = openReader(at.file);
  expect(reader.rejected('a', 10).map((r) => r.row)).toEqual(['row 2', 'row 1']);
  expect(reader.rejected('b', 10)).toMatchObject([{ sink: 'b', row: 'row 1', timeMs: 1 }]);
  writer.forgive([1, 99]);
  expect(reader.rejected('a', 10).map((r) => r.row)).toEqual(['row 2']);
  const many = Array.from({ length: 10_000 }, (_, i) => refused(100 + i));
  transact(writer, () => writer.reject('a', many));
  expect(reader.rejected('a', 20_000)).toHaveLength(10_000);
  expect(writer.figures()['rejectedDropped']).toBe(1);
  reader.close();
});

it('goes on with a store of before, whose transactions were not counted', () => {
  writer = open(at.file);
  writer.close();
  const file = `${at.file}.old`;
  const old = openForWriting(file);
  migrate(old, file, MIGRATIONS.slice(0, 3));
  old.exec("INSERT INTO cursors VALUES ('sink:a', 0)");
  old.close();
  writer = openWriter(file, { monotonic: () => 0 });
  write([1, 2]);
  write([3]);
  const reader = openReader(file);
  expect(reader.cursors()).toEqual({ 'sink:a': 0 });
  expect(reader.rows(0, 10).batches.map((b) => b.first)).toEqual([0, 2]);
  reader.close();
});
