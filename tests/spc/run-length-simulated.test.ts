import { describe, expect, it } from 'vitest';
import { createRandom } from '../../agent/plants/random.ts';
import { type RuleSettings, ruleSets } from '../../agent/rules/rule-sets.ts';
import { d2 } from '../../agent/spc/constants.ts';
import { arlMewmaShifted } from '../../agent/spc/run-length/mewma.ts';
import { arlOfRules } from '../../agent/spc/run-length/rules.ts';
import {
  type SimulatedChart,
  type SimulatedRunLength,
  simulateRunLength,
} from '../../agent/spc/run-length/simulate.ts';
import { normalMean } from '../../agent/spc/run-length/statistics.ts';
import { movingAverageChart } from '../../agent/spc/shewhart.ts';
import { simulatedRules } from '../support/simulated-rules.ts';

/** Half a unit of the last digit that stands in the table. */
const rounding = (printed: number) => 0.5 * 10 ** -(String(printed).split('.')[1]?.length ?? 0);

/** Three standard errors: the table was simulated as well, with an error of its own. */
function within({ arl, standardError }: SimulatedRunLength, printed: number): void {
  const allowed = 3 * standardError + rounding(printed);
  expect(Math.abs(arl - printed), `${arl} ± ${standardError} for ${printed}`).toBeLessThan(allowed);
}

const simulate = (chart: SimulatedChart, runs: number) => simulateRunLength(chart, runs);
const nelson = (...numbers: number[]): RuleSettings[] =>
  numbers.map((n) => ruleSets.nelson[n - 1] as RuleSettings);

describe('rules about steps, simulated with the live rules', () => {
  it.each<[string, RuleSettings[], [number, number][]]>([
    [
      'Nelson 1, 2, 3',
      nelson(1, 2, 3),
      [
        [0, 145.9],
        [1, 16.74],
        [2, 5.13],
        [3, 2],
      ],
    ],
    [
      'Nelson 1, 2, 3, 5',
      nelson(1, 2, 3, 5),
      [
        [0, 117.9],
        [1, 12.86],
        [2, 3.55],
        [3, 1.68],
      ],
    ],
    [
      'Nelson 1-8',
      [...ruleSets.nelson],
      [
        [0, 73.6],
        [1, 9.62],
        [2, 3.14],
        [3, 1.67],
      ],
    ],
    [
      'AIAG 8',
      [...ruleSets.aiag],
      [
        [0, 54.2],
        [1, 8.55],
        [2, 3.12],
        [3, 1.67],
      ],
    ],
    ['Nelson 1, 2, 3, 4', nelson(1, 2, 3, 4), [[0, 119]]],
    ['trend of 6', [{ kind: 'trend', trendPoints: 6 }], [[0, 421]]],
    ['alternating 14', [{ kind: 'alternating' }], [[0, 599]]],
  ])('%s', (_name, rules, rows) => {
    const random = createRandom(7);
    for (const [shift, printed] of rows) {
      const chart = simulatedRules(rules, () => shift + random.normal());
      within(simulate(chart, 6000), printed);
    }
  });

  it('a trend of 7 points, alone and among the Nelson rules', () => {
    const random = createRandom(3);
    const alone = simulatedRules([{ kind: 'trend', trendPoints: 7 }], random.normal);
    within(simulate(alone, 1500), 2874);
    const rules = ruleSets.nelson.map((rule) =>
      rule.kind === 'trend' ? { kind: 'trend', trendPoints: 7 } : rule,
    );
    within(simulate(simulatedRules(rules, random.normal), 6000), 84.4);
  });

  it('agrees with the exact chain, and sees a chart that never signals', () => {
    const random = createRandom(5);
    const rules = [...ruleSets['western-electric']];
    const own = simulate(
      simulatedRules(rules, () => 0.5 + random.normal()),
      6000,
    );
    expect(own.arl).toBeGreaterThan(20);
    const exact = arlOfRules(
      rules.map((rule) => ({ conditions: conditionsOf(rule) })),
      [0.5],
    )?.[0];
    expect(Math.abs(own.arl - (exact ?? 0))).toBeLessThan(3 * own.standardError);
    const never = simulateRunLength({ restart() {}, signals: () => false }, 3, 50);
    expect(never).toEqual({ arl: 50, standardError: 0, runs: 3, cut: 3 });
  });
});

/** Written down here once more, so that the exact chain is not asked with the live rules. */
function conditionsOf(rule: RuleSettings) {
  const { k = 1, m = 1, sigmas = 0, points = 1 } = rule as Record<string, number>;
  const both = (up: string, down: string, terms: { sigmas: number; k: number; m: number }) =>
    [up, down].map((test) => ({ terms: [{ test, ...terms }] }));
  if (rule.kind === 'beyond-limits') {
    return both('beyond-upper', 'beyond-lower', { sigmas: 0, k: 1, m: 1 });
  }
  if (rule.kind === 'same-side') return both('above', 'below', { sigmas: 0, k: points, m: points });
  return both('above', 'below', { sigmas, k, m });
}

