import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCase } from './runner.ts';

const update = process.env['UPDATE_CASES'] === '1';
const HERE = import.meta.dirname;
const names = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** `UPDATE_CASES=1 npx vitest run tests/cases` writes expected.json anew: then read the diff. */
describe('cases', () => {
  it('finds them', () => expect(names.length).toBeGreaterThanOrEqual(8));

  it.each(names)('%s', (name) => {
    const folder = join(HERE, name);
    const found = runCase(folder, false);
    const file = join(folder, 'expected.json');
    if (update) writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
    expect(existsSync(join(folder, 'why.md')), 'why.md says why this is right').toBe(true);
    expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    // Readings that come together are judged as readings that come one by one.
    expect(runCase(folder, true)).toEqual(found);
  });
});
