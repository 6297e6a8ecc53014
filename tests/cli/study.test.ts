import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Study } from '../../agent/evidence/study/result.ts';
import { normalQuantile } from '../../agent/spc/normal.ts';
import { desk } from '../support/command.ts';
import { PISTON_RINGS, uniform, VISCOSITY } from '../support/textbook.ts';
import { workbook } from '../support/workbook.ts';

const at = desk();
afterAll(at.clear);

const column = (name: string, values: readonly (number | string)[]) =>
  at.file(`${name}.csv`, `${name}\n${values.join('\n')}\n`);

const studyOf = async (...args: string[]) => {
  const ran = await at.run('study', ...args, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.out) as Study & { dialects?: { answers: Record<string, unknown> }[] };
};

const normals = (seed: number, n: number, mean: number, sd: number) => {
  const u = uniform(seed);
  return Array.from({ length: n }, () => mean + sd * (normalQuantile(u.next().value) ?? 0));
};

const PHASE_1 = PISTON_RINGS.slice(0, 125);
const rings = column('rings', PHASE_1);
const LIMITS = ['--lsl', '73.95', '--usl', '74.05'];

describe('published numbers', () => {
  it('piston rings: indices and their intervals', async () => {
    const s = await studyOf(rings, ...LIMITS, '--subgroup', '5', '--estimator', 'rbar');
    expect(s).toMatchObject({ n: 125, subgroups: 25, missing: 0, estimator: 'rbar/d2' });
    expect(s.mean).toBeCloseTo(74.001176, 9);
    expect(s.sigmaWithin).toBeCloseTo(0.00978534, 7);
    expect(s.sigmaOverall).toBeCloseTo(0.01006997, 8);
    expect(s.indices.cp.value).toBeCloseTo(1.70323, 5);
    expect(s.indices.cpk.value).toBeCloseTo(1.66317, 5);
    expect(s.indices.pp.value).toBeCloseTo(1.65509, 5);
    expect(s.indices.pp.lower95).toBeCloseTo(1.44921, 4);
    expect(s.indices.pp.upper95).toBeCloseTo(1.86065, 4);
    expect(s.indices.ppk.value).toBeCloseTo(1.61616, 5);
    expect(s.indices.ppk.lower95).toBeCloseTo(1.4067, 4);
    expect(s.indices.ppk.upper95).toBeCloseTo(1.82562, 4);
    expect(s.stability.verdict).toBe('stable');
    expect(s.model?.distribution).toBe('normal');
  });

  it.each([
    ['sbar', 0.00982998],
    ['pooled-uncorrected', 0.00986286],
    ['pooled', 0.00988755],
    ['pooled/c4', 0.00988755],
  ])('piston rings: sigma by %s', async (estimator, sigma) => {
    const s = await studyOf(rings, ...LIMITS, '--subgroup', '5', '--estimator', estimator);
    expect(s.sigmaWithin).toBeCloseTo(sigma, 7);
  });

  it('piston rings, all 40 subgroups: unstable at 38 and 39, no distribution is fitted', async () => {
    const all = column('allrings', PISTON_RINGS);
    const s = await studyOf(all, ...LIMITS, '--subgroup', '5');
    expect(s.stability.verdict).toBe('unstable');
    const beyond = s.stability.signals.filter((one) => one.rule === 'beyond-limits');
    expect(beyond.map((one) => one.point)).toEqual([38, 39]);
    expect(s.model?.why).toContain('unstable');
    expect(s.warnings[0]).toMatchObject({ code: 'unstable' });
  });

  it('viscosity: individuals, moving ranges, the point that is out', async () => {
    const file = column('viscosity', VISCOSITY);
    const s = await studyOf(file, '--lsl', '31', '--usl', '37');
    expect(s).toMatchObject({ n: 20, subgroups: null, estimator: 'mrbar/d2' });
    expect(s.sigmaWithin).toBeCloseTo(0.507482, 6);
    expect(s.stability.limits?.center).toBeCloseTo(34.088, 9);
    expect(s.stability.signals[0]).toMatchObject({ point: 4, value: 35.96, side: 'upper' });
    const mssd = await studyOf(file, '--lsl', '31', '--estimator', 'mssd');
    expect(mssd.sigmaWithin).toBeCloseTo(0.5552, 4);
    const median = await studyOf(file, '--lsl', '31', '--estimator', 'mr-median');
    expect(median.sigmaWithin).toBeCloseTo(0.461277, 5);
  });

  it('one-sided: the exact bound by noncentral t (n = 100, index 1.33: 1.164)', async () => {
    // Readings with mean 0 and s = 1 to the last digit: symmetric pairs.
    const half = Array.from({ length: 50 }, (_, i) => normalQuantile((i + 50.5) / 100) ?? 0);
    const square = half.reduce((sum, x) => sum + 2 * x * x, 0);
    const scale = Math.sqrt(99 / square);
    const values = half.flatMap((x, i) =>
      i % 2 ? [x * scale, -x * scale] : [-x * scale, x * scale],
    );
    const s = await studyOf(column('sided', values), '--usl', '3.99', '--distribution', 'normal');
    expect(s.indices.ppk.value).toBeCloseTo(1.33, 9);
    expect(s.indices.ppk.bound95).toBeCloseTo(1.164, 3);
    expect(s.indices.ppk.method).toContain('noncentral t');
    expect(s.indices.pp).toMatchObject({ value: null, reason: 'there is no lower limit' });
  });
});

