import { toleranceOf } from '../../charts/lines.ts';
import { compileRules } from '../../rules/compile.ts';
import { rules } from '../../rules/index.ts';
import { forget, judge, rulesBroken } from '../../rules/judge.ts';
import { PLOTTED } from '../../spc/plotted.ts';

/** Reference rules by their name in `golden/rules`, as settings of the live engine. */
export const goldenRules: Record<string, { kind: string } & Record<string, unknown>> = {
  'beyond-limits': { kind: 'beyond-limits' },
  '2of3-beyond-2sigma': { kind: 'k-of-m', k: 2, m: 3, sigmas: 2 },
  '4of5-beyond-1sigma': { kind: 'k-of-m', k: 4, m: 5, sigmas: 1 },
  '7-same-side': { kind: 'same-side', points: 7 },
  '8-same-side': { kind: 'same-side', points: 8 },
  '9-same-side': { kind: 'same-side', points: 9 },
  '6-trend': { kind: 'trend', trendPoints: 6 },
  '7-trend': { kind: 'trend', trendPoints: 7 },
  '14-alternating': { kind: 'alternating', points: 14 },
  '15-within-1sigma': { kind: 'within', points: 15 },
  '8-outside-1sigma': { kind: 'outside', points: 8 },
  '8-outside-1sigma-both-sides': { kind: 'outside', points: 8, bothSides: true },
};
const names = Object.keys(goldenRules);

type Input = Record<string, unknown>;

/**
 * Drives the rules that the agent runs over a reference case: the rules broken at every point, as
 * bits in the order of `goldenRules`; null for a missing point.
 */
export function liveRules(input: Input): (number | null)[] {
  const made = Object.values(goldenRules).map((s) => rules.create(rules.schema.parse(s), {}));
  const compiled = compileRules(made, () => true);
  const words = new Int32Array(compiled.words);
  const numbers = new Float64Array(PLOTTED.count + 2);
  const points = input['points'] as (number | null)[];
  const starts = new Set((input['stageStarts'] as number[] | undefined) ?? [0]);
  const breaks = (input['nullPolicy'] ?? 'break') === 'break';
  forget(compiled, words, 0, numbers, PLOTTED.count);
  return points.map((value, i) => {
    const missing = value === null && breaks;
    if (starts.has(i) || missing) forget(compiled, words, 0, numbers, PLOTTED.count);
    if (value === null) return null;
    const center = at(input['center'], i);
    const sigma = at(input['sigma'], i);
    const ucl = input['ucl'] === undefined ? center + 3 * sigma : at(input['ucl'], i);
    const lcl = input['lcl'] === undefined ? center - 3 * sigma : at(input['lcl'], i);
    const tolerance = toleranceOf(center, sigma);
    [value, center, lcl, ucl, sigma, sigma, tolerance].forEach((x, place) => {
      numbers[place] = x;
    });
    return rulesBroken(compiled, judge(compiled, words, 0, numbers, 0, PLOTTED.count));
  });
}

/** Positions at which one reference rule fired. */
export function completing(fired: (number | null)[], key: string): number[] {
  const bit = 1 << names.indexOf(key);
  return fired.flatMap((bits, i) => ((bits ?? 0) & bit ? [i] : []));
}

function at(x: unknown, i: number): number {
  return Array.isArray(x) ? (x[i] as number) : (x as number);
}
