import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBatch } from '../../agent/batch.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { startReader } from '../../agent/store/reader-client.ts';
import { batch, folder, open, point, transact } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

describe('reader thread', () => {
  it('answers as the reader does, while the writer goes on', async () => {
    const writer = open(at.file);
    writer.numbers(['od']);
    const { reader, close } = await startReader(at.file);
    for (let n = 1; n <= 20; n += 1) {
      transact(writer, () => {
        writer.frame('batch', batch(0, [n, n + 0.5]));
        writer.point(point(n));
      });
      expect(await reader.head()).toBe(n);
    }
    const rows = await reader.rows(10, 8);
    expect(rows.batches.map((b) => [...decodeBatch(b.bytes).value])).toEqual([
      [11, 11.5],
      [12, 12.5],
      [13, 13.5],
      [14, 14.5],
    ]);
    expect((await reader.points('od', { limit: 2 })).map((p) => p.index)).toEqual([19, 20]);
    const [cursors, alerts] = await Promise.all([reader.cursors(), reader.alerts({ limit: 5 })]);
    expect([cursors, alerts]).toEqual([{}, []]);
    await close();
    await expect(reader.head()).rejects.toThrow('closed');
    await close();
    writer.close();
  });

  it('cannot be started on a file that is not there', async () => {
    await expect(startReader(`${at.path}/none.db`)).rejects.toThrow(StoreError);
  });

  it('gives an error as an error and goes on', async () => {
    open(at.file).close();
    const { reader, close } = await startReader(at.file);
    const wrong = undefined as unknown as { limit: number };
    await expect(reader.alerts(wrong)).rejects.toThrow(StoreError);
    expect(await reader.head()).toBe(0);
    await close();
  });

  it('takes a bounded number of questions at once', async () => {
    open(at.file).close();
    const { reader, close } = await startReader(at.file);
    const answers = await Promise.allSettled(Array.from({ length: 400 }, () => reader.head()));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused.length).toBe(400 - 256);
    expect(String(refused[0]?.reason)).toContain('too many questions');
    expect(await reader.head()).toBe(0);
    await close();
  });

  it('rejects what is still open when it is closed', async () => {
    open(at.file).close();
    const { reader, close } = await startReader(at.file);
    const asked = reader.head();
    const closed = close();
    await expect(asked).rejects.toThrow('closed');
    await closed;
  });
});
