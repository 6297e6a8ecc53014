import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { groupRig, pointsOf, signalsOf } from '../support/groups.ts';

/** The charts of groups, live, against the same reference data as the formulas over whole arrays. */
const folder = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const present = existsSync(folder);
if (!present && process.env['CI'] === 'true') throw new Error(`no reference data at ${folder}`);

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

function near(got: number | null | undefined, wanted: number, tolerance = 1e-9): void {
  expect(Math.abs((got ?? Number.NaN) - wanted)).toBeLessThan(tolerance * (1 + Math.abs(wanted)));
}

/** Printed figures differ in the last digit on either side of the diagonal. */
const mirrored = (of: number[][]) => (row: number[], i: number) =>
  row.map((x, j) => (i <= j ? x : (of[j]?.[i] as number)));

/** Phase I is learned, then the same rows and the later ones are judged by what was learned. */
function judged(input: Golden['input'], charts: unknown[]) {
  const grouped = input.type === 'subgroup' || input.subgroups !== undefined;
  const data = (input.data ?? input.subgroups) as number[][] | number[][][];
  const flat = (rows: unknown): number[][] =>
    (grouped ? (rows as number[][][]).flat() : rows) as never;
  const size = grouped ? (data[0]?.length ?? 1) : 1;
  const rows = flat(data);
  const covariance = input.covMethod === 'successive-difference' ? 'successive' : 'sample';
  const r = groupRig(rows[0]?.length ?? 0, {
    charts,
    subgroup: { size },
    limits: { kind: 'baseline', subgroups: data.length, covariance },
  });
  r.feed(rows);
  expect(pointsOf(r, 't2')).toEqual([]);
  const limits = r.limitsSeen.find((one) => one.characteristic === 'g');
  r.feed(rows).feed(flat(input.newData ?? []));
  return { r, limits, m: data.length };
}

describe.skipIf(!present)('live charts of groups against reference data', () => {
  it.each(cases('hotelling'))('hotelling %s', (_name, { input, expected }) => {
    const { r, limits, m } = judged(input, [{ kind: 't2', alpha: input.alpha }]);
    const ids = (expected.mean as number[]).map((_, j) => `v${j}`);
    ids.forEach((a, i) => {
      near(limits?.parameters?.[`mean ${a}`], expected.mean[i]);
      ids.slice(i).forEach((b, j) => {
        near(limits?.parameters?.[`cov ${a} ${b}`], expected.covariance[i][i + j]);
      });
    });
    const points = pointsOf(r, 't2');
    const wanted = [...expected.t2, ...(expected.t2New ?? [])];
    expect(points).toHaveLength(wanted.length);
    points.forEach((point, i) => {
      near(point.value, wanted[i]);
      near(point.ucl, expected.uclPhase2 ?? expected.uclChiSquare);
      expect(point).toMatchObject({ lcl: null, phase: 2, size: limits?.readings ? point.size : 0 });
    });
    const beyond = points.flatMap((point, i) => (point.rules === 0 ? [] : [i - m]));
    const later = beyond.filter((i) => i >= 0);
    expect(later).toEqual(expected.beyondPhase2 ?? []);
  });

  it.each(cases('hotelling'))('contributions in the text of a signal, %s', (_name, golden) => {
    const { input, expected } = golden;
    if (input.type === 'subgroup') return;
    const { mean, covariance } = expected;
    const r = groupRig(mean.length, {
      charts: [{ kind: 't2', alpha: 0.2 }],
      limits: { kind: 'fixed', mean, covariance: covariance.map(mirrored(covariance)) },
    }).feed(input.data);
    const signals = signalsOf(r);
    for (const signal of signals) {
      const falls = expected.contributions[signal.pointIndex - 1] as number[];
      const most = falls.indexOf(Math.max(...falls));
      const short = Number((falls[most] as number).toPrecision(3));
      expect(signal.text).toContain(` falls by ${short} without v${most}`);
    }
    expect(signals.length).toBeGreaterThan(0);
  });

  it.each(cases('mewma'))('mewma %s', (_name, { input, expected }) => {
    for (const form of ['exact', 'asymptotic']) {
      const chart = { kind: 'mewma', lambda: input.lambda, h: input.h ?? 10, covariance: form };
      const mean = input.mean ?? expected.mean;
      const known = mean !== undefined && input.covariance !== undefined;
      const rows = input.data as number[][];
      const limits = known
        ? { kind: 'fixed', mean, covariance: input.covariance }
        : { kind: 'baseline', subgroups: rows.length };
      const r = groupRig(rows[0]?.length ?? 0, { charts: [chart], limits });
      if (!known) r.feed(rows);
      r.feed(rows);
      const wanted = (form === 'exact' ? expected.t2 : expected.t2Asymptotic) as number[];
      const points = pointsOf(r, 'mewma');
      expect(points).toHaveLength(wanted.length);
      points.forEach((point, i) => {
        near(point.value, wanted[i] as number);
      });
      if (form !== 'exact' || input.h === undefined) continue;
      const beyond = points.flatMap((point, i) => (point.rules === 0 ? [] : [i]));
      expect(beyond).toEqual(expected.beyond);
    }
  });

  it.each(cases('generalized-variance'))('|S| %s', (_name, { input, expected }) => {
    const { r } = judged(input, [{ kind: 'generalized-variance', sigmas: input.k ?? 3 }]);
    const points = pointsOf(r, 'generalized-variance');
    expect(points).toHaveLength(expected.detS.length);
    points.forEach((point, i) => {
      near(point.value, expected.detS[i]);
      near(point.cl, expected.center);
      near(point.ucl, expected.ucl);
      if (expected.lcl > 0) near(point.lcl, expected.lcl);
      else expect(point.lcl).toBe(null);
    });
    const beyond = points.flatMap((point, i) => (point.rules === 0 ? [] : [i]));
    expect(beyond).toEqual(expected.beyond);
  });
});
