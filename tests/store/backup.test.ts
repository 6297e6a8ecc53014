import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupStore, verifyStore } from '../../agent/store/backup.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { batch, folder, open, text, transact } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

describe('backup', () => {
  it('copies a store that is being written, and the copy goes on where it was', () => {
    const writer = open(at.file);
    transact(writer, () => {
      writer.frame('batch', batch(0, [1, 2, 3]));
      writer.saveState([['k', '1']]);
    });
    const target = `${at.path}/copy.db`;
    expect(backupStore(at.file, target)).toMatchObject({ head: 1 });
    transact(writer, () => writer.frame('tick', text('later')));
    writer.close();
    const copy = open(target);
    expect(copy.opened.quarantined).toBe(null);
    expect(copy.head()).toBe(1);
    expect(copy.loadState()).toEqual({ seq: 1, entries: new Map([['k', '1']]) });
    copy.close();
    expect(() => backupStore(at.file, target)).toThrow(/exists already/);
  });

  it('finds damage anywhere in a store', () => {
    const writer = open(at.file);
    for (let i = 0; i < 20; i += 1) {
      transact(writer, () => writer.frame('batch', batch(0, Array(5000).fill(i))));
    }
    writer.close();
    expect(verifyStore(at.file).head).toBe(20);
    const bytes = readFileSync(at.file);
    const page = Math.floor(bytes.length / 8192 / 2);
    bytes.fill(0xa5, 8192 * page, 8192 * (page + 1));
    writeFileSync(at.file, bytes);
    expect(() => verifyStore(at.file)).toThrow(StoreError);
    expect(() => verifyStore(`${at.path}/none.db`)).toThrow(/does not exist/);
  });
});
