import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBatch } from '../../agent/batch.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { openReader } from '../../agent/store/reader.ts';
import {
  batch,
  DAY_MS,
  folder,
  gap,
  open,
  point,
  START_MS,
  said,
  text,
  transact,
} from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

describe('transactions', () => {
  it('keeps frames byte for byte, in order, aligned for a batch', () => {
    const writer = open(at.file);
    const first = batch(0, [1.5, 2.5, 3.5]);
    const second = batch(1, [4]);
    transact(writer, () => {
      writer.frame('tick', text('{"nowMs":1}'));
      writer.frame('batch', first);
      writer.frame('event', text(''));
      writer.frame('batch', second);
    });
    transact(writer, () => writer.frame('command', text('{}')));
    const frames = [...writer.frames(0)];
    writer.close();
    expect(frames.map((f) => [f.seq, f.kind])).toEqual([
      [1, 'tick'],
      [1, 'batch'],
      [1, 'event'],
      [1, 'batch'],
      [2, 'command'],
    ]);
    expect(said(frames[0]?.bytes ?? text('?'))).toBe('{"nowMs":1}');
    expect(frames[1]?.bytes).toEqual(first);
    expect(frames[3]?.bytes).toEqual(second);
    expect((frames[3]?.bytes.byteOffset ?? 1) % 8).toBe(0);
    expect([...decodeBatch(frames[1]?.bytes ?? text('')).value]).toEqual([1.5, 2.5, 3.5]);
  });

  it('copies a frame at the call, so that the caller may reuse its bytes', () => {
    const writer = open(at.file);
    const bytes = text('first');
    transact(writer, () => {
      writer.frame('event', bytes);
      bytes.set(text('xxxxx'));
    });
    expect(said([...writer.frames(0)][0]?.bytes ?? text(''))).toBe('first');
    writer.close();
  });

  it('writes nothing for a transaction without frames or rows', () => {
    const writer = open(at.file);
    expect(transact(writer, () => {})).toBe(0);
    expect(transact(writer, () => writer.frame('tick', text('a')))).toBe(1);
    expect(transact(writer, () => {})).toBe(1);
    expect(writer.figures()['commits']).toBe(1);
    writer.close();
  });

  it('does not skip the next transaction when state is saved in an empty one', () => {
    const writer = open(at.file);
    transact(writer, () => writer.frame('tick', text('a')));
    transact(writer, () => writer.saveState([['k', '1']]));
    transact(writer, () => writer.frame('tick', text('b')));
    const state = writer.loadState();
    expect(state.seq).toBe(1);
    expect([...writer.frames(state.seq)].map((f) => said(f.bytes))).toEqual(['b']);
    writer.close();
  });

  it('numbers rows of all kinds by one ordinal inside their transaction', () => {
    const writer = open(at.file);
    const rows = [point(1), gap(4, 5), point(2)] as const;
    transact(writer, () => writer.frame('tick', text('a')));
    transact(writer, () => {
      writer.point(rows[0]);
      writer.gap(rows[1]);
      writer.point(rows[2]);
    });
    writer.close();
    expect(rows.map((row) => [row.seq, row.ordinal])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
  });

  it('keeps the state, the cursors and the numbers over a restart', () => {
    const first = open(at.file);
    expect([...first.numbers(['a', 'b'])]).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    transact(first, () => {
      first.frame('tick', text('a'));
      first.saveState([
        ['x', '{"n":1}'],
        ['y', '[]'],
      ]);
      first.cursor('influx', 1);
    });
    first.cursor('mqtt', 7);
    transact(first, () => {
      first.frame('tick', text('b'));
      first.saveState([['x', '{"n":2}']]);
    });
    first.close();
    const again = open(at.file);
    expect(again.opened).toEqual({ created: false, recovered: false, quarantined: null });
    expect(again.head()).toBe(2);
    expect(again.loadState()).toEqual({
      seq: 2,
      entries: new Map([
        ['x', '{"n":2}'],
        ['y', '[]'],
      ]),
    });
    expect(again.cursors()).toEqual({ influx: 1, mqtt: 7 });
    expect([...again.numbers(['c', 'b'])]).toEqual([
      ['c', 2],
      ['b', 1],
    ]);
    again.forget('mqtt');
    expect(again.cursors()).toEqual({ influx: 1 });
    again.close();
  });

  it('goes on numbering after the journal was emptied', () => {
    const writer = open(at.file, { journalKeepMs: DAY_MS });
    for (let day = 0; day < 5; day += 1) {
      const work = () => {
        writer.frame('tick', text('a'));
        writer.saveState([]);
      };
      transact(writer, work, START_MS + day * DAY_MS);
    }
    writer.retain(START_MS + 10 * DAY_MS);
    writer.close();
    const again = open(at.file);
    expect([...again.frames(0)].map((f) => f.seq)).toEqual([5]);
    expect(transact(again, () => again.frame('tick', text('b')))).toBe(6);
    again.close();
  });
});

describe('opening', () => {
  it('refuses a second writer on the same folder, and lets it in after the first closed', () => {
    const first = open(at.file);
    expect(() => open(at.file)).toThrow(/in use by another Meyar \(process \d+\)/);
    transact(first, () => first.frame('tick', text('a')));
    first.close();
    const second = open(at.file);
    expect(second.head()).toBe(1);
    second.close();
  });

  it('refuses a file of a newer Meyar and leaves it as it is', () => {
    open(at.file).close();
    const db = new DatabaseSync(at.file);
    db.exec('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const before = readFileSync(at.file);
    expect(() => open(at.file)).toThrow(/newer Meyar \(format 99/);
    expect(() => openReader(at.file)).toThrow(/newer Meyar/);
    expect(readFileSync(at.file).equals(before)).toBe(true);
  });

  it('refuses a database of another program', () => {
    const db = new DatabaseSync(at.file);
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)');
    db.close();
    expect(() => open(at.file)).toThrow(/another program/);
    expect(existsSync(`${at.file}.damaged-1`)).toBe(false);
  });

  it('moves a file that is no database aside and begins a new one', () => {
    for (const n of [1, 2]) {
      copyFileSync(import.meta.filename, at.file);
      const writer = open(at.file);
      expect(writer.opened.created).toBe(true);
      expect(writer.opened.quarantined).toBe(`${at.file}.damaged-${n}`);
      expect(transact(writer, () => writer.frame('tick', text('a')))).toBe(1);
      writer.close();
      expect(readFileSync(`${at.file}.damaged-${n}`)).toEqual(readFileSync(import.meta.filename));
    }
  });

  it('keeps large transactions compressed, and gives them back byte for byte', () => {
    const writer = open(at.file);
    const small = batch(0, [1, 2, 3]);
    const large = batch(
      0,
      Array.from({ length: 5000 }, (_, i) => (i * 7) % 13),
    );
    transact(writer, () => writer.frame('batch', small));
    transact(writer, () => {
      for (const bytes of [large, small]) writer.frame('batch', bytes);
    });
    const stored = new DatabaseSync(at.file, { readOnly: true });
    const sizes = stored.prepare('SELECT length(frames) AS n FROM journal ORDER BY seq').all();
    stored.close();
    expect(Number(sizes[0]?.['n'])).toBeGreaterThan(small.length);
    expect(Number(sizes[1]?.['n'])).toBeLessThan(large.length / 2);
    const frames = [...writer.frames(0)].map(({ kind, bytes }) => [kind, Buffer.from(bytes)]);
    expect(frames).toEqual([small, large, small].map((bytes) => ['batch', Buffer.from(bytes)]));
    const reader = openReader(at.file);
    const rows = reader.rows(0, 1e6).batches;
    expect(rows.map(({ bytes }) => Buffer.from(bytes))).toEqual(
      [small, large, small].map((bytes) => Buffer.from(bytes)),
    );
    for (const { bytes } of rows) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    reader.close();
    writer.close();
  });

  it('moves a file aside whose replay tail has a flipped bit', () => {
    const writer = open(at.file);
    for (let i = 0; i < 20; i += 1) {
      transact(writer, () => writer.frame('batch', batch(0, [1, 2, 3], 3 * i)));
    }
    writer.close();
    const db = new DatabaseSync(at.file);
    const row = db.prepare('SELECT frames FROM journal WHERE seq = 15').get();
    const frames = row?.['frames'] as Uint8Array;
    frames[100] = (frames[100] ?? 0) ^ 4;
    db.prepare('UPDATE journal SET frames = ? WHERE seq = 15').run(frames);
    db.close();
    const again = open(at.file);
    expect(again.opened.quarantined).toBe(`${at.file}.damaged-1`);
    expect(again.head()).toBe(0);
    again.close();
  });

  it('looks at the whole file after SQLite found damage while running', () => {
    const writer = open(at.file);
    for (let i = 0; i < 100; i += 1) {
      transact(writer, () => {
        // Values that do not compress, so that the file becomes large.
        const values = Array.from({ length: 20_000 }, (_, k) => Math.sin(20_000 * i + k));
        writer.frame('batch', batch(0, values));
        writer.saveState([]);
      });
    }
    writer.close();
    const bytes = readFileSync(at.file);
    // Journal pages in the middle: too far back for the check at every start.
    bytes.fill(0xa5, 8192 * 300, 8192 * 310);
    writeFileSync(at.file, bytes);
    const unaware = open(at.file);
    expect(unaware.opened.quarantined).toBe(null);
    expect(() => [...unaware.frames(0)]).toThrow(StoreError);
    expect(() => unaware.forget('x')).toThrow(/damaged/);
    unaware.close();
    const aware = open(at.file);
    expect(aware.opened.quarantined).toBe(`${at.file}.damaged-1`);
    aware.close();
  });

  it('says that the run before did not end cleanly', () => {
    const writer = open(at.file);
    transact(writer, () => writer.frame('tick', text('a')));
    for (const side of ['', '-wal']) copyFileSync(at.file + side, `${at.path}/copy.db${side}`);
    writer.close();
    const copy = open(`${at.path}/copy.db`);
    expect(copy.opened).toEqual({ created: false, recovered: true, quarantined: null });
    expect(copy.head()).toBe(1);
    copy.close();
  });
});

describe('the lock', () => {
  it('that a power cut left half written does not keep the agent from starting', () => {
    open(at.file).close();
    const whole = readFileSync(`${at.file}.lock`);
    for (const torn of [whole.fill(0, 0, 512), Buffer.alloc(8192, 0xa5), whole.subarray(0, 700)]) {
      writeFileSync(`${at.file}.lock`, torn);
      const writer = open(at.file);
      expect(() => open(at.file)).toThrow(/in use by another Meyar \(process \d+\)/);
      writer.close();
    }
  });
});

describe('a write that fails', () => {
  it('is a StoreError, nothing of it is committed, and the writer stops until reopened', () => {
    const writer = open(at.file);
    transact(writer, () => writer.frame('tick', text('kept')));
    const blocker = new DatabaseSync(at.file, { timeout: 0 });
    blocker.exec('BEGIN IMMEDIATE');
    expect(() => writer.begin(START_MS)).toThrow(StoreError);
    expect(() => writer.begin(START_MS)).toThrow(/locked/);
    blocker.exec('ROLLBACK');
    expect(() => writer.begin(START_MS)).toThrow(/locked/);
    expect(() => writer.commit()).toThrow(StoreError);
    expect(() => writer.reading(0, 1, 1, 0, 1)).toThrow(StoreError);
    expect(writer.reopen().quarantined).toBe(null);
    expect(writer.head()).toBe(1);
    expect(transact(writer, () => writer.frame('tick', text('more')))).toBe(2);
    expect([...writer.frames(0)].map((f) => said(f.bytes))).toEqual(['kept', 'more']);
    writer.close();
    blocker.close();
  });

  it('forgets the whole transaction, with its half-filled history chunk', () => {
    const writer = open(at.file);
    writer.numbers(['od']);
    transact(writer, () => {
      writer.frame('batch', batch(0, [1]));
      writer.reading(0, START_MS, 1, 0, 0);
      writer.saveState([['k', '"before"']]);
    });
    writer.begin(START_MS);
    writer.frame('batch', batch(0, [2]));
    writer.reading(0, START_MS, 2, 0, 1);
    writer.saveState([['k', '"after"']]);
    expect(() => writer.begin(START_MS)).toThrow(/open already/);
    writer.reopen();
    expect(writer.head()).toBe(1);
    expect(writer.loadState().entries.get('k')).toBe('"before"');
    transact(writer, () => {
      writer.frame('batch', batch(0, [3]));
      writer.reading(0, START_MS, 3, 0, 1);
      writer.saveState([]);
    });
    const reader = openReader(at.file);
    expect(reader.readings('od', 10).map((r) => r.value)).toEqual([1, 3]);
    reader.close();
    writer.close();
  });
});
