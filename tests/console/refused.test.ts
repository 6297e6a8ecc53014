import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isListed } from '../../agent/console/auth/refused.ts';

const folder = mkdtempSync(join(tmpdir(), 'meyar-lists-'));
const SHIPPED = fileURLToPath(new URL('../../config/common-passwords.txt.gz', import.meta.url));

function file(name: string, bytes: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Longer than one piece in which files are read, with letters of two bytes across its edges. */
const LONG = Array.from({ length: 20_000 }, (_, i) => `پاسورڈ نمبر ${i}`).join('\r\n');

describe('a list of passwords that nobody may take', () => {
  test.each([
    ['plain.txt', file('plain.txt', LONG)],
    ['packed.gz', file('packed.gz', gzipSync(LONG))],
  ])('is read line by line to its end: %s', async (_name, list) => {
    for (const i of [0, 1234, 19_999]) {
      expect(await isListed(list, ` پاسورڈ نمبر ${i}`), String(i)).toBe(true);
    }
    expect(await isListed(list, 'پاسورڈ نمبر')).toBe(false);
    expect(await isListed(list, 'پاسورڈ نمبر 20000')).toBe(false);
  });

  test('a line longer than any password hides none', async () => {
    const list = file('long.txt', `${'x'.repeat(300_000)}\nVelvet Umbrella\n${'y'.repeat(2000)}`);
    expect(await isListed(list, 'velvet umbrella')).toBe(true);
    expect(await isListed(list, 'y'.repeat(2000))).toBe(false);
  });

  test('a file that is cut off or gone refuses instead of letting all through', async () => {
    const cut = file('cut.gz', gzipSync(LONG).subarray(0, 500));
    await expect(isListed(cut, 'anything else')).rejects.toThrow(/unexpected end of file/);
    await expect(isListed(join(folder, 'none.txt'), 'x')).rejects.toThrow(/ENOENT/);
  });

  test('the one we ship has 10 000, all of them long enough to be tried', async () => {
    const lines = gunzipSync(readFileSync(SHIPPED)).toString().trimEnd().split('\n');
    expect(new Set(lines).size).toBe(10_000);
    expect(lines.filter((line) => [...line].length < 12)).toEqual([]);
    expect(await isListed(SHIPPED, lines[4711]?.toUpperCase() ?? '')).toBe(true);
  });
});
