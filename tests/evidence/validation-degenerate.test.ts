import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adapters as golden,
  moreAdapters,
} from '../../agent/evidence/validation/adapters/index.ts';
import { inputsOf } from '../support/adapter-inputs.ts';

const adapters: typeof golden = { ...golden, ...moreAdapters };
const whole = fc.integer({ min: 0, max: 9 });

/** Constant data, one to three values, ties, huge offsets, tiny and huge numbers, negatives. */
const odd = fc.oneof(
  fc.tuple(whole, fc.integer({ min: 0, max: 12 })).map(([x, n]) => Array<number>(n).fill(x / 10)),
  fc.array(whole, { maxLength: 3 }),
  fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 4, maxLength: 12 }),
  fc.array(whole, { minLength: 2, maxLength: 12 }).map((xs) => xs.map((x) => 1e12 + x)),
  fc.array(whole, { minLength: 2, maxLength: 9 }).map((xs) => xs.map((x) => x * 1e-200)),
  fc.array(whole, { minLength: 2, maxLength: 9 }).map((xs) => xs.map((x) => x * 1e200)),
  fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 12 }),
);

/** Paths of what is a number and not finite. */
function infinite(x: unknown, path = ''): string[] {
  if (typeof x === 'number') return Number.isFinite(x) ? [] : [path];
  if (typeof x !== 'object' || x === null) return [];
  return Object.entries(x).flatMap(([key, value]) => infinite(value, `${path}.${key}`));
}

const holdsNumber = (x: unknown): boolean =>
  typeof x === 'number' ||
  (typeof x === 'object' && x !== null && Object.values(x).some(holdsNumber));

describe('kinds of reference case with odd inputs', () => {
  it('has inputs for every kind', () => {
    expect(Object.keys(inputsOf).sort()).toEqual(Object.keys(adapters).sort());
  });

  // Run lengths and plans do not depend on the data: one series is all there is to try.
  it.each(Object.keys(inputsOf))('%s answers with numbers or null, never NaN', (kind) => {
    const adapter = adapters[kind];
    const make = inputsOf[kind];
    const runs = /^(arl|oc|plan|distribution$|constants|d2star|tolerance)/.test(kind) ? 1 : 40;
    fc.assert(
      fc.property(odd, (series) => {
        for (const input of make?.(series) ?? []) {
          const answer = adapter?.(input);
          expect(infinite(answer), JSON.stringify(input)).toEqual([]);
        }
      }),
      { numRuns: runs },
    );
  });

  it.each([
    ['chart-cusum', { data: [3, 3, 3, 3], k: 0.5, h: 4, sigmaMethod: 'mr-mean' }],
    ['boxcox', { data: [2, 2, 2] }],
    ['boxcox', { data: [1, -2, 2] }],
    ['johnson', { data: [2, 2, 2, 2], z: 0.524 }],
    ['capability-nonnormal', { data: [2, 2, 2], distribution: 'weibull', lsl: 0, usl: 4 }],
    ['capability-nonnormal', { data: [-1, 2, 3], distribution: 'gamma', lsl: 0, usl: 4 }],
    ['chart-g', { counts: [] }],
    ['bias', { data: [], reference: 1 }],
    ['type1-gage', { data: [], reference: 1, tolerance: 1 }],
    ['linearity', { references: [1], measurements: [[1, 2, 3]] }],
    [
      'grr',
      {
        values: [
          [
            [1, 2],
            [1, 2],
          ],
          [[1, 2], [1]],
        ],
      },
    ],
    [
      'grr-nested',
      {
        values: [
          [
            [1, 2],
            [1, 2],
          ],
          [[1, 2]],
        ],
      },
    ],
    [
      'grr-nested',
      {
        values: [
          [[1], [2]],
          [[1], [2]],
        ],
      },
    ],
    ['gauge-stability', { subgroups: [[1, 2]] }],
    ['resolution', { data: [1] }],
    ['uncertainty', { entries: [{ influence: 'cal', value: -1 }] }],
    ['conformity', { values: [1], u: 1 }],
    ['plan-attributes', { p1: 0.05, p2: 0.01, alpha: 0.05, beta: 0.1 }],
    ['plan-variables', { p1: 0.05, p2: 0.01, alpha: 0.05, beta: 0.1 }],
    ['plan-aql', { lotSize: 1, aql: 1 }],
    ['plan-aql', { lotSize: 100, aql: 1.1 }],
    ['plan-zero', { limit: 0, beta: 0.1 }],
    ['skip-lot', { clearing: 0, fraction: 1, pa: [1] }],
    ['generalized-variance', { subgroups: [[[1, 2]]] }],
    ['gof', { data: [1, 2], distribution: 'normal', params: { mean: 0, sd: 0 } }],
  ])('%s says why there is no answer', (kind, input) => {
    const answer = adapters[kind]?.(input) ?? {};
    expect(answer['reason']).toMatch(/[a-z]{3}/);
  });

  it('a sampled whole lot is known exactly', () => {
    const model = 'hypergeometric';
    const input = { n: 10, c: 0, model, lotSize: 10, defectives: [0, 1, 10] };
    expect(adapters['oc-attributes']?.(input)['pa']).toEqual([1, 0, 0]);
    const allowed = adapters['oc-attributes']?.({ ...input, c: 1 });
    expect(allowed?.['pa']).toEqual([1, 1, 0]);
  });

  it('answers that are there hold numbers', () => {
    const full = { data: [3, 4, 3, 5, 4, 6], k: 0.5, h: 4, sigmaMethod: 'mr-mean' };
    expect(holdsNumber(adapters['chart-cusum']?.(full)['cPlus'])).toBe(true);
  });
});
