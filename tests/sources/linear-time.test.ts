import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nameTest } from '../../agent/sources/file/folder.ts';
import { parseJson } from '../../agent/sources/mqtt/payload.ts';

it('broken JSON full of escaped quotes takes time in step with its length', () => {
  // With every quote as a new beginning this would be 10^12 steps, and never come to an end.
  expect(() => parseJson(`"${'\\"'.repeat(1_000_000)}NaN`)).toThrow();
});

it('many stars in a file pattern do not multiply', () => {
  const many = nameTest(`${'*a'.repeat(60)}*b`);
  expect(many('a'.repeat(250))).toBe(false);
  expect(many(`${'a'.repeat(250)}b`)).toBe(true);
});

it.each([
  ['*.csv', 'a.csv', true],
  ['*.csv', 'a.csv.tmp', false],
  ['cell-?.csv', 'cell-7.csv', true],
  ['cell-?.csv', 'cell-.csv', false],
  ['*', '', true],
  ['**a*', 'bbab', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['[a].csv', 'a.csv', false],
  ['a.csv', 'axcsv', false],
])('%s and %s: %s', (pattern, name, fits) => {
  expect(nameTest(pattern)(name)).toBe(fits);
});

it('no regular expression is made of settings or input but the form of times, which is bounded', () => {
  const made = globSync('agent/**/*.ts').filter((file) =>
    /new RegExp\(|RegExp\(/.test(readFileSync(file, 'utf8')),
  );
  expect(made).toEqual(['agent/sources/file/time.ts']);
});
