import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { adapters } from '../../agent/evidence/validation/adapters/index.ts';
import { recordPdf } from '../../agent/evidence/validation/pdf.ts';
import { type ValidationRecord, validate } from '../../agent/evidence/validation/validate.ts';
import { recordText } from '../../agent/evidence/validation/words.ts';
import { needs } from '../support/debian.ts';
import { meyar } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'meyar-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const identity = {
  program: 'Meyar',
  version: '0.0.0',
  node: 'v24.0.0',
  platform: 'test',
  timeMs: Date.UTC(2026, 0, 2),
};
const constant = (d2: number, kind = 'constants') => ({
  name: 'factor',
  kind,
  source: 'a book',
  input: { n: [5] },
  expected: { d2: [d2] },
  tolerance: { abs: 1e-6, rel: 0 },
});

describe('meyar validate', () => {
  it('agrees with every published number, and files a record', async () => {
    const pdf = join(folder, 'record.pdf');
    const { code, out } = await meyar('validate', '--json', '--pdf', pdf);
    const record = JSON.parse(out) as ValidationRecord;
    expect(record.failures).toEqual([]);
    expect(record).toMatchObject({
      verdict: 'passed',
      date: '2026-01-02T03:04:05.000Z',
      node: process.version,
      notServed: [],
    });
    expect(code).toBe(0);
    expect(record.cases).toBeGreaterThan(90);
    expect(record.values).toBeGreaterThan(530);
    for (const set of record.sets) expect(set.sources.length).toBeGreaterThan(0);
    const exact = record.kinds.filter((kind) => kind.kind !== 'arl-simulated');
    for (const kind of exact) expect(kind.largestShare ?? 0).toBeLessThan(1);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('says what does not agree, with the largest deviation', () => {
    const sets = [{ title: 'Constants', cases: [constant(2.325929), constant(2.4)] }];
    const record = validate(sets, adapters, identity);
    expect(record).toMatchObject({ verdict: 'failed', cases: 2, failed: 1, values: 2 });
    expect(record.failures[0]).toMatchObject({ name: 'factor', path: 'd2.0', expected: '2.4' });
    expect(record.kinds[0]?.largestRelative).toBeCloseTo((2.4 - 2.325929) / 2.4, 6);
    expect(recordText(record)).toMatch(/FAILED: 1 of 2 cases agree/);
  });

  it('never passes what it could not compute, nor nothing at all', () => {
    const unknown = [{ title: 'x', cases: [constant(1, 'unheard-of')] }];
    expect(validate(unknown, adapters, identity)).toMatchObject({
      verdict: 'failed',
      notServed: ['unheard-of'],
    });
    expect(validate([], adapters, identity).verdict).toBe('failed');
    const throwing = { boom: () => raise('does not work') };
    const record = validate([{ title: 'x', cases: [constant(1, 'boom')] }], throwing, identity);
    expect(record.failures[0]?.actual).toContain('does not work');
  });

  it('takes a folder of reference cases, and says when it is none', async () => {
    const data = join(folder, 'data');
    mkdirSync(join(data, 'constants'), { recursive: true });
    writeFileSync(join(data, 'constants', 'one.json'), JSON.stringify(constant(2.4)));
    const { code, out } = await meyar('validate', '--data', data);
    expect(code).toBe(1);
    expect(out).toContain('Reference cases: 0 of 1');
    const nowhere = await meyar('validate', '--data', join(folder, 'nowhere'));
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.err).toContain('not a folder');
  });

  it.skipIf(!needs('pdftotext'))('prints verdict, identity and failures on paper', async () => {
    const cases = Array.from({ length: 60 }, (_, i) => constant(i, `kind-${i}`));
    const record = validate([{ title: 'Constants', cases }], adapters, identity);
    const file = join(folder, 'failed.pdf');
    writeFileSync(file, await recordPdf(record));
    const { execFileSync } = await import('node:child_process');
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    expect(text).toContain('FAILED: 0 of 60 cases agree');
    expect(text).toContain('Meyar 0.0.0, 2026-01-02T00:00:00.000Z, page 1 of 2');
    expect(text).toContain('and 30 more');
    expect(text).toContain('Accepted by');
  });
});

function raise(message: string): never {
  throw new Error(message);
}
