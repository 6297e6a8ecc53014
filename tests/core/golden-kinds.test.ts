import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pointsSinceChange, recentFor, remember } from '../../agent/core/recent.ts';
import { type Rig, rig } from '../support/spc.ts';

/** The charts beyond mean, range, EWMA and CUSUM, live, against the same reference data as formulas. */
const folder = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const present = existsSync(folder);
if (!present && process.env['CI'] === 'true') throw new Error(`no reference data at ${folder}`);

type Band = Record<'plotted' | 'center' | 'lcl' | 'ucl', (number | null)[]>;
interface Golden {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: reference cases have the form their kind gives them
  input: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  expected: any;
}
const cases = (kind: string): [string, Golden][] =>
  globSync(`${folder}/${kind}/*.json`)
    .sort()
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Golden)
    .map((one) => [one.name, one]);

/** Feeds Phase I twice: once to learn from it, once to be judged by what was learned. */
function judged(own: Record<string, unknown>, values: number[], points: number, context = '') {
  const phase1 = Number(own['phase1'] ?? points);
  const { phase1: _phase1, ...settings } = own;
  const limits = { kind: 'baseline', subgroups: phase1 };
  const r = rig({ limits, ...settings });
  const names = context === '' ? [] : context.split(',');
  const perPoint = values.length / points;
  r.contextOf = (i) => ({ part: names[i % values.length] ?? '' });
  r.feed(...values.slice(0, phase1 * perPoint));
  expect(r.limits).toHaveLength(1);
  r.contextOf = (i) => ({ part: names[i - phase1 * perPoint] ?? '' });
  r.give(values[0] as number, { pauseMs: 100_000_000 });
  r.feed(...values.slice(1));
  return { r, points: r.points.slice(-points) };
}

function expectBand(points: Rig['points'], band: Band, spread = false): void {
  points.forEach((p, i) => {
    const seen = spread
      ? [p.spread, p.spreadCl, p.spreadLcl, p.spreadUcl]
      : [p.value, p.cl, p.lcl, p.ucl];
    const wanted = [band.plotted[i], band.center[i], band.lcl[i], band.ucl[i]];
    wanted.forEach((value, column) => {
      const got = seen[column];
      if (value === null || value === undefined) expect(got).toBe(null);
      else expect(got as number).toBeCloseTo(value, 9 - Math.ceil(Math.log10(1 + Math.abs(value))));
    });
  });
}

const counts = (sizes: number[]) => ({ kind: 'counts', sampleSize: sizes[0], sizeKey: 'n' });

