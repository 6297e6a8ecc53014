import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Study } from '../../agent/evidence/study/result.ts';
import { desk } from '../support/command.ts';

const at = desk();
afterAll(at.clear);

/** Made-up readings about 10; gauge B reads one too much. */
const reading = (i: number, gauge: string) => 10 + ((i * 37) % 11) / 10 + (gauge === 'B' ? 1 : 0);
const rowsOf = (gauge: string, from: number, n: number) =>
  Array.from({ length: n }, (_, k) => [reading(from + k, gauge).toFixed(2), gauge]);
const fileOf = (name: string, rows: string[][], head = 'bore;gauge') =>
  at.file(name, `${[head, ...rows.map((row) => row.join(';'))].join('\n')}\n`);
const LIMITS = ['--lsl', '8', '--usl', '14', '--value', 'bore'];
const A = rowsOf('A', 0, 60);
const B = rowsOf('B', 60, 40);
const both = fileOf('both.csv', [...A, ...B]);

const studyOf = async (...args: string[]) => {
  const ran = await at.run('study', ...args, '--json');
  expect(ran.err).toBe('');
  return JSON.parse(ran.out) as Study;
};

describe('a study of what several gauges measured', () => {
  it('is refused, and says what to do', async () => {
    const ran = await at.run('study', both, ...LIMITS);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
    for (const said of ["'A' 60, 'B' 40", '--gauge NAME', '--pool-gauges']) {
      expect(ran.err).toContain(said);
    }
  });

  it('takes one gauge when it is named, and says what was left out', async () => {
    const chosen = await studyOf(both, ...LIMITS, '--gauge', 'A');
    const alone = await studyOf(fileOf('alone.csv', A), ...LIMITS);
    expect(chosen.n).toBe(60);
    expect(chosen.indices).toEqual(alone.indices);
    expect(JSON.stringify(chosen)).toContain('40 rows of others are left out');
  });

  it('takes all of them when somebody signs, and the page says who', async () => {
    const page = join(at.dir, 'page.html');
    const sign = ['--pool-gauges', 'A. Khan: GRR of 1 March shows no difference'];
    const ran = await at.run('study', both, ...LIMITS, ...sign, '--html', page);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('signed by A. Khan: GRR of 1 March');
    expect(readFileSync(page, 'utf8')).toContain('signed by A. Khan: GRR of 1 March');
    expect((await studyOf(both, ...LIMITS, ...sign)).n).toBe(100);
  });

  it('wants to know who and why', async () => {
    const ran = await at.run('study', both, ...LIMITS, '--pool-gauges', 'yes');
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('who signs and what shows it');
  });

  it('keeps rows without a gauge apart as well, and takes serial numbers for names', async () => {
    const unnamed = fileOf('unnamed.csv', [...A, ['10.1', ''], ['10.2', '']]);
    expect((await at.run('study', unnamed, ...LIMITS)).err).toContain("'(not said)' 2");
    const rows = A.map(([value = ''], i) => [value, String(i < 30 ? 4711 : 4712)]);
    const serials = fileOf('serials.csv', rows, 'bore;Gauge SN');
    expect((await at.run('study', serials, '--lsl', '8', '--usl', '14')).err).toContain(
      "'4711' 30",
    );
  });

  it('asks nothing of a file with one gauge, or that does not say', async () => {
    expect((await studyOf(fileOf('one.csv', A), ...LIMITS)).n).toBe(60);
    const plain = fileOf(
      'plain.csv',
      A.map(([value = '']) => [value]),
      'bore',
    );
    expect((await studyOf(plain, ...LIMITS)).n).toBe(60);
    expect((await at.run('study', plain, ...LIMITS, '--gauge', 'A')).code).toBe(2);
  });
});
