import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const rows = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('every threat has a control with code and a test that exist, or says: not yet', () => {
  expect(rows.length).toBeGreaterThan(25);
  for (const [, threat, control = '', where = '', test = ''] of rows) {
    if (control.startsWith('not yet')) {
      expect(`${threat}: ${test}`).toBe(`${threat}: –`);
      continue;
    }
    for (const cell of [where, test]) {
      const named = [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');
      expect(named.length, `${threat}: ${cell}`).toBeGreaterThan(0);
      let folder = '';
      for (const name of named) {
        // A second file of the same folder is named without it.
        const path =
          name.includes('/') || existsSync(join(ROOT, name)) ? name : `${folder}/${name}`;
        folder = path.slice(0, path.lastIndexOf('/'));
        expect(`${path} ${existsSync(join(ROOT, path))}`).toBe(`${path} true`);
      }
    }
  }
});
