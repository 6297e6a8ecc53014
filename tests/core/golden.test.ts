import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyBaseline, freeze, learn } from '../../agent/core/baseline.ts';
import type { CharacteristicPlan, Estimator } from '../../agent/core/characteristic-plan.ts';
import {
  type CaseFile,
  type GoldenCase,
  loadCases,
} from '../../agent/evidence/validation/cases.ts';
import { compare } from '../../agent/evidence/validation/compare.ts';
import { completing, goldenRules, liveRules } from '../../agent/evidence/validation/live-rules.ts';
import type { Point } from '../../agent/model.ts';
import { liveChart, subgroupOf } from '../support/live-charts.ts';

/** The live engine, not the formulas for studies: same reference data, same answers. */
const folder = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const present = existsSync(folder);
if (!present) {
  const message = `skipped: reference data not found at ${folder}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(message);
}
const all = present ? loadCases(folder) : [];
const of = (kind: string) =>
  all.filter((one) => one.content.kind === kind).map((one): [string, CaseFile] => [one.file, one]);

type Numbers = Record<string, unknown>;
const pick = (from: unknown, ...keys: string[]): Numbers =>
  Object.fromEntries(keys.map((key) => [key, (from as Numbers)[key]]));

/** Subgroups of a case; single values are subgroups of one, null stays null. */
function groupsOf({ input }: GoldenCase): (number[] | null)[] {
  const data = input['data'] as (number | null)[] | undefined;
  return data?.map((x) => (x === null ? null : [x])) ?? (input['subgroups'] as number[][]);
}

const ESTIMATORS: Record<string, Estimator> = {
  'range-unweighted': 'rbar/d2',
  's-unweighted': 'sbar/c4',
  pooled: 'pooled/c4',
  'mr-mean': 'mrbar/d2',
};

/** Limits the live baseline freezes from Phase I of a case; null where it has no such estimator. */
function frozen(one: GoldenCase): { center: number; sigma: number } | null {
  const estimator = ESTIMATORS[String(one.input['sigmaMethod'])];
  const span = one.input['span'] ?? 2;
  if (estimator === undefined || span !== 2) return null;
  const groups = groupsOf(one);
  const count = (one.input['phase1Count'] as number | undefined) ?? groups.length;
  const plan = { id: 'it', estimator, wanted: count } as CharacteristicPlan;
  const baseline = emptyBaseline();
  groups.slice(0, count).forEach((group, i) => {
    if (group !== null) learn(plan, baseline, subgroupOf(group, groups[i - 1] ?? null));
  });
  return freeze(plan, baseline, 1, 0);
}

/** A column of the points, null where there is no point. */
function column(points: Point[], length: number, field: keyof Point): unknown[] {
  const values: unknown[] = Array.from({ length }, () => null);
  for (const point of points) values[point.index] = point[field];
  return values;
}

function chartOf(points: Point[], length: number, spread: boolean): Numbers {
  const [value, cl, lcl, ucl] = spread
    ? (['spread', 'spreadCl', 'spreadLcl', 'spreadUcl'] as const)
    : (['value', 'cl', 'lcl', 'ucl'] as const);
  return {
    plotted: column(points, length, value),
    center: fill(column(points, length, cl)),
    lcl: fill(column(points, length, lcl)),
    ucl: fill(column(points, length, ucl)),
  };
}

/** The reference draws lines at missing points too. */
function fill(values: unknown[]): unknown[] {
  const known = values.find((value) => value !== null) ?? null;
  return values.map((value) => value ?? known);
}

function check(one: GoldenCase, expected: unknown, actual: unknown): void {
  expect(compare(expected, actual, one.tolerance)).toEqual([]);
}

function limitsOf(one: GoldenCase, center: unknown): { center: number; sigma: number } {
  return { center: center as number, sigma: one.expected['sigma'] as number };
}

describe.skipIf(!present)('the live engine against reference data', () => {
  it.each(of('rules'))('%s', (_file, { content }) => {
    const fired = liveRules(content.input);
    const actual = Object.keys(goldenRules).map((key) => [key, completing(fired, key)]);
    const expected = Object.keys(goldenRules).map((key) => [
      key,
      (content.expected[key] as { completing: number[] }).completing,
    ]);
    expect(actual).toEqual(expected);
  });

  it.each(of('chart-xbar'))('%s', (_file, { content: one }) => {
    const groups = groupsOf(one);
    const xbar = one.expected['xbar'] as { center: number[] };
    const limits = limitsOf(one, xbar.center[0]);
    const sigmas = one.input['k'];
    const sizes = groups.map((group) => group?.length ?? 0);
    for (const [kind, second] of [
      ['xbar-r', 'r'],
      ['xbar-s', 's'],
    ] as const) {
      if (sizes.includes(1)) continue;
      const { points } = liveChart({ kind, sigmas }, groups, limits);
      const keys = ['plotted', 'center', 'lcl', 'ucl'];
      check(one, pick(xbar, ...keys), chartOf(points, groups.length, false));
      check(one, pick(one.expected[second], ...keys), chartOf(points, groups.length, true));
    }
    const estimated = frozen(one);
    if (one.input['center'] === undefined && estimated !== null) check(one, limits, estimated);
  });

  it.each(of('chart-imr'))('%s', (_file, { content: one }) => {
    const groups = groupsOf(one);
    const i = one.expected['i'] as { center: number[] };
    const limits = limitsOf(one, i.center[0]);
    const span = one.input['span'] ?? 2;
    const settings = { kind: 'imr', sigmas: one.input['k'], span };
    const { points } = liveChart(settings, groups, limits);
    const keys = ['plotted', 'center', 'lcl', 'ucl'];
    check(one, pick(i, ...keys), chartOf(points, groups.length, false));
    check(one, pick(one.expected['mr'], ...keys), chartOf(points, groups.length, true));
    const estimated = frozen(one);
    if (estimated !== null) check(one, limits, estimated);
  });

  it.each(of('chart-ewma'))('%s', (_file, { content: one }) => {
    const groups = groupsOf(one);
    const expected = one.expected['ewma'] as { center: number[] };
    const settings = { kind: 'ewma', lambda: one.input['lambda'], width: one.input['L'] };
    const limits = limitsOf(one, expected.center[0]);
    const { points } = liveChart(settings, groups, limits);
    const keys = ['plotted', 'center', 'lcl', 'ucl'];
    check(one, pick(expected, ...keys), chartOf(points, groups.length, false));
    const steady = one.expected['asymptotic'] as Numbers | null | undefined;
    if (steady === null || steady === undefined) return;
    const flat = liveChart({ ...settings, asymptotic: true }, groups, limits).points;
    check(one, pick(steady, 'lcl', 'ucl'), { lcl: flat[0]?.lcl, ucl: flat.at(-1)?.ucl });
  });

  it.each(of('chart-cusum'))('%s', (_file, { content: one }) => {
    const groups = groupsOf(one);
    const { k, h, headStart } = one.input as { k: number; h: number; headStart?: number };
    expect([0, h / 2, undefined]).toContain(headStart);
    const settings = { kind: 'cusum', k, h, fir: headStart === h / 2 };
    const { points, onsets } = liveChart(settings, groups, limitsOf(one, one.expected['target']));
    const actual = {
      cPlus: column(points, groups.length, 'value'),
      cMinus: column(points, groups.length, 'spread'),
      nPlus: onsets.map((onset) => onset.location),
      nMinus: onsets.map((onset) => onset.spread),
      signalsUpper: points.flatMap((p, i) => (p.value > h ? [i] : [])),
      signalsLower: points.flatMap((p, i) => ((p.spread ?? 0) > h ? [i] : [])),
    };
    check(one, pick(one.expected, ...Object.keys(actual)), actual);
  });

  it('runs all cases of its kinds', () => {
    const counts = ['rules', 'chart-xbar', 'chart-imr', 'chart-ewma', 'chart-cusum'].map(of);
    expect(counts.every((list) => list.length > 0)).toBe(true);
  });
});