describe('the object that --json prints', () => {
  it('is one line with the fields of the contract', async () => {
    const ran = await at.run(
      'study',
      rings,
      ...LIMITS,
      '--subgroup',
      '5',
      '--target',
      '74',
      '--json',
    );
    expect(ran.out.split('\n')).toHaveLength(1);
    const s = ran.json();
    const keys =
      'n mean median sigmaWithin sigmaOverall estimator stability normality model indices ppm warnings';
    for (const key of keys.split(' ')) expect(s).toHaveProperty(key);
    expect(s['stability']).toMatchObject({ verdict: 'stable', signals: [] });
    expect(s['normality']).toMatchObject({ test: 'Anderson-Darling' });
    expect(s['model']).toMatchObject({ distribution: 'normal' });
    for (const index of Object.values(s['indices'] as Study['indices'])) {
      expect(Object.keys(index)).toEqual(
        expect.arrayContaining(['value', 'lower95', 'upper95', 'method', 'reason']),
      );
    }
    const { ppm, indices } = s as unknown as Study;
    expect(ppm.observed).toEqual({ below: 0, above: 0, total: 0 });
    expect(ppm.within?.total).toBeGreaterThan(0);
    expect(indices.cpm.value).toBeLessThan(indices.pp.value as number);
  });

  it('holds neither NaN nor Infinity, whatever the readings are', async () => {
    const odd = [
      column('same', Array(30).fill(5)),
      column('single', [5]),
      column('pair', [5, 6]),
      column('twoValues', [5, 6, 5, 6, 5, 6, 5, 6, 5, 6]),
      column('zeros', [0, 0, 0, 1]),
    ];
    for (const file of odd) {
      const ran = await at.run('study', file, '--lsl', '0', '--usl', '10', '--json');
      expect(ran.code).toBe(0);
      expect(ran.out).not.toMatch(/NaN|Infinity/);
    }
  });
});

describe('readings that are not simple', () => {
  it('all equal: no index, a reason, a warning', async () => {
    const s = await studyOf(column('same', Array(30).fill(5)), '--lsl', '1', '--usl', '9');
    expect(s.indices.cpk).toMatchObject({ value: null, reason: 'sigma is 0' });
    expect(s.stability.verdict).toBe('not judged');
    expect(s.warnings.map((w) => w.code)).toContain('constant');
  });

  it('one value: no sigma', async () => {
    const s = await studyOf(column('single', [5]), '--lsl', '1', '--usl', '9');
    expect(s).toMatchObject({ n: 1, mean: 5, sigmaOverall: null });
    expect(s.warnings.map((w) => w.code)).toContain('one-value');
  });

  it('a huge offset costs no digits', async () => {
    const small = normals(7, 100, 0, 0.001).map((x) => Math.round(x * 1e6) / 1e6);
    const near = await studyOf(column('near', small), '--lsl', '-0.005', '--usl', '0.005');
    const high = small.map((x) => (1e6 + x).toFixed(6));
    const far = await studyOf(column('far', high), '--lsl', '999999.995', '--usl', '1000000.005');
    expect(far.sigmaOverall).toBeCloseTo(near.sigmaOverall as number, 9);
    expect(far.indices.ppk.value).toBeCloseTo(near.indices.ppk.value as number, 4);
    expect(far.stability.signals).toHaveLength(near.stability.signals.length);
  });

  it('missing readings are counted; no moving range crosses them', async () => {
    const s = await studyOf(column('gaps', [1, 2, '', 5, 6, 'NA', 9, 10]), '--lsl', '0');
    expect(s).toMatchObject({ n: 6, missing: 2, withinDf: 3 });
    expect(s.sigmaWithin).toBeCloseTo(1 / 1.128379, 5);
    expect(s.warnings.map((w) => w.code)).toContain('missing');
  });

  it('a long stable study is not called unstable for what chance gives', async () => {
    const s = await studyOf(column('long', normals(11, 5000, 10, 1)), '--lsl', '4', '--usl', '16');
    expect(s.stability.signalCount).toBeGreaterThan(0);
    expect(s.stability.verdict).toBe('stable');
    expect(s.stability.expectedByChance).toBeGreaterThan(20);
    const shifted = normals(11, 5000, 10, 1).map((x, i) => (i > 4000 ? x + 1 : x));
    const t = await studyOf(column('shifted', shifted), '--lsl', '4', '--usl', '16');
    expect(t.stability.verdict).toBe('unstable');
  });

  it('neighbours that are alike are pointed out', async () => {
    let level = 0;
    const wandering = normals(5, 300, 0, 1).map((x) => {
      level = 0.9 * level + x;
      return level;
    });
    const s = await studyOf(column('wandering', wandering), '--lsl', '-20', '--usl', '20');
    expect(s.warnings.map((w) => w.code)).toContain('autocorrelation');
    expect(s.autocorrelation.effectiveN).toBeLessThan(60);
  });

  it('a coarse gauge is pointed out', async () => {
    const coarse = normals(3, 100, 10, 1).map((x) => Math.round(x));
    const s = await studyOf(column('coarse', coarse), '--lsl', '4', '--usl', '16');
    expect(s.warnings.map((w) => w.code)).toContain('resolution');
  });
});

