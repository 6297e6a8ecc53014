import { afterAll, describe, expect, it } from 'vitest';
import type { Dialect } from '../../agent/evidence/study/dialects.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { desk } from '../support/command.ts';
import { PISTON_RINGS } from '../support/textbook.ts';

const at = desk();
afterAll(at.clear);

async function dialectsOf(name: string, values: readonly number[], ...args: string[]) {
  const file = at.file(`${name}.csv`, `d\n${values.join('\n')}\n`);
  const ran = await at.run('study', file, ...args, '--dialects', '--json');
  expect(ran.err).toBe('');
  const found = JSON.parse(ran.out) as { dialects: Dialect[] };
  const [minitab, aiag, iso] = found.dialects;
  if (minitab === undefined || aiag === undefined || iso === undefined) throw new Error('three');
  return { minitab, aiag, iso };
}

const value = (d: Dialect, question: string) => d.answers[question] as number;

describe('three dialects of the same readings', () => {
  it('piston rings, stable and normal: worked from the published sigmas', async () => {
    const rings = PISTON_RINGS.slice(0, 125);
    const limits = ['--lsl', '73.95', '--usl', '74.05', '--subgroup', '5'];
    const { minitab, aiag, iso } = await dialectsOf('rings', rings, ...limits);
    // Mean 74.001176; sigma pooled/c4 0.00988755, Rbar/d2 0.00978534, overall 0.01006997.
    const near = 74.05 - 74.001176;
    expect(value(minitab, 'Cp')).toBeCloseTo(0.1 / (6 * 0.00988755), 4);
    expect(value(minitab, 'Cpk')).toBeCloseTo(near / (3 * 0.00988755), 4);
    expect(value(aiag, 'Cp')).toBeCloseTo(0.1 / (6 * 0.00978534), 4);
    expect(value(aiag, 'Cpk')).toBeCloseTo(near / (3 * 0.00978534), 4);
    for (const same of [minitab, aiag]) {
      expect(value(same, 'Pp')).toBeCloseTo(0.1 / (6 * 0.01006997), 4);
      expect(value(same, 'Ppk')).toBeCloseTo(near / (3 * 0.01006997), 4);
    }
    // Same spread, other name: the process is stable.
    expect(value(iso, 'Cp')).toBeCloseTo(0.1 / (6 * 0.01006997), 4);
    expect(value(iso, 'Cpk')).toBeCloseTo(near / (3 * 0.01006997), 4);
    expect(iso.answers).toMatchObject({ Pp: null, Ppk: null, 'sigma within': 'not used' });
    expect(minitab.answers['sigma within']).toMatch(/^0\.0098875\d* pooled\/c4$/);
    expect(aiag.answers['sigma within']).toMatch(/^0\.0097853\d* rbar\/d2$/);
    expect(aiag.notes.join()).toContain('mean range');
  });

  it('individuals: moving ranges for both, hand-worked', async () => {
    // Mean 5; nine moving ranges of 2: sigma 2/1.128379; s = sqrt(10/9).
    const values = [4, 6, 4, 6, 4, 6, 4, 6, 4, 6];
    const { minitab, aiag, iso } = await dialectsOf('saw', values, '--lsl', '0', '--usl', '11');
    const within = 2 / 1.1283791671;
    const s = Math.sqrt(10 / 9);
    for (const same of [minitab, aiag]) {
      expect(same.answers['sigma within']).toMatch(/^1\.772454 mrbar\/d2$/);
      expect(value(same, 'Pp')).toBeCloseTo(11 / (6 * s), 9);
      expect(value(same, 'Ppk')).toBeCloseTo(5 / (3 * s), 9);
    }
    expect(value(minitab, 'Cp')).toBeCloseTo(11 / (6 * within), 8);
    expect(value(minitab, 'Cpk')).toBeCloseTo(5 / (3 * within), 8);
    expect((iso.answers['Cpk'] ?? iso.answers['Ppk']) as number).toBeCloseTo(
      // X0.135 lies 2.999977 sigmas out, not 3.
      5 / (2.999976993 * s),
      7,
    );
    expect(aiag.notes.join()).toContain('mean moving range');
  });

  it('large subgroups: AIAG charts standard deviations, and takes sigma from them', async () => {
    const random = createRandom(8);
    const values = Array.from({ length: 240 }, () => random.normal());
    const { aiag } = await dialectsOf('twelve', values, '--usl', '5', '--subgroup', '12');
    expect(aiag.answers['sigma within']).toContain('sbar/c4');
    expect(aiag.notes.join()).toContain('mean standard deviation');
  });

  it('a run of seven: unstable for AIAG and ISO, not yet for Minitab', async () => {
    // Nine that swing, then seven above the mean of all.
    const values = [...[-1, 1, -1, 1, -1, 1, -1, 1, -1], ...[0.6, 0.7, 0.6, 0.7, 0.6, 0.7, 0.6]];
    const { minitab, aiag, iso } = await dialectsOf('seven', values, '--lsl', '-9', '--usl', '9');
    expect(minitab.answers['stability']).toBe('stable');
    expect(aiag.answers['stability']).toBe('unstable (1 signal)');
    expect(iso.answers['stability']).toMatch(/^unstable/);
    expect(aiag.answers).toMatchObject({ Cp: null, Cpk: null });
    expect(aiag.notes.join()).toContain('stability must be shown first');
    // The name follows the stability, the number does not.
    expect(iso.answers).toMatchObject({ Cp: null, Cpk: null });
    expect(value(iso, 'Pp')).toBeCloseTo(value(minitab, 'Pp'), 4);
    expect(value(minitab, 'Cp')).toBeGreaterThan(0);
  });

  it('not normal: z-scores against percentiles, no Cp by a sigma', async () => {
    const random = createRandom(21);
    const values = Array.from({ length: 200 }, () => Math.exp(0.5 * random.normal()));
    const asked = ['--usl', '6', '--distribution', 'lognormal', '--rules', 'shewhart'];
    const { minitab, aiag } = await dialectsOf('skewed', values, ...asked);
    const logs = values.map(Math.log);
    const mean = logs.reduce((a, b) => a + b, 0) / 200;
    const sd = Math.sqrt(logs.reduce((a, x) => a + (x - mean) ** 2, 0) / 200);
    // Maximum likelihood: Z of the limit over 3; and (USL - X50)/(X99.865 - X50), z = 2.9999770.
    const median = Math.exp(mean);
    const high = Math.exp(mean + 2.999976993 * sd);
    expect(value(minitab, 'Ppk')).toBeCloseTo((Math.log(6) - mean) / (3 * sd), 6);
    expect(value(aiag, 'Ppk')).toBeCloseTo((6 - median) / (high - median), 6);
    expect(minitab.answers).toMatchObject({ Cp: null, Cpk: null, Pp: null });
    expect(minitab.notes.join()).toContain('z-scores');
    expect(aiag.notes.join()).toContain('percentiles');
  });

  it('a drift: ISO reports the systematic range and six residual sigmas, hand-worked', async () => {
    const within = [-1.2, -0.5, 0.1, 0.4, 1.2];
    const values = Array.from({ length: 100 }, (_, i) => {
      return 0.3 * Math.floor(i / 5) + (within[i % 5] as number);
    });
    const limits = ['--lsl', '-6', '--usl', '12', '--subgroup', '5'];
    const { iso, aiag } = await dialectsOf('drift', values, ...limits);
    const sigma = Math.sqrt(3.3 / 4);
    expect(value(iso, 'Pp')).toBeCloseTo(18 / (5.7 + 6 * sigma), 6);
    expect(value(iso, 'Ppk')).toBeCloseTo(6 / (3 * sigma), 6);
    expect(iso.notes.join()).toContain('model C3');
    expect(aiag.answers).toMatchObject({ Cp: null });
  });
});
