import { describe, expect, it } from 'vitest';
import { arlCusum, arlEwma, arlShewhart } from '../../agent/spc/arl.ts';
import { arlMewma } from '../../agent/spc/arl-mewma.ts';
import { arlRules, type ZoneRule } from '../../agent/spc/arl-rules.ts';

function near(actual: number | null | undefined, printed: number): void {
  expect(actual).not.toBeNull();
  expect(Math.abs((actual ?? 0) / printed - 1)).toBeLessThan(0.005);
}

const RULE1: ZoneRule = { kind: 'beyond', sigmas: 3 };
const RULE2: ZoneRule = { kind: 'k-of-m', k: 2, m: 3, sigmas: 2 };
const RULE3: ZoneRule = { kind: 'k-of-m', k: 4, m: 5, sigmas: 1 };
const RUN8: ZoneRule = { kind: 'run', length: 8 };
const RUN9: ZoneRule = { kind: 'run', length: 9 };
const SHIFTS = [0, 0.4, 0.8, 1, 1.4, 2, 3];

describe('run lengths against published tables', () => {
  it.each([
    ['1', [RULE1], [370.4, 200.08, 71.55, 43.89, 18.25, 6.3, 2.0]],
    ['1 + 2/3', [RULE1, RULE2], [225.44, 104.46, 33.12, 20.01, 8.69, 3.65, 1.68]],
    [
      'Western Electric',
      [RULE1, RULE2, RULE3, RUN8],
      [91.75, 36.61, 13.25, 9.22, 5.42, 3.13, 1.67],
    ],
    ['1 + run of 9', [RULE1, RUN9], [216.7, 79.94, 25.61, 17.05, 9.54, 5.14, 2.0]],
  ])('rules %s (Champ & Woodall 1987)', (_name, rules, printed) => {
    const own = arlRules(rules, SHIFTS);
    printed.forEach((arl, i) => {
      near(own?.[i], arl);
    });
  });

  it('single rules in control', () => {
    near(arlRules([RUN9], [0])?.[0], 511);
    near(arlRules([{ kind: 'within', length: 15, sigmas: 1 }], [0])?.[0], 964);
    near(arlRules([{ kind: 'outside', length: 8, sigmas: 1 }], [0])?.[0], 14250);
    near(arlRules([RULE2], [0])?.[0], 511);
    near(arlRules([RULE3], [0])?.[0], 291);
  });

  it('a chart that cannot be followed exactly says so', () => {
    const long = Array.from({ length: 3 }, (_, i) => i + 1).map(
      (sigmas): ZoneRule => ({ kind: 'k-of-m', k: 12, m: 20, sigmas }),
    );
    expect(arlRules(long, [0])).toBeNull();
  });

  it('EWMA (Lucas & Saccucci 1990)', () => {
    near(arlEwma(0.2, 2.962, 0), 500);
    near(arlEwma(0.2, 2.962, 1), 10.5);
    near(arlEwma(0.1, 2.814, 2), 4.36);
    near(arlEwma(0.05, 2.615, 0.25), 84.0);
    near(arlEwma(0.2, 2.859, 0), 370);
    near(arlEwma(0.1, 2.814, 1, 'exact'), 8.15);
  });

  it('CUSUM, plain and with head start (Lucas & Crosier 1982; Hawkins)', () => {
    near(arlCusum(0.5, 5, 0), 465.4);
    near(arlCusum(0.5, 4, 1), 8.38);
    near(arlCusum(0.5, 5, 0, 'two', 2.5), 430.4);
    near(arlCusum(0.5, 4, 2, 'two', 2), 2.01);
    near(arlCusum(0.5, 5, 0, 'one'), 930.9);
    near(arlCusum(0.5, 4.774, 0), 370.1);
    near(arlCusum(1.5, 1.61, 0), 376.3);
  });

  it('far shifts leave one side without signals and still have an answer', () => {
    near(arlCusum(0.5, 5, 4), 2.01);
    near(arlCusum(0.5, 5, -4), 2.01);
  });

  it('MEWMA (Prabhu & Runger 1997) and Shewhart', () => {
    near(arlMewma(0.1, 8.64, 2), 200.5);
    near(arlMewma(0.2, 9.65, 2), 199.3);
    near(arlShewhart(3, 5, 1).arl, 4.495);
  });
});
