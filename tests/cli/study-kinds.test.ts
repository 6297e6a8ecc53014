import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CountedStudy } from '../../agent/evidence/study/counted.ts';
import type { PositionStudy } from '../../agent/evidence/study/position.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { desk } from '../support/command.ts';

const at = desk();
afterAll(at.clear);

/** Ten holes; every figure below was computed with SciPy 1.17.1 by adaptive quadrature. */
const DX = [0.031, -0.012, 0.045, 0.008, -0.027, 0.019, 0.052, -0.004, 0.011, 0.023];
const DY = [-0.041, -0.018, -0.006, -0.033, 0.009, -0.025, -0.012, -0.047, 0.004, -0.021];
const BONUS = [0.02, 0.035, 0.01, 0.04, 0.025, 0.03, 0.015, 0.02, 0.05, 0.03];
const rows = DX.map((x, i) => `${x},${DY[i]},${BONUS[i]}`);
const holes = at.file('holes.csv', `dx,dy,bonus\n${rows.join('\n')}\n`);
const ASKED = ['--position', 'dx,dy', '--tolerance', '0.16'];

const positionOf = async (...args: string[]) => {
  const ran = await at.run('study', ...args, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  expect(ran.out).not.toMatch(/NaN|Infinity/);
  return JSON.parse(ran.out) as PositionStudy;
};
const countedOf = positionOf as unknown as (...args: string[]) => Promise<CountedStudy>;

describe('position', () => {
  it('agrees with an independent integration', async () => {
    const s = await positionOf(holes, ...ASKED);
    expect(s).toMatchObject({ kind: 'position', n: 10, missing: 0, tolerance: 0.16, mmc: null });
    const c = s.capability;
    expect(c?.meanX).toBeCloseTo(0.0146, 12);
    expect(c?.sdX).toBeCloseTo(0.024770950728625656, 14);
    expect(c?.correlation).toBeCloseTo(-0.09964266839890797, 12);
    expect(c?.outside).toBeCloseTo(0.0119964007697641, 11);
    expect(c?.pok).toBeCloseTo(0.83741672794844, 9);
    expect(c?.poc).toBeCloseTo(1.0270255723295192, 9);
    expect(c?.radialPpk).toBeCloseTo(0.7304151988609405, 7);
    expect(s.bound).toBeLessThan(c?.pok ?? 0);
  });

  it('a bonus of each part widens its own zone', async () => {
    const s = await positionOf(holes, ...ASKED, '--mmc', 'bonus');
    expect(s.capability?.outside).toBeCloseTo(0.0027602256056207123, 11);
    expect(s.capability?.pok).toBeCloseTo(0.9977503625650982, 9);
    expect(s.capability?.poc).toBeCloseTo(1.188861189690239, 9);
    expect(s.capability?.radialPpk).toBeNull();
    expect(s.bonus).toEqual({ min: 0.01, max: 0.05 });
  });

  it('coordinates with their true position are the same as deviations', async () => {
    const moved = DX.map((x, i) => `${20 + x};${-35.5 + (DY[i] ?? 0)}`);
    const file = at.file('coordinates.csv', `x;y\n${moved.join('\n')}\n`);
    const place = ['--position', 'x,y', '--tolerance', '0.16', '--nominal', '20,-35.5'];
    const s = await positionOf(file, ...place);
    expect(s.capability?.pok).toBeCloseTo(0.83741672794844, 6);
  });

  it('the bound holds in about 95 of 100 samples', async () => {
    // Means (0.3, 0), sds 1 and 0.7, zone of radius 3.6: share outside by quadrature in SciPy.
    const truth = 1.1237170034817303;
    const random = createRandom(11);
    const { pokLower } = await import('../../agent/spc/position-bound.ts');
    const { fitPosition } = await import('../../agent/spc/position.ts');
    let below = 0;
    for (let i = 0; i < 400; i += 1) {
      const dx = Array.from({ length: 60 }, () => 0.3 + random.normal());
      const dy = Array.from({ length: 60 }, () => 0.7 * random.normal());
      const fit = fitPosition(dx, dy);
      if (fit !== null && (pokLower(fit, [3.6], 0.95) ?? 9) <= truth) below += 1;
    }
    expect(below / 400).toBeGreaterThan(0.91);
    expect(below / 400).toBeLessThan(0.98);
  });

  it('along one axis the bound is that of Bissell', async () => {
    // A second coordinate without weight leaves one characteristic with two limits; 0.4 off centre
    // its nearer one counts alone: error of C = z/3 is sqrt(1/9n + C^2/2(n - 1)).
    const { pokLower } = await import('../../agent/spc/position-bound.ts');
    const { pokOf } = await import('../../agent/spc/position.ts');
    const n = 50;
    const fit = { n, meanX: 1, meanY: 0, sdX: 1, sdY: 1e-4, correlation: 0 };
    const pok = pokOf(fit, [4.5]) ?? 0;
    // The tail beyond the nearer limit is half of what a centred index counts twice.
    const c = 3.5 / 3;
    const slope = Math.exp(-0.5 * 3.5 ** 2) / (2 * Math.exp(-0.5 * (3 * pok) ** 2));
    const error = slope * Math.sqrt(1 / (9 * n) + c ** 2 / (2 * (n - 1)));
    expect(pokLower(fit, [4.5], 0.95)).toBeCloseTo(pok - 1.6448536269514722 * error, 4);
  });

  it('parts that lack a number are left out and counted', async () => {
    const file = at.file('gaps.csv', `dx,dy,bonus\n${rows.join('\n')}\n,0.1,0.02\n0.1,NA,0.02\n`);
    const s = await positionOf(file, ...ASKED);
    expect(s).toMatchObject({ n: 10, missing: 2 });
    expect(s.capability?.pok).toBeCloseTo(0.83741672794844, 9);
    expect(s.warnings.map((w) => w.code)).toContain('missing');
  });

  it.each<[string, string, RegExp]>([
    ['two parts', 'dx,dy\n1,2\n2,3\n', /at least three/],
    ['one coordinate constant', 'dx,dy\n1,2\n1,3\n1,4\n', /does not vary/],
    ['parts on a line', 'dx,dy\n1,2\n2,4\n3,6\n', /on one line/],
  ])('%s: no index, and why', async (name, text, reason) => {
    const s = await positionOf(at.file(`${name}.csv`, text), ...ASKED);
    expect(s).toMatchObject({ capability: null, bound: null, verdict: 'not judged' });
    expect(s.reason).toMatch(reason);
    expect((await at.run('study', at.file('odd.csv', text), ...ASKED)).out).toMatch(reason);
  });

  it('a jump along one axis makes it unstable', async () => {
    const random = createRandom(5);
    const parts = Array.from(
      { length: 60 },
      (_, i) => `${0.01 * random.normal()},${0.01 * random.normal() + (i < 30 ? 0 : 0.06)}`,
    );
    const file = at.file('jump.csv', `dx,dy\n${parts.join('\n')}\n`);
    const s = await positionOf(file, ...ASKED);
    expect(s.verdict).toBe('unstable');
    expect(s.stability.y.verdict).toBe('unstable');
    expect(s.warnings[0]?.code).toBe('unstable');
  });

  it('the page shows zone, bonus zone and parts, and stands alone', async () => {
    const out = join(at.dir, 'position.html');
    const ran = await at.run('study', holes, ...ASKED, '--mmc', 'bonus', '--html', out);
    expect(ran.out).toContain('Written');
    const page = readFileSync(out, 'utf8');
    expect(page.match(/<circle/g)?.length).toBeGreaterThanOrEqual(12);
    expect(page).toContain('Pok');
    expect(page).not.toMatch(/<script|https?:/);
  });

  it.each<[string[], RegExp]>([
    [['--position', 'dx,dy'], /--tolerance/],
    [['--position', 'dx', '--tolerance', '1'], /two columns/],
    [['--position', 'dx,dx', '--tolerance', '1'], /two columns/],
    [['--position', 'dx,dz', '--tolerance', '1'], /no column 'dz'/],
    [['--position', 'dx,dy', '--tolerance', '0'], /above 0/],
    [[...ASKED, '--usl', '1'], /--usl says nothing/],
    [[...ASKED, '--mmc', 'dy'], /row 2, column 'dy': a bonus of -0.041/],
    [[...ASKED, '--nominal', '3'], /two numbers/],
    [[...ASKED, '--defects', 'dx', '--size', '5'], /one of them/],
    [['--tolerance', '1', '--usl', '1'], /goes with --position/],
  ])('%j is refused with a reason', async (args, reason) => {
    const ran = await at.run('study', holes, ...args);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(reason);
  });
});

/** Orange juice cans of 30 samples of 50, and defects of 20 samples of 5 computers (Montgomery). */
const CANS = [
  ...[12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22],
  ...[8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6],
];
const COMPUTERS = [10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5];
const cans = at.file('cans.csv', `bad\n${CANS.join('\n')}\n`);
const computers = at.file('computers.csv', `d,n\n${COMPUTERS.map((d) => `${d},5`).join('\n')}\n`);

describe('counts', () => {
  it('orange juice cans: the published chart, Clopper-Pearson as SciPy has it', async () => {
    const s = await countedOf(cans, '--nonconforming', 'bad', '--size', '50');
    expect(s).toMatchObject({ kind: 'proportion', count: 347, units: 1500, verdict: 'unstable' });
    expect(s.signals.map((one) => one.point)).toEqual([15, 23]);
    expect(s.sigmaZ).toBeCloseTo(1.660309, 6);
    expect(s.rate?.value).toBeCloseTo(0.231333, 6);
    expect(s.rate?.lower).toBeCloseTo(0.2102028445900014, 10);
    expect(s.rate?.upper).toBeCloseTo(0.25352091302258495, 10);
    expect(s.bound).toBeCloseTo(0.24995804132667762, 10);
    expect(s.z).toBeCloseTo(0.7344628946803025, 10);
    expect(s.zBound).toBeCloseTo(0.6746217943602831, 9);
    expect(s.warnings.map((w) => w.code)).toEqual(['unstable', 'overdispersed']);
  });

  it('computers: defects per unit with the interval of Garwood, sizes from a column', async () => {
    const s = await countedOf(computers, '--defects', 'd', '--size', 'n');
    expect(s).toMatchObject({ kind: 'defects-per-unit', count: 193, units: 100, chart: 'u' });
    expect(s).toMatchObject({ verdict: 'stable', exactLimits: false, rateOnSize: null });
    expect(s.rate?.value).toBeCloseTo(1.93, 12);
    expect(s.rate?.lower).toBeCloseTo(1.6673047477202783, 9);
    expect(s.rate?.upper).toBeCloseTo(2.222336072818573, 9);
    expect(s.bound).toBeCloseTo(2.174644333523617, 9);
    expect(s.yield).toBeCloseTo(0.14514819848362373, 12);
    expect(s.z).toBeCloseTo(-1.0574716271121447, 9);
  });

  it('nothing found: the upper bound still says something', async () => {
    const file = at.file('none.csv', `bad\n${'0\n'.repeat(10)}`);
    const s = await countedOf(file, '--nonconforming', 'bad', '--size', '30');
    expect(s).toMatchObject({ verdict: 'not judged', z: null });
    expect(s.rate).toMatchObject({ value: 0, lower: 0 });
    expect(s.rate?.upper).toBeCloseTo(0.01222097469429355, 11);
    expect(s.bound).toBeCloseTo(0.009936081944457713, 11);
  });

  it('few expected: limits by probability; a rate that falls with the size is said', async () => {
    const sizes = Array.from({ length: 30 }, (_, i) => 20 + 10 * (i % 5));
    const counts = sizes.map((n) => (n < 40 ? 4 : 1));
    const text = counts.map((c, i) => `${c},${sizes[i]}`).join('\n');
    const s = await countedOf(
      at.file('few.csv', `c,n\n${text}\n`),
      '--defects',
      'c',
      '--size',
      'n',
    );
    expect(s.exactLimits).toBe(true);
    expect(s.rateOnSize?.slope).toBeLessThan(0);
    expect(s.warnings.map((w) => w.code)).toContain('size');
  });

  it('nine in a row on one side', async () => {
    const counts = [...Array<number>(10).fill(12), ...Array<number>(10).fill(8)];
    const file = at.file('run.csv', `c\n${counts.join('\n')}\n`);
    const s = await countedOf(file, '--defects', 'c', '--size', '1');
    const found = s.signals.map(({ rule, point }) => [rule, point]);
    expect(found).toEqual([9, 10, 19, 20].map((point) => ['9-same-side', point]));
  });

  it('the page stands alone', async () => {
    const out = join(at.dir, 'cans.html');
    await at.run('study', cans, '--nonconforming', 'bad', '--size', '50', '--html', out);
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('Unstable');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|https?:/);
  });

  it.each<[string, string[], RegExp]>([
    ['bad\n3\n4\n', ['--nonconforming', 'bad'], /--size/],
    ['bad\n3\n4.5\n', ['--defects', 'bad', '--size', '5'], /row 3, column 'bad': 4.5 is no count/],
    ['bad\n3\n-1\n', ['--defects', 'bad', '--size', '5'], /-1 is no count/],
    ['bad\n3\n9\n', ['--nonconforming', 'bad', '--size', '5'], /9 nonconforming among 5/],
    ['bad,n\n3,4\n2,0\n', ['--defects', 'bad', '--size', 'n'], /a size of 0/],
    ['bad,n\n3,4.5\n', ['--nonconforming', 'bad', '--size', 'n'], /whole number/],
    ['bad\n3\n', ['--defects', 'bad', '--size', 'units'], /no column 'units'/],
    ['bad\n3\n', ['--defects', 'bad', '--size', '5', '--lsl', '1'], /--lsl says nothing/],
    ['bad\n3\n', ['--size', '5', '--usl', '1'], /goes with --defects or --nonconforming/],
  ])('%j %j is refused with a reason', async (text, args, reason) => {
    const ran = await at.run('study', at.file('wrong.csv', text), ...args);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(reason);
  });
});

it('streams stand in the page too, the worst one named', async () => {
  const random = createRandom(3);
  const lines = Array.from(
    { length: 200 },
    (_, i) => `<c${i % 4}>,${(i % 4 === 2 ? 2 : 0) + random.normal()}`,
  );
  const file = at.file('cavities.csv', `cavity,d\n${lines.join('\n')}\n`);
  const out = join(at.dir, 'cavities.html');
  await at.run('study', file, '--lsl', '-6', '--usl', '6', '--by', 'cavity', '--html', out);
  const page = readFileSync(out, 'utf8');
  expect(page).toMatch(/&#60;c2&#62;<\/td>(<td>[^<]*<\/td>){5}<td>worst/);
  expect(page).not.toContain('<c2>');
  expect(page).toContain('of the variance');
});
