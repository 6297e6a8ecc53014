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

/** The figures these tests look at; which of them are there depends on the study. */
interface Answer {
  type: string;
  verdict: string;
  reasons: string[];
  notes: string[];
  size: Record<string, number>;
  tolerance: number | null;
  components: { grr: { sd: number; pctStudyVar: number }; repeatability: { sd: number } };
  anova: { part: { f: number } };
  range: { pctGrr: number };
  appraisers: { kappa: number }[];
  bias: number;
  t: number;
  cg: number;
  slope: number;
  discriminationRatio: number;
  resolution: { step: number; distinct: number; distinctRanges: number | null };
  capability: { sdGauge: number; withoutGauge: number | null };
  system: { q: number; u: number } | null;
  process: { q: number; u: number } | null;
  sigma: number;
  location: { beyond: number[] };
  guard: number;
  pieces: { zone: string | null }[];
}

const msa = async (...args: string[]) => {
  const ran = await at.run('msa', ...args, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return ran.json() as unknown as Answer;
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
  expect(r.appraisers[1]?.kappa).toBeCloseTo(0.95, 9);
});

it('the page stands alone', async () => {
  const html = `${at.dir}/grr.html`;
  const ran = await at.run('msa', grr, '--tolerance', '6', '--html', html);
  expect(ran.out).toContain('NOT ACCEPTABLE');
  const page = readFileSync(html, 'utf8');
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/<script|https?:|\bsrc=|<link|@import|url\(|NaN|undefined/);
});

describe('beside gage R&R', () => {
  it('the discrimination ratio, the step, and capability without the gauge', async () => {
    const r = await msa(grr, '--tolerance', '8', '--observed-cp', '1.2');
    // sqrt(1 + 2 (PV/GRR)²) with the shares of the study, 27.86 % for GRR
    const share = r.components.grr.pctStudyVar / 100;
    expect(r.discriminationRatio).toBeCloseTo(
      Math.sqrt(1 + (2 * (1 - share ** 2)) / share ** 2),
      9,
    );
    expect(r.resolution.step).toBeCloseTo(0.01, 9);
    const g = (6 * r.components.grr.sd) / 8;
    expect(r.capability.sdGauge).toBe(r.components.grr.sd);
    expect(r.capability.withoutGauge).toBeCloseTo(1 / Math.sqrt(1 / 1.44 - g ** 2), 9);
    expect((await msa(grr, '--observed-cp', '1.2')).notes.join()).toMatch(/needs a tolerance/);
    const much = await msa(grr, '--tolerance', '1', '--observed-cp', '1.33');
    expect(much.capability.withoutGauge).toBeNull();
    expect(much.notes.join()).toMatch(/do not belong together/);
  });

  it('warns of a step that is too coarse', async () => {
    const coarse = await msa(grr, '--tolerance', '8', '--resolution', '0.5');
    expect(coarse.notes.join()).toMatch(/A step is 6\.3 % of the tolerance/);
  });
});

