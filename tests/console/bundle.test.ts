import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CONFIG = fileURLToPath(new URL('../../dashboards/console/vite.config.ts', import.meta.url));
/** kB after gzip: a tablet on a weak wireless line opens the page within seconds. */
const MOST_KB = { js: 75, css: 9 };

let folder: string;
let files: { name: string; text: string; kB: number }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-bundle-'));
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir: folder } });
  files = readdirSync(join(folder, 'assets')).map((name) => {
    const bytes = readFileSync(join(folder, 'assets', name));
    return { name, text: bytes.toString(), kB: gzipSync(bytes).length / 1000 };
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['js', 'css'] as const)('the %s of the page stays small', (kind) => {
  const own = files.filter(({ name }) => name.endsWith(`.${kind}`));
  const kB = own.reduce((sum, file) => sum + file.kB, 0);
  console.info(`page ${kind}: ${kB.toFixed(1)} kB gzipped, at most ${MOST_KB[kind]}`);
  expect(own.length).toBeGreaterThan(0);
  expect(kB).toBeLessThan(MOST_KB[kind]);
});

test('nothing is fetched from anywhere else', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  const css = files.filter(({ name }) => name.endsWith('.css')).map(({ text }) => text);
  expect(css.join('')).not.toMatch(/url\(["']?(?:https?:)?\/\//);
  expect(css.join('')).not.toContain('@import');
});