describe('skewed readings', () => {
  const u = uniform(42);
  const weibull = Array.from(
    { length: 200 },
    () => Math.round(0.02 * (-Math.log(1 - u.next().value)) ** (1 / 1.6) * 1e5) / 1e5,
  );
  const file = column('flatness', weibull);

  it('of a stable process get a model of their kind, by both methods', async () => {
    const s = await studyOf(
      file,
      '--lsl',
      '0',
      '--usl',
      '0.08',
      '--natural',
      'lower',
      '--hint',
      'flatness',
    );
    expect(s.stability.verdict).toBe('stable');
    expect(s.normality.normal).toBe(false);
    expect(s.model?.distribution).not.toBe('normal');
    expect(s.indices.ppk.method).toContain('percentile');
    expect(s.indices.cpk.value).toBeNull();
    expect(s.nonNormal?.percentile.ppk).toBeCloseTo(s.indices.ppk.value as number, 12);
    const z = await studyOf(file, '--usl', '0.08', '--method', 'z-score', '--hint', 'flatness');
    expect(z.indices.ppk.value).toBeCloseTo(s.nonNormal?.zScore.ppk as number, 9);
    expect(z.indices.ppk.method).toContain('z-score');
  });

  it('are taken as normal only when that is asked for, and it is said', async () => {
    const s = await studyOf(file, '--usl', '0.08', '--distribution', 'normal');
    expect(s.model).toMatchObject({ distribution: 'normal', fits: false });
    expect(s.indices.cpk.value).not.toBeNull();
  });

  it.each(['weibull', 'box-cox', 'johnson', 'gamma'])('fit %s when asked', async (distribution) => {
    const s = await studyOf(file, '--usl', '0.08', '--distribution', distribution);
    expect(s.model?.distribution).toBe(distribution);
    expect(s.indices.ppk.value).toBeGreaterThan(0.8);
    expect(s.indices.ppk.value).toBeLessThan(2.5);
  });

  it('a jump among them is still found', async () => {
    const jumped = weibull.map((x, i) => (i >= 150 ? x + 0.04 : x));
    const s = await studyOf(column('jumped', jumped), '--usl', '0.2');
    expect(s.stability.verdict).toBe('unstable');
  });

  it('one bad reading among normal ones is a cause, not a distribution', async () => {
    const spoiled = normals(9, 120, 10, 0.1);
    spoiled[60] = 10.9;
    const s = await studyOf(column('spoiled', spoiled), '--lsl', '9', '--usl', '12');
    expect(s.stability.verdict).toBe('unstable');
    expect(s.stability.signals.map((one) => one.point)).toContain(61);
  });
});