describe.skipIf(!present)('live charts against reference data', () => {
  it.each(cases('chart-median'))('median %s', (_name, { input, expected }) => {
    if (input.sigmaMethod !== 'range-unweighted') return;
    const groups = input.subgroups as number[][];
    const size = groups[0]?.length;
    const charts = [{ kind: 'median', sigmas: input.k }];
    const own = { subgroup: { kind: 'by-count', size }, charts };
    const { r, points } = judged(own, groups.flat(), groups.length);
    expect(r.limits[0]?.sigma).toBeCloseTo(expected.sigma, 12);
    expectBand(points, expected.median);
  });

  it.each(cases('chart-ma'))('ma %s', (_name, { input, expected }) => {
    const groups = (input.data?.map((x: number) => [x]) ?? input.subgroups) as number[][];
    const size = groups[0]?.length;
    if (groups.some((group) => group.length !== size)) return;
    const limits = { kind: 'fixed', center: expected.ma.center[0], sigma: expected.sigma };
    const charts = [{ kind: 'ma', span: input.span, sigmas: input.k }];
    const r = rig({ subgroup: { kind: 'by-count', size }, charts, limits }).feed(...groups.flat());
    expectBand(r.points, expected.ma);
  });

  it.each(cases('chart-regression'))('regression %s', (_name, { input, expected }) => {
    const groups = (input.data?.map((x: number) => [x]) ?? input.subgroups) as number[][];
    const x = (input.x as number[] | undefined) ?? groups.map((_, i) => i + 1);
    const step = (x[1] as number) - (x[0] as number);
    if (x.some((value, i) => Math.abs(value - (i + 1) * step) > 1e-9)) return;
    const size = groups[0]?.length;
    const method = String(input.sigmaMethod);
    const sigmaFrom = method === 'range-unweighted' ? 'within' : method;
    const charts = [{ kind: 'regression', sigmas: input.k, sigmaFrom }];
    const own = { subgroup: { kind: 'by-count', size }, charts };
    const { points } = judged(own, groups.flat(), groups.length);
    expectBand(points, expected);
  });

  it.each(cases('chart-dnom'))('dnom %s', (_name, { input, expected }) => {
    const groups = (input.subgroups ?? input.values.map((x: number) => [x])) as number[][];
    const size = groups[0]?.length ?? 1;
    const part = (input.part as string[]).flatMap((p) => groups[0]?.map(() => p) ?? [p]).join(',');
    const charts = [{ kind: 'dnom', nominals: input.nominal, sigmas: input.k }];
    const own = { subgroup: { kind: 'by-count', size }, charts };
    const { r, points } = judged(own, groups.flat(), groups.length, part);
    expect(r.limits[0]?.sigma).toBeCloseTo(expected.sigma, 10);
    expectBand(points, expected.i ?? expected.xbar);
    expectBand(points, expected.mr ?? expected.r, true);
  });

  it.each(cases('chart-zmr'))('z-mr %s', (_name, { input, expected }) => {
    const parts = Object.fromEntries(
      Object.keys(expected.mean).map((p) => [
        p,
        { mean: expected.mean[p], sigma: expected.sigma[p] },
      ]),
    );
    const charts = [{ kind: 'z-mr', parts, sigmas: input.k }];
    const r = rig({ subgroup: { kind: 'by-count', size: 1 }, charts });
    r.contextOf = (i) => ({ part: input.part[i] });
    r.feed(...input.values);
    expectBand(r.points, expected.z);
    expectBand(r.points, expected.mr, true);
  });

  it.each([
    ...cases('chart-p').map((c) => ['p', 'p', ...c] as const),
    ...cases('chart-np').map((c) => ['np', 'np', ...c] as const),
    ...cases('chart-c').map((c) => ['c', 'c', ...c] as const),
    ...cases('chart-u').map((c) => ['u', 'u', ...c] as const),
    ...cases('chart-laney-p').map((c) => ['laney-p', 'laney', ...c] as const),
    ...cases('chart-laney-u').map((c) => ['laney-u', 'laney', ...c] as const),
  ])('%s %s %s', (kind, key, _name, { input, expected }) => {
    const found = input.counts as number[];
    const sizes = (input.sizes as number[] | undefined) ?? found.map(() => 1);
    const phase1 = (input.phase1Count as number | undefined) ?? found.length;
    const own = kind.startsWith('laney') ? {} : { exact: 'never' };
    const charts = [{ kind, sigmas: input.k, ...own }];
    const r = rig({
      subgroup: counts(sizes),
      charts,
      limits: { kind: 'baseline', subgroups: phase1 },
    });
    r.contextOf = (i) => ({ n: String(sizes[i < phase1 ? i : i - phase1]) });
    r.feed(...found.slice(0, phase1), ...found);
    expectBand(r.points.slice(-found.length), expected[key]);
    if (expected.sigmaZ !== undefined) {
      expect(r.limits[0]?.parameters?.['sigmaZ']).toBeCloseTo(expected.sigmaZ, 9);
    }
  });

  it.each(cases('chart-g'))('g %s', (_name, { input, expected }) => {
    const found = input.counts as number[];
    for (const method of ['sigma', 'probability']) {
      const charts = [{ kind: 'g', sigmas: input.k, method }];
      const { points } = judged({ charts }, found, found.length);
      if (method === 'sigma') expectBand(points, expected.g);
      else {
        const { center, lcl, ucl, beyond } = expected.probability;
        expect(points[0]).toMatchObject({ cl: center, lcl, ucl });
        const out = points.flatMap((p, i) => (p.rules & 1 ? [i] : []));
        expect(out).toEqual(beyond);
      }
    }
  });

  it.each(cases('chart-t'))('t %s', (_name, { input, expected }) => {
    const times = input.times as number[];
    for (const model of ['power', 'exponential', 'weibull']) {
      const wanted = expected[model];
      if (wanted === null || wanted === undefined) continue;
      const charts = [{ kind: 't', sigmas: input.k, model, exponent: input.exponent }];
      const { points } = judged({ charts }, times, times.length);
      const [cl, lcl, ucl] =
        model === 'power'
          ? [wanted.centerOriginal, wanted.lclOriginal, wanted.uclOriginal]
          : [wanted.center, wanted.lcl, wanted.ucl];
      const near = (got: number | null | undefined, value: number) =>
        expect(Math.abs((got ?? Number.NaN) - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)));
      near(points[0]?.cl, cl);
      near(points[0]?.lcl, lcl);
      near(points[0]?.ucl, ucl);
    }
  });

  it.each(cases('changepoint'))('when did it change: %s', (_name, { input, expected }) => {
    if (input.model !== 'normal-known') return;
    const data = (input.data as number[]).slice(-16);
    const statistic = (expected.statistic as number[]).slice(-16);
    const ring = { recent: recentFor(3), recentAt: 2, forgotten: 0 };
    for (const [i, x] of data.entries()) remember(ring, i + 1, x, i);
    const since = pointsSinceChange(ring, data.length, input.mean0);
    expect(data.length - since).toBe(statistic.indexOf(Math.max(...statistic)));
  });
});
