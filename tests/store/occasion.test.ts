import { afterEach, beforeEach, expect, it } from 'vitest';
import { openReader, type StoreReader } from '../../agent/store/reader.ts';
import type { StoreWriter } from '../../agent/store/writer.ts';
import { batch, folder, open, START_MS, transact } from './support.ts';

let at: ReturnType<typeof folder>;
let writer: StoreWriter;
let reader: StoreReader;
beforeEach(() => {
  at = folder();
  writer = open(at.file);
  writer.numbers(['bore', 'od']);
  reader = openReader(at.file);
});
afterEach(() => {
  reader.close();
  writer.close();
  at.clean();
});

it('what was said with the reading of a point, found by its transaction and time', () => {
  transact(writer, () => writer.frame('batch', batch(1, [1, 2, 3])));
  const seq = reader.head();
  const asked = (id: string, timeMs: number, n = seq) => reader.occasion(id, { seq: n, timeMs });
  expect(asked('od', START_MS + 2)).toEqual({ lot: 'A7' });
  expect(asked('bore', START_MS + 2)).toBeNull();
  expect(asked('od', START_MS + 3)).toBeNull();
  expect(asked('od', START_MS + 2, seq + 1)).toBeNull();
  expect(asked('unknown', START_MS + 2)).toBeNull();
});

it('times between two ms are found by the ms that the API says', () => {
  transact(writer, () => writer.frame('batch', batch(1, [1], 0.75)));
  const point = { seq: reader.head(), timeMs: Date.parse(new Date(START_MS).toISOString()) };
  expect(reader.occasion('od', point)).toEqual({ lot: 'A7' });
});
