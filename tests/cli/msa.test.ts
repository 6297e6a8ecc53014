import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { desk } from '../support/command.ts';
import { AIAG_GRR } from '../support/textbook.ts';

const at = desk();
afterAll(at.clear);

const rows = AIAG_GRR.flatMap((trials, o) =>
  trials.flatMap((parts, t) => parts.map((x, p) => `${p + 1},${'ABC'[o]},${t + 1},${x}`)),
);
const grr = at.file('grr.csv', `Part,Appraiser,Trial,Measurement\n${rows.join('\n')}\n`);

const msa = async (...args: string[]) => {
  const ran = await at.run('msa', ...args, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  // biome-ignore lint/suspicious/noExplicitAny: figures differ by study
  return ran.json() as any;
};

describe('gage R&R', () => {
  it('the AIAG example, crossed, by ANOVA and by ranges', async () => {
    const r = await msa(grr);
    expect(r).toMatchObject({ type: 'grr', ndc: 4, verdict: 'conditional' });
    expect(r.size).toEqual({ parts: 10, operators: 3, trials: 3, readings: 90 });
    expect(r.components.grr.pctStudyVar).toBeCloseTo(27.86, 1);
    expect(r.components.repeatability.sd).toBeCloseTo(0.199933, 5);
    expect(r.anova.part.f).toBeCloseTo(245.614, 2);
    // The manual prints 26.68 % with rounded constants.
    expect(r.range.pctGrr).toBeCloseTo(26.7, 0);
  });

  it('bands follow the tolerance when there is one', async () => {
    expect((await msa(grr, '--tolerance', '20')).verdict).toBe('conditional');
    expect((await msa(grr, '--lsl', '0', '--usl', '5')).verdict).toBe('not acceptable');
    expect((await msa(grr, '--lsl', '0', '--usl', '5')).tolerance).toBe(5);
  });

  it('nested when every operator has parts of his own', async () => {
    const own = rows.map((row) => row.replace(/^(\d+),([ABC])/, '$2$1,$2'));
    const file = at.file('nested.csv', `part,operator,trial,value\n${own.join('\n')}\n`);
    const r = await msa(file);
    expect(r).toMatchObject({ type: 'nested', size: { operators: 3, partsPerOperator: 10 } });
  });

  it('names the cell that lacks a trial', async () => {
    const file = at.file('short.csv', `part,operator,trial,value\n${rows.slice(1).join('\n')}\n`);
    const ran = await at.run('msa', file);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/part 1, operator A has 2 trials where others have 3/);
  });
});

describe('one gauge', () => {
  const values = [5.8, 5.7, 5.9, 5.9, 6, 6.1, 6, 6.1, 6.4, 6.3, 6, 6.1, 6.2, 5.6, 6];
  const file = at.file('bias.csv', `value\n${values.join('\n')}\n`);

  it('bias: the AIAG example', async () => {
    const r = await msa(file, '--reference', '6');
    expect(r).toMatchObject({ type: 'bias', verdict: 'acceptable', df: 14 });
    expect(r.bias).toBeCloseTo(0.0067, 4);
    expect(r.t).toBeCloseTo(0.1218, 3);
  });

  it('type 1 with a tolerance: Cg = 0.2 T/6 s', async () => {
    const r = await msa(file, '--reference', '6', '--tolerance', '8');
    expect(r.type).toBe('type1');
    expect(r.cg).toBeCloseTo(1.6 / (6 * 0.2120198), 5);
    expect(r.verdict).toBe('not acceptable');
  });

  it('linearity from a column of references', async () => {
    const lines = [2, 4, 6, 8, 10].flatMap((ref) =>
      [-0.1, 0, 0.1].map((noise) => `${ref},${ref + 0.05 * (6 - ref) + noise}`),
    );
    const r = await msa(at.file('lin.csv', `reference,value\n${lines.join('\n')}\n`));
    expect(r).toMatchObject({ type: 'linearity', verdict: 'not acceptable' });
    expect(r.slope).toBeCloseTo(-0.05, 9);
  });

  it('says what it needs when the columns fit no study', async () => {
    const ran = await at.run('msa', file);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('--reference N');
  });
});

it('attribute agreement: kappa, effectiveness, misses, false alarms', async () => {
  const lines: string[] = [];
  for (let part = 1; part <= 20; part += 1) {
    const truth = part <= 10 ? 'pass' : 'fail';
    for (const operator of ['Asma', 'Bilal']) {
      for (const trial of [1, 2]) {
        const wrong = operator === 'Bilal' && part === 11 && trial === 1;
        lines.push(`${part};${operator};${trial};${wrong ? 'pass' : truth};${truth}`);
      }
    }
  }
  const file = at.file('att.csv', `part;operator;trial;rating;reference\n${lines.join('\n')}\n`);
  const r = await msa(file);
  expect(r).toMatchObject({ type: 'attribute', good: 'pass' });
  expect(r.appraisers[0]).toMatchObject({ name: 'Asma', kappa: 1, verdict: 'acceptable' });
  expect(r.appraisers[1]).toMatchObject({ effectiveness: 0.95, missRate: 0.05, falseAlarmRate: 0 });
  expect(r.appraisers[1].kappa).toBeCloseTo(0.95, 9);
});

it('the page stands alone', async () => {
  const html = `${at.dir}/grr.html`;
  const ran = await at.run('msa', grr, '--tolerance', '6', '--html', html);
  expect(ran.out).toContain('NOT ACCEPTABLE');
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/<script|https?:|\bsrc=|<link|@import|url\(|NaN|undefined/);
});
