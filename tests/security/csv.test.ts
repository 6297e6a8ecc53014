import { globSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { auditCsv } from '../../agent/console/routes/audit.ts';
import { splitCsv } from '../../agent/sources/csv-line.ts';

const row = (text: string) => ({
  ...{
    n: -1,
    at: '2026-03-01T08:00:00Z',
    clock: 'set' as const,
    who: text,
    role: 'admin' as const,
  },
  ...{ address: text, what: text, object: text, before: text, after: text, why: text, hash: 'ab' },
});

/** What spreadsheets take for a formula, or for the end of a cell before one. */
const FORMULAS = [
  '=1+1',
  '=cmd|" /C calc"!A0',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
  '"=1+1',
  '","=1+1',
  'x\r\n=1+1,=2',
];

it.each(FORMULAS)('%j in the audit log is no formula in a spreadsheet', (text) => {
  const csv = auditCsv([row(text)]);
  const cells = (parse(csv) as string[][])[1] ?? [];
  const texts = cells.slice(3, -1).filter((cell) => cell !== 'admin');
  expect(texts.length).toBeGreaterThan(4);
  for (const cell of texts) {
    expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    expect([text, `'${text}`]).toContain(cell);
  }
  // Numbers stay numbers.
  expect(cells[0]).toBe('-1');
  if (/[\r\n]/.test(text)) return;
  const own: string[] = [];
  splitCsv(csv.split('\r\n')[1] ?? '', ',', own);
  expect(own).toEqual(cells);
});

it('is the only CSV that the agent writes', () => {
  const writers = globSync('agent/**/*.ts').filter((file) =>
    /text\/csv|\.csv['`"]\s*,\s*['`"]?(w|a)|writeFile\w*\([^)]*\.csv/.test(
      readFileSync(file, 'utf8'),
    ),
  );
  expect(writers).toEqual(['agent/console/routes/audit.ts']);
});
