import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DataWish, studyData } from '../../../agent/evidence/study/data.ts';
import { medianPass } from '../../../agent/evidence/study/median-pass.ts';
import type { Study, StudyWish } from '../../../agent/evidence/study/result.ts';
import { sampler } from '../../../agent/evidence/study/sampler.ts';
import { streamStudy } from '../../../agent/evidence/study/stream.ts';
import { computeStudy } from '../../../agent/evidence/study/study.ts';
import { readTable } from '../../../agent/evidence/tables/read.ts';
import { createRandom } from '../../../agent/plants/random.ts';

const dir = mkdtempSync(join(tmpdir(), 'meyar-stream-'));
afterAll(() => rmSync(dir, { recursive: true }));

let count = 0;
const fileOf = (text: string) => {
  count += 1;
  const file = join(dir, `${count}.csv`);
  writeFileSync(file, text);
  return file;
};

const wishOf = (own: Partial<StudyWish> = {}): StudyWish => ({
  ...{ lsl: 9.97, usl: 10.03, target: 10, nominal: null, natural: 'none', distribution: 'auto' },
  ...{ hint: null, nonNormalMethod: 'percentile', confidence: 0.95, rules: 'shewhart-run' },
  ...own,
});

async function both(text: string, columns: DataWish = {}, own: Partial<StudyWish> = {}) {
  const file = fileOf(text);
  const wish = wishOf(own);
  const streamed = streamStudy(file, {}, columns, wish, 0);
  const kept = computeStudy(studyData(await readTable(file), columns), wish);
  return { streamed: streamed?.study ?? null, kept: kept.study };
}

/** Every leaf alike: numbers to ten digits, the rest the same; the notes say how it was read. */
function same(a: unknown, b: unknown, path = ''): void {
  if (typeof a === 'number' && typeof b === 'number') {
    expect(Math.abs(a - b), path).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a)));
  } else if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    expect(Object.keys(a), path).toEqual(Object.keys(b));
    for (const [key, value] of Object.entries(a)) {
      if (`${path}.${key}` === '.notes') continue;
      same(value, (b as Record<string, unknown>)[key], `${path}.${key}`);
    }
  } else expect(a, path).toEqual(b);
}

const random = createRandom(14);
const values = Array.from({ length: 1003 }, () => (10 + 0.01 * random.normal()).toFixed(5));
const lines = (list: readonly string[]) => `d\n${list.join('\n')}\n`;
const skewed = Array.from({ length: 900 }, () => Math.exp(0.4 * random.normal()).toFixed(6));

describe('a study in two passes says what a study of all readings says', () => {
  it.each<[string, string, DataWish, Partial<StudyWish>]>([
    ['individuals', lines(values), {}, {}],
    ['subgroups, the last one short', lines(values), { subgroup: '5' }, {}],
    ['ranges', lines(values), { subgroup: '4' }, { estimator: 'rbar' }],
    ['weighted sds', lines(values), { subgroup: '4' }, { estimator: 's-weighted' }],
    ['successive differences', lines(values), {}, { estimator: 'mssd' }],
    ['large subgroups', lines(values), { subgroup: '12' }, { rules: 'nelson' }],
    [
      'missing readings and empty lines',
      `${lines(values.map((v, i) => (i % 97 === 5 ? 'NA' : i % 131 === 7 ? '' : v)))}\n\n`,
      { subgroup: '5' },
      {},
    ],
    ['gaps among individuals', lines(values.map((v, i) => (i % 50 === 5 ? '' : v))), {}, {}],
    ['no header', values.join('\n'), {}, {}],
    ['decimal comma', lines(values.map((v) => v.replace('.', ','))), {}, {}],
    [
      'rows of three',
      `x1;x2;x3\n${values.map((v, i) => `${v};${values[(i * 7) % 1003]};${i % 9 ? v : ''}`).join('\n')}`,
      {},
      {},
    ],
    ['one side', lines(values), {}, { lsl: null, natural: 'none' }],
    ['skewed individuals', lines(skewed), {}, { lsl: null, usl: 6 }],
    [
      'offset a million times the spread',
      lines(values.map((v) => String(1e4 + Number(v)))),
      {},
      {},
    ],
  ])('%s', async (_, text, columns, own) => {
    const { streamed, kept } = await both(text, columns, own);
    expect(streamed).not.toBeNull();
    same(streamed, kept);
    expect(streamed?.notes.join()).toContain('two passes');
  });

  it.each<[string, string, DataWish, Partial<StudyWish>]>([
    ['words among the numbers', `${lines(values)}broken\n`, {}, {}],
    ['quotes', `${lines(values)}"1,5"\n`, {}, {}],
    ['named subgroups', `s,d\n${values.map((v, i) => `${i >> 2},${v}`).join('\n')}`, {}, {}],
    ['median moving range', lines(values), {}, { estimator: 'mrmedian/d4' }],
    ['a cell too many', `${lines(values)}1,2\n`, {}, {}],
  ])('%s: left to the study that keeps all', async (_, text, columns, own) => {
    expect(streamStudy(fileOf(text), {}, columns, wishOf(own), 0)).toBeNull();
  });

  it('a small file is kept', async () => {
    expect(streamStudy(fileOf(lines(values)), {}, {}, wishOf())).toBeNull();
  });

  it('constant readings have no sigma and no verdict', async () => {
    const { streamed, kept } = await both(lines(values.map(() => '10')));
    expect(streamed?.indices.ppk.value).toBeNull();
    same(streamed, kept);
  });
});

describe('long rows of readings', () => {
  it('a sampler keeps evenly spaced items', () => {
    const kept = sampler<number>(100);
    for (let i = 0; i < 12_345; i += 1) if (kept.wants()) kept.keep(i);
    const items = kept.items();
    expect(items.length).toBeGreaterThanOrEqual(90);
    expect(items.length).toBeLessThan(200);
    const step = (items[1] ?? 0) - (items[0] ?? 0);
    expect(items).toEqual(items.map((_, i) => i * step));
  });

  it('the median is within its error, and exact for rounded readings', () => {
    for (const round of [4, 12]) {
      const all = Float64Array.from({ length: 300_001 }, () =>
        Number(random.normal().toFixed(round)),
      );
      const sample = Array.from(all.filter((_, i) => i % 20 === 0));
      const pass = medianPass(sample, all.length);
      for (const x of all) pass.add(x);
      const { median, error } = pass.done() ?? { median: Number.NaN, error: 0 };
      const exact = all.sort()[150_000] ?? 0;
      expect(Math.abs(median - exact)).toBeLessThanOrEqual(round === 4 ? 0 : error);
      expect(error).toBeLessThan(1e-5);
    }
  });

  it('a sample that does not bracket it gives none', () => {
    const pass = medianPass([1, 2, 3], 5);
    for (const x of [7, 8, 9, 10, 11]) pass.add(x);
    expect(pass.done()).toBeNull();
  });

  it('keeps nothing of the names it does not need', async () => {
    const { streamed } = await both(lines(values));
    expect((streamed as Study).name).toBe('d');
  });
});
