import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Advice } from '../../agent/evidence/advise/observations.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { models } from '../support/plant-models.ts';
import { meyar } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'meyar-advise-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, rows: (string | number)[][]): string {
  const path = join(folder, name);
  writeFileSync(path, `${rows.map((row) => row.join(',')).join('\n')}\n`);
  return path;
}

const json = async (...argv: string[]) => {
  const { code, out, err } = await meyar('advise', ...argv, '--json');
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as Advice;
};

describe('meyar advise DATA', () => {
  const { normal } = createRandom(9);
  const plain = file('plain.csv', [
    ['od'],
    ...Array.from({ length: 150 }, () => [20 + 0.01 * normal()]),
  ]);

  it('proposes subgroups, with lines that the settings file takes', async () => {
    const advice = await json(plain, '--subgroup', '5', '--lsl', '19.95', '--usl', '20.05');
    expect(advice.chart).toBe('xbar-r');
    expect(advice.companion).toBe('ewma-0.2');
    expect(advice.settings.join('\n')).toContain('kind: xbar-r');
    const { out } = await meyar('advise', plain, '--subgroup', '5');
    expect(out).toMatch(/^chart: {4}X̄-R chart$/m);
    expect(out).toMatch(/r1 -?0\.\d+, Ljung-Box p/);
  });

  it('reads streams, lots, tools and parts from their columns', async () => {
    const pitch = models['P2 pitch']?.(1, 40);
    if (pitch?.kind !== 'measurements') throw new Error('readings are wanted');
    const rows = pitch.values.map((value, i) => [
      value,
      pitch.stream?.[i] ?? '',
      Math.floor(i / 8),
    ]);
    const path = file('pitch.csv', [['pitch', 'cavity', 'shot'], ...rows]);
    const advice = await json(path, '--value', 'pitch', '--stream', 'cavity', '--subgroup', 'shot');
    expect(advice.chart).toBe('group');
    expect(advice.proposal.limits).toContain('3.58');
    const missing = await meyar('advise', path, '--stream', 'cavity');
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.err).toContain('--value');
  });

  it('reads counts, with sizes from a column or one for all', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [8 + (i % 5), 1200]);
    const path = file('cracks.csv', [['bad', 'made'], ...rows]);
    expect((await json(path, '--count', 'bad', '--size', 'made')).chart).toBe('np');
    expect((await json(path, '--count', 'bad', '--size', '100')).proposal.chart).toContain('np');
    expect((await json(path, '--count', 'bad', '--size', '1', '--defects')).chart).toBe('c');
    const wrong = await meyar('advise', path, '--count', 'bad', '--size', '5');
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toContain('row 2: 8 of 5');
  });

  it('says what the gauge cannot tell, and that equal readings are no process', async () => {
    const coarse = file('coarse.csv', [
      ['od'],
      ...Array.from({ length: 120 }, () => [Math.round(20 + 0.4 * normal())]),
    ]);
    expect((await json(coarse)).warnings.join(' ')).toContain('steps of 1');
    const flat = file('flat.csv', [['od'], ...Array.from({ length: 30 }, () => [5])]);
    const advice = await json(flat, '--lsl', '4', '--usl', '6');
    expect(advice.warnings.join(' ')).toContain('equal');
    expect(JSON.stringify(advice)).toContain('do not vary');
    expect(JSON.stringify(advice)).not.toContain('No tolerance is stated');
    expect(JSON.stringify(advice)).not.toMatch(/NaN|Infinity/);
  });

  it('asks for what it needs', async () => {
    expect((await meyar('advise', join(folder, 'nowhere.csv'))).code).toBe(2);
    const swapped = await meyar('advise', plain, '--lsl', '3', '--usl', '2');
    expect(swapped.err).toContain('below');
  });
});
