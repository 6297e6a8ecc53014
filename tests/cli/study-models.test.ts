import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { NamedStreams } from '../../agent/evidence/study/by-streams.ts';
import type { Study } from '../../agent/evidence/study/result.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { desk } from '../support/command.ts';
import { PISTON_RINGS } from '../support/textbook.ts';
import { simulated } from '../support/time-models.ts';

const at = desk();
afterAll(at.clear);

const column = (name: string, values: readonly number[]) =>
  at.file(`${name}.csv`, `${name}\n${values.join('\n')}\n`);

const studyOf = async (...args: string[]) => {
  const ran = await at.run('study', ...args, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return JSON.parse(ran.out) as Study;
};

const timeOf = (study: Study) => {
  const time = study.model?.timeDependent;
  if (time === undefined || 'reason' in time) throw new Error(time?.reason ?? 'no model');
  return time;
};

const random = createRandom(11);
const many = (n: number, draw: () => number) => Array.from({ length: n }, draw);

describe('the model over time in a study', () => {
  it.each(['A1', 'A2', 'B', 'C1', 'C2', 'C3', 'C4', 'D'] as const)('%s', async (model) => {
    const file = column(model, simulated(model, 104_729 * 3).flat());
    const study = await studyOf(file, '--lsl', '-20', '--usl', '30', '--subgroup', '5');
    const time = timeOf(study);
    expect(time.model).toBe(model);
    expect(time.methods[0]?.ppk).toBeGreaterThan(0);
    expect(time.methods.every((one) => one.method.length > 10)).toBe(true);
    expect(time.why).toMatch(/p [<=] 0\.\d+/);
  });

  it('wear: range and residual sigma stand beside an index that mixes both', async () => {
    const drift = Array.from({ length: 400 }, (_, i) => (10 * i) / 400 + random.normal());
    const file = column('drift', drift);
    const study = await studyOf(file, '--lsl', '-5', '--usl', '15', '--subgroup', '5');
    const [first] = timeOf(study).methods;
    expect(timeOf(study).model).toBe('C3');
    expect(first?.method).toContain('systematic range');
    expect(first?.pp).toBeCloseTo(20 / 16, 1);
    const text = await at.run('study', file, '--lsl', '-5', '--usl', '15', '--subgroup', '5');
    expect(text.out).toContain('Model over time (ISO 22514-2): C3');
    const page = at.file('drift.html', '');
    await at.run('study', file, '--lsl', '-5', '--usl', '15', '--subgroup', '5', '--html', page);
    expect(readFileSync(page, 'utf8')).toContain('Model over time (ISO 22514-2): C3');
  });

  it('says why there is none for few readings', async () => {
    const study = await studyOf(column('few', [1, 2, 3, 4, 3, 2]), '--usl', '9');
    expect(study.model?.timeDependent).toEqual({ reason: expect.stringContaining('needed') });
  });
});

describe('what a study fits', () => {
  it('a threshold, where families without one do not fit', async () => {
    const file = column(
      'shifted',
      many(800, () => 50 + Math.exp(0.7 * random.normal())),
    );
    const study = await studyOf(file, '--usl', '80', '--distribution', 'lognormal-3');
    expect(study.model?.distribution).toBe('lognormal-3');
    expect(study.model?.params['threshold']).toBeCloseTo(50, 0);
    const auto = await studyOf(file, '--usl', '80');
    expect(auto.model?.candidates.length).toBeGreaterThan(5);
    for (const one of auto.model?.candidates ?? []) {
      expect(one).toHaveProperty('pLilliefors');
      expect(one).toHaveProperty('pShapiroWilk');
    }
  });

  it('two streams: the mixture is named, and refused for one', async () => {
    const two = column(
      'two',
      many(600, () => (random.uniform() < 0.5 ? -4 : 4) + random.normal()),
    );
    const study = await studyOf(two, '--lsl', '-9', '--usl', '9');
    expect(study.model?.distribution).toBe('mixture-2');
    const one = column('one', many(300, random.normal));
    const refused = await studyOf(one, '--usl', '9', '--distribution', 'mixture-2');
    expect(refused.model?.distribution).toBe('normal');
    expect(refused.model?.why).toContain('one normal distribution');
  });
});

describe('small samples and machines', () => {
  it('the posterior of one limit is the exact bound', async () => {
    const file = column('ten', [9, 10, 11, 10, 9.5, 10.5, 10.2, 9.8, 10.1, 9.9]);
    const study = await studyOf(file, '--usl', '13');
    expect(study.belief.bound).toBeCloseTo(study.indices.ppk.bound95 ?? 0, 6);
    expect(study.belief.above[0]?.probability).toBeGreaterThan(0.5);
    const sure = await studyOf(file, '--usl', '13', '--prior', '0.3,100');
    expect(sure.belief.bound ?? 0).toBeGreaterThan(study.belief.bound ?? 9);
    expect(sure.belief.prior).toMatchObject({ sd: 0.3, sdN: 100 });
    const wrong = await at.run('study', file, '--usl', '13', '--prior', 'much');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('--prior');
  });

  it('an unstable process has no posterior', async () => {
    const all = column('allrings', PISTON_RINGS);
    const study = await studyOf(all, '--lsl', '73.95', '--usl', '74.05', '--subgroup', '5');
    expect(study.belief.bound).toBeNull();
    expect(study.belief.reason).toContain('unstable');
  });

  it('Cm and Cmk are those of all readings; CR and PR the inverse', async () => {
    const rings = column('rings', PISTON_RINGS.slice(0, 125));
    const limits = ['--lsl', '73.95', '--usl', '74.05', '--subgroup', '5'];
    const study = await studyOf(rings, ...limits, '--machine');
    expect(study.machine).toMatchObject({ enough: true, target: 1.67 });
    expect(study.machine?.cm).toBeCloseTo(1.65509, 5);
    expect(study.machine?.cmk).toBeCloseTo(1.61616, 5);
    expect(study.indices.pr.value).toBeCloseTo(1 / 1.65509, 5);
    expect(study.indices.pr.lower95).toBeCloseTo(1 / 1.86065, 4);
    expect((await studyOf(rings, ...limits)).machine).toBeNull();
  });
});

describe('streams', () => {
  it('the cavity that fails is named, pooling does not hide it', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => {
      const cavity = i % 4;
      return `${cavity + 1},${(cavity === 2 ? 2 : 0) + random.normal()}`;
    });
    const file = at.file('cavities.csv', `cavity,d\n${rows.join('\n')}\n`);
    const limits = ['--lsl', '-6', '--usl', '6', '--by', 'cavity'];
    const ran = await at.run('study', file, ...limits, '--json');
    const { streams } = JSON.parse(ran.out) as { streams: NamedStreams };
    expect(streams.names).toEqual(['1', '2', '3', '4']);
    expect(streams.names[streams.worst ?? 0]).toBe('3');
    expect(streams.streams[2]?.ppk ?? 9).toBeLessThan(streams.pooled.ppk ?? 0);
    expect(streams.varianceBetween).toBeGreaterThan(0.5);
    expect((await at.run('study', file, ...limits)).out).toMatch(/3 .*worst/);
    const wrong = await at.run('study', file, '--usl', '6', '--by', 'spindle');
    expect(wrong.code).toBe(2);
  });
});