describe('tables of every shape', () => {
  const rows = Array.from({ length: 25 }, (_, i) => PHASE_1.slice(5 * i, 5 * i + 5));
  const same = async (file: string, ...more: string[]) => {
    const s = await studyOf(file, ...LIMITS, ...more);
    expect(s).toMatchObject({ n: 125, subgroups: 25 });
    expect(s.sigmaWithin).toBeCloseTo(0.00988755, 7);
    return s;
  };

  it('wide, long with a subgroup column, consecutive, German, Excel: the same study', async () => {
    await same(at.file('wide.csv', `x1,x2,x3,x4,x5\n${rows.map((r) => r.join(',')).join('\n')}\n`));
    await same(at.file('bare.csv', rows.map((r) => r.join(',')).join('\n')));
    const long = rows.flatMap((r, i) => r.map((x) => `${i + 1},${x}`));
    await same(at.file('long.csv', `sample,diameter\n${long.join('\n')}`));
    await same(
      at.file('lot.csv', `charge,diameter\n${long.join('\n')}`),
      '--value',
      'diameter',
      '--subgroup',
      'charge',
    );
    const german = rows.map((r) => r.map((x) => String(x).replace('.', ',')).join(';'));
    await same(at.file('german.csv', `\ufeffM1;M2;M3;M4;M5\r\n${german.join('\r\n')}\r\n`));
    const book = workbook({ Data: [['a1', 'a2', 'a3', 'a4', 'a5'], ...rows] });
    await same(at.file('book.xlsx', book), '--sheet', 'Data');
  });

  it('a subgroup that lost readings keeps its place', async () => {
    const holed = rows.map((r, i) =>
      i === 3 ? ['', '', r[2], r[3], r[4]] : i === 7 ? ['', '', '', '', r[0]] : r,
    );
    const file = at.file(
      'holed.csv',
      `x1,x2,x3,x4,x5\n${holed.map((r) => r.join(',')).join('\n')}\n`,
    );
    const s = await studyOf(file, ...LIMITS);
    expect(s).toMatchObject({ n: 119, missing: 6, subgroups: 25, withinDf: 94 });
    expect(s.stability.points).toBe(25);
  });
});

describe('bad input ends with 2 and says what to do', () => {
  const refused = async (message: RegExp, ...args: string[]) => {
    const ran = await at.run('study', ...args);
    expect(ran.err).toMatch(message);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
  };

  it('in the file', async () => {
    const words = column('words', ['1.5', 'broken', '1.6', '2 mm']);
    await refused(
      /row 3, column 'words': 'broken' is not a number\n.*row 5.*'2 mm'/,
      words,
      '--lsl',
      '1',
    );
    const two = at.file('two.csv', 'dia,len\n1,2\n3,4\n');
    await refused(/several columns hold numbers: 'dia', 'len' — name the one/, two, '--lsl', '1');
    await refused(
      /no column 'diam' — there are 'dia', 'len'/,
      two,
      '--value',
      'diam',
      '--lsl',
      '1',
    );
    await refused(/empty/, at.file('nothing.csv', ''), '--lsl', '1');
    await refused(/no row of data below the header/, at.file('head.csv', 'x\n'), '--lsl', '1');
    await refused(/cannot be read/, `${at.dir}/nowhere.csv`, '--lsl', '1');
  });

  it('on the command line', async () => {
    await refused(/--usl 1 must be above --lsl 9/, rings, '--lsl', '9', '--usl', '1');
    await refused(/--lsl abc: a number is needed/, rings, '--lsl', 'abc');
    await refused(/did you mean weibull/, rings, '--distribution', 'weibul');
    await refused(
      /for individual readings there are mrbar/,
      rings,
      '--lsl',
      '1',
      '--estimator',
      'rbar',
    );
    await refused(/--confidence 1.5/, rings, '--lsl', '1', '--confidence', '1.5');
    await refused(/--subgroup 500/, rings, '--lsl', '1', '--subgroup', '500');
    await refused(
      /--html .*cannot be written/,
      rings,
      '--lsl',
      '1',
      '--html',
      `${at.dir}/no/where.html`,
    );
  });
});

describe('what people read', () => {
  it('the text names estimator, method, verdict and what to beware of', async () => {
    const { out, code } = await at.run('study', rings, ...LIMITS, '--subgroup', '5', '--dialects');
    expect(code).toBe(0);
    for (const said of ['STABLE', 'pooled/c4', 'Bissell', 'one-sided 95 %', 'Anderson-Darling']) {
      expect(out).toContain(said);
    }
    expect(out).toMatch(/Minitab +AIAG SPC 2nd ed\. +ISO 22514-2/);
  });

  it('the page stands alone: charts inside, nothing from elsewhere, no script', async () => {
    const html = `${at.dir}/study.html`;
    const file = column('<script>x', normals(3, 60, 5, 1));
    const ran = await at.run(
      'study',
      file,
      '--lsl',
      '0',
      '--usl',
      '10',
      '--html',
      html,
      '--dialects',
    );
    expect(ran.code).toBe(0);
    const page = readFileSync(html, 'utf8');
    expect(page.match(/<svg/g)?.length).toBe(4);
    expect(page).not.toMatch(/<script|https?:|\bsrc=|<link|@import|url\(/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});