describe('charts without an exact method', () => {
  it.each([
    [2, 392],
    [3, 434],
    [4, 481],
    [5, 528],
  ])('moving average of %i', (window, printed) => {
    const random = createRandom(window);
    const last = new Float64Array(window);
    let taken = 0;
    let sum = 0;
    const result = simulate(
      {
        restart() {
          taken = 0;
          sum = 0;
          last.fill(0);
        },
        signals() {
          const place = taken % window;
          const value = random.normal();
          sum += value - (last[place] as number);
          last[place] = value;
          taken += 1;
          return Math.abs(sum) > 3 * Math.sqrt(Math.min(taken, window));
        },
      },
      6000,
    );
    within(result, printed);
    // The rule just simulated is the chart of the engine.
    const values = [0.5, -0.2, 3.5, 0.9, 1.4, 0.3];
    const chart = movingAverageChart(
      values.map((value) => [value]),
      0,
      1,
      window,
    );
    const byHand = values.map((_, i) => {
      const used = values.slice(Math.max(0, i - window + 1), i + 1);
      return Math.abs(used.reduce((a, b) => a + b, 0)) > 3 * Math.sqrt(used.length);
    });
    expect(chart.beyond).toEqual(byHand.flatMap((beyond, i) => (beyond ? [i] : [])));
  });

  it('MEWMA: the integral equation against a simulation', () => {
    const random = createRandom(11);
    let x = 0;
    let y = 0;
    const scale = (2 - 0.2) / 0.2;
    const result = simulate(
      {
        restart() {
          x = 0;
          y = 0;
        },
        signals() {
          x = 0.8 * x + 0.2 * (0.5 + random.normal());
          y = 0.8 * y + 0.2 * random.normal();
          return scale * (x * x + y * y) > 9.65;
        },
      },
      20_000,
    );
    const exact = arlMewmaShifted(0.2, 9.65, 2, 0.5) ?? 0;
    expect(Math.abs(result.arl - exact)).toBeLessThan(3 * result.standardError);
    // The table prints 34.9, more than three standard errors away from both.
    expect(result.standardError).toBeLessThan(0.3);
  });
});

describe('what makes charts ring too often', () => {
  it.each([
    [-0.3, 1608, 405],
    [0, 371, 91.5],
    [0.1, 226, 56.9],
    [0.25, 108, 30.1],
    [0.5, 34.2, 13.2],
    [0.7, 15.0, 7.8],
    [0.9, 6.4, 4.3],
    [0.95, 4.5, 3.2],
    [0.99, 2.5, 2.0],
  ])('neighbours alike (AR(1), %f), limits from moving ranges', (phi, one, four) => {
    const runs = phi < 0 ? 2500 : 6000;
    const sigma = Math.sqrt(1 - phi);
    within(simulate(simulatedRules(ruleSets.shewhart, ...series(phi, sigma)), runs), one);
    within(
      simulate(simulatedRules(ruleSets['western-electric'], ...series(phi, sigma)), runs),
      four,
    );
  });

  it.each([
    [0.5, 397, 27.0],
    [0.9, 827, 11.8],
    [0.99, 5172, 8.2],
  ])(
    'neighbours alike (%f), limits from the true sigma: runs rules stay wrong',
    (phi, one, four) => {
      within(simulate(simulatedRules(ruleSets.shewhart, ...series(phi, 1)), 1500), one);
      within(simulate(simulatedRules(ruleSets['western-electric'], ...series(phi, 1)), 6000), four);
    },
  );

  it.each([
    [20, 0.31],
    [25, 0.27],
    [50, 0.15],
    [100, 0.055],
  ])('limits from %i subgroups of 5: chance that the run length is below 200', (m, share) => {
    const random = createRandom(m);
    const below = shareOf(4000, () => {
      let ranges = 0;
      for (let i = 0; i < m; i += 1) {
        let low = Infinity;
        let high = -Infinity;
        for (let j = 0; j < 5; j += 1) {
          const value = random.normal();
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
        ranges += high - low;
      }
      const center = random.normal() / Math.sqrt(m);
      return runLengthWith(center, ranges / m / d2(5)) < 200;
    });
    expect(Math.abs(below - share)).toBeLessThan(
      3 * Math.sqrt((share * (1 - share)) / 4000) + 0.005,
    );
  });

  it.each([
    [25, 0.415],
    [50, 0.34],
    [100, 0.26],
    [300, 0.115],
    [1000, 0.01],
  ])('limits from %i individuals', (m, share) => {
    const random = createRandom(m);
    const below = shareOf(3000, () => {
      let last = random.normal();
      let sum = last;
      let ranges = 0;
      for (let i = 1; i < m; i += 1) {
        const value = random.normal();
        ranges += Math.abs(value - last);
        sum += value;
        last = value;
      }
      return runLengthWith(sum / m, ranges / (m - 1) / d2(2)) < 200;
    });
    expect(Math.abs(below - share)).toBeLessThan(
      3 * Math.sqrt((share * (1 - share)) / 3000) + 0.005,
    );
  });
});

/** Points of a stationary AR(1) series in its own standard deviation. */
function series(phi: number, sigma: number): [() => number, number, () => void] {
  const random = createRandom(Math.round(1000 * (phi + 1)));
  const innovation = Math.sqrt(1 - phi * phi);
  let x = 0;
  const next = () => {
    const now = x;
    x = phi * x + innovation * random.normal();
    return now;
  };
  const start = () => {
    x = random.normal();
  };
  return [next, sigma, start];
}

function runLengthWith(center: number, sigma: number): number {
  return 1 / (1 - normalMean(0).between(center - 3 * sigma, center + 3 * sigma));
}

function shareOf(count: number, holds: () => boolean): number {
  let hits = 0;
  for (let i = 0; i < count; i += 1) if (holds()) hits += 1;
  return hits / count;
}