describe('stability', () => {
  const csv = (values: number[][]) =>
    `date,value\n${values.flatMap((day, i) => day.map((x) => `day ${i + 1},${x}`)).join('\n')}\n`;
  const steady = Array.from({ length: 20 }, (_, i) => [5.9, 6, 6.1].map((x) => x + (i % 2) * 0.02));

  it('is acceptable without a point outside, a drift or a bias', async () => {
    const r = await msa(at.file('steady.csv', csv(steady)), '--reference', '6.01');
    expect(r).toMatchObject({ type: 'stability', verdict: 'acceptable' });
    expect(r.size).toEqual({ times: 20, readings: 60 });
    expect(r.sigma).toBeCloseTo(0.2 / 1.692569, 6);
  });

  it('names the time that is outside, and tells a drift and a bias', async () => {
    const jump = steady.map((day, i) => (i === 11 ? day.map((x) => x + 1) : day));
    const r = await msa(at.file('jump.csv', csv(jump)));
    expect(r.verdict).toBe('not acceptable');
    expect(r.reasons.join()).toContain('Means outside the limits: day 12.');
    const drift = steady.map((day, i) => day.map((x) => x + 0.005 * i));
    const d = await msa(at.file('drift.csv', csv(drift)));
    expect(d.location.beyond).toEqual([]);
    expect(d.verdict).toBe('not acceptable');
    expect(d.reasons.join()).toContain('The means drift');
    const off = await msa(at.file('steady.csv', csv(steady)), '--reference', '6.5');
    expect(off.verdict).toBe('conditional');
  });

  it('says why there is no verdict for equal readings; draws the charts', async () => {
    const flat = await msa(
      at.file(
        'flat.csv',
        csv([
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
      ),
    );
    expect(flat.verdict).toBe('no verdict');
    expect(flat.reasons.join()).toContain('coarse or stuck');
    for (const days of [
      steady,
      [
        [1, 1],
        [1, 1],
      ],
      [[1, 2], [2]],
    ]) {
      const html = `${at.dir}/stability.html`;
      expect((await at.run('msa', at.file('s.csv', csv(days)), '--html', html)).code).toBe(0);
      expect(readFileSync(html, 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
    }
    const one = await at.run('msa', at.file('one.csv', csv([[1, 2]])), '--type', 'stability');
    expect(one.code).toBe(2);
    expect(one.err).toContain('two times');
  });
});

describe('odd tables', () => {
  const table = (value: (row: number) => string) => {
    const rows = Array.from({ length: 20 }, (_, i) => {
      const [part, operator, trial] = [Math.floor(i / 4), i % 4 < 2 ? 'A' : 'B', (i % 2) + 1];
      return `${part},${operator},${trial},${value(i)}`;
    });
    return `part,operator,trial,value\n${rows.join('\n')}\n`;
  };

  it('one word among measurements is named, not rated', async () => {
    const word = at.file(
      'word.csv',
      table((i) => (i === 4 ? 'abc' : (5 + i / 7).toFixed(3))),
    );
    const named = await at.run('msa', word, '--tolerance', '8');
    expect(named.code).toBe(2);
    expect(named.err).toMatch(/row 6, column 'value': 'abc' is not a number/);
  });

  it('codes with a word among them are ratings', async () => {
    const file = at.file(
      'codes.csv',
      table((i) => (i === 4 ? 'none' : String(1 + (i % 8 > 3 ? 1 : 0)))),
    );
    expect((await msa(file)).type).toBe('attribute');
  });

  it('equal readings are no proof of a good gauge, tolerance or not', async () => {
    const file = at.file(
      'stuck.csv',
      table(() => '5.0'),
    );
    expect((await msa(file, '--tolerance', '8')).verdict).toBe('no verdict');
  });
});

describe('uncertainty', () => {
  it('the example of the documentation', async () => {
    const r = await msa('docs/examples/uncertainty-budget.csv', '--tolerance', '0.03');
    expect(r).toMatchObject({
      type: 'uncertainty',
      verdict: 'acceptable',
      size: { influences: 9 },
    });
    const system = Math.hypot(0.0006, 0.0004, 0.0006 / Math.sqrt(3), 0.0003 / Math.sqrt(3));
    expect(r.system?.u).toBeCloseTo(system, 12);
    expect(r.system?.q).toBeCloseTo((400 * system) / 0.03, 9);
    expect(r.process?.q).toBeCloseTo(21.35, 2);
    expect(r.notes).toEqual(['res does not count: a larger influence contains it.']);
  });

  it('judges the step, Q_MS and Q_MP; asks for a tolerance', async () => {
    const file = 'docs/examples/uncertainty-budget.csv';
    expect((await msa(file, '--tolerance', '0.021')).verdict).toBe('not acceptable');
    expect((await msa(file)).verdict).toBe('no verdict');
    const k3 = await msa(file, '--tolerance', '0.03', '--coverage', '3');
    expect(k3.process?.q).toBeCloseTo(32.02, 2);
  });

  it.each([
    ['influence,value\nwind,3\ncal,2\n', /'wind' is no influence/],
    ['influence,value\ncal,3\nu_CAL,2\n', /cal is there twice/],
    ['influence,value\ncal,-3\nres,1\n', /number from 0 up/],
    ['influence,value\ncal,\nres,1\n', /number from 0 up/],
    ['influence,value,form\ncal,3,round\nres,1,\n', /'round' is no form/],
    ['influence,value,factor\ncal,3,0\nres,1,\n', /above 0/],
  ])('refuses %j', async (text, message) => {
    const ran = await at.run('msa', at.file('bad.csv', text), '--type', 'uncertainty');
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(message);
  });
});

describe('three zones', () => {
  const file = at.file('pieces.csv', 'part,value\n1,9.99\n2,10.02\n3,9.94\n4,\n5,10.049\n');

  it('conform, not decidable, not conform', async () => {
    const r = await msa(file, '--u', '0.005', '--lsl', '9.95', '--usl', '10.05');
    expect(r).toMatchObject({ type: 'conformity', verdict: 'not acceptable' });
    expect(r.size).toEqual({ pieces: 5, conform: 2, notDecidable: 1, notConform: 1 });
    expect(r.guard).toBeCloseTo(1.644853627 * 0.005, 10);
    expect(r.pieces.map((one) => one.zone)).toEqual([
      'conform',
      'conform',
      'not conform',
      null,
      'not decidable',
    ]);
  });

  it('takes U and k, a guard band outright, one limit; says what is missing', async () => {
    const r = await msa(file, '--expanded', '0.01', '--usl', '10.05', '--guard', '0.0005');
    expect(r.guard).toBe(0.0005);
    expect(r.verdict).toBe('acceptable');
    const lacking = await at.run('msa', file, '--u', '0.1');
    expect(lacking.err).toContain('--usl N');
    const without = await at.run('msa', file, '--type', 'conformity', '--usl', '3');
    expect(without.err).toContain('--expanded N');
    const wide = await msa(file, '--u', '1', '--lsl', '9.95', '--usl', '10.05');
    expect(wide.reasons.join()).toContain('no zone in which conformity can be proven');
  });
});
