import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK } from '../../agent/store/codec.ts';
import { openReader } from '../../agent/store/reader.ts';
import { folder, open, START_MS, transact } from './support.ts';

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

describe('a damaged chunk of the history', () => {
  it('is left out and counted; all others are still there', () => {
    const writer = open(at.file);
    writer.numbers(['od']);
    for (let n = 0; n < 4; n += 1) {
      transact(writer, () => {
        for (let i = 0; i < CHUNK; i += 1) {
          const k = n * CHUNK + i;
          writer.reading(0, START_MS + k, k, 0, k);
        }
        writer.saveState([['k', '1']]);
      });
    }
    writer.close();
    const db = new DatabaseSync(at.file);
    const row = db.prepare('SELECT data FROM chunks WHERE id = 1').get();
    const data = Uint8Array.from(row?.['data'] as Uint8Array);
    data[20] = (data[20] ?? 0) ^ 4;
    db.prepare('UPDATE chunks SET data = ? WHERE id = 1').run(data);
    db.close();

    const reader = openReader(at.file);
    const span = { fromMs: START_MS + 100, toMs: START_MS + 4 * CHUNK, count: 3 };
    const counted = reader.buckets('od', span).reduce((sum, b) => sum + b.count, 0);
    expect(reader.damagedParts()).toBe(1);
    const values = reader.readings('od', 5000).map((r) => r.value);
    expect(values).toHaveLength(3 * CHUNK);
    expect(values).not.toContain(CHUNK + 10);
    expect(counted).toBe(3 * CHUNK - 100);
    const bins = { limit: 5000, from: 0, to: 4 * CHUNK, bins: 4 };
    expect(reader.histogram('od', bins).counts).toEqual([CHUNK, 0, CHUNK, CHUNK]);
    expect(reader.damagedParts()).toBe(1);
    reader.close();
  });
});
