import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWriter } from '../../agent/store/writer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-renewed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// An empty log that is not on the disk yet lets a power cut bring the old one back, which may hide
// what was copied out of it.
it('a store that is opened again has begun a new log, and not only emptied the old one', () => {
  const file = join(folder, 'meyar.db');
  const writer = openWriter(file, { monotonic: () => 0 });
  writer.begin(1_700_000_000_000);
  writer.frame('tick', new Uint8Array(64));
  writer.commit();
  writer.reopen();
  expect(writer.head()).toBe(1);
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  writer.close();
});
