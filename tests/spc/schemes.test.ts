import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betweenWithin } from '../../agent/spc/between-within.ts';
import { effectiveSize, isAutocorrelated, ljungBox } from '../../agent/spc/dependence.ts';
import { binomialLimits, needsExactLimits, poissonLimits } from '../../agent/spc/exact-limits.ts';
import { groupPoints, groupRunLength } from '../../agent/spc/group-chart.ts';
import { Q_START, qLearn, qScore } from '../../agent/spc/self-starting.ts';
import * as tolerance from '../../agent/spc/tolerance-charts.ts';
import { zoneScores } from '../../agent/spc/zone-chart.ts';

/** A small fixed generator: the same "random" numbers everywhere (Park & Miller). */
function uniforms(count: number, seed = 20_260): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

describe('Q chart', () => {
  it('scores the third value by Student t with one degree of freedom', () => {
    // Values 1, 2, then 5: t = sqrt(2/3) (5 - 1.5)/0.70711 = 4.0415, P = 0.9228, z = 1.4242.
    const state = qLearn(qLearn(Q_START, 1), 2);
    expect(qScore(state, 5)).toBeCloseTo(1.4242, 3);
    expect(qScore(state, 1.5)).toBe(0);
  });

  it('has no score before it can have one', () => {
    expect(qScore(Q_START, 3)).toBeNull();
    expect(qScore(qLearn(Q_START, 3), 3)).toBeNull();
    expect(qScore(qLearn(qLearn(Q_START, 3), 3), 4)).toBeNull();
  });

  it('does not depend on unit or origin', () => {
    const whole = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(fc.array(whole, { minLength: 4, maxLength: 30 }), (values) => {
        const last = (all: number[]) =>
          qScore(all.slice(0, -1).reduce(qLearn, Q_START), all.at(-1) ?? 0);
        const own = last(values);
        const moved = last(values.map((x) => 8 * x + 1000));
        if (own === null) expect(moved).toBeNull();
        else expect(moved).toBeCloseTo(own, 6);
      }),
    );
  });
});

describe('independence', () => {
  it('is doubted for a random walk and not for noise', () => {
    const noise = uniforms(400).map((u) => u - 0.5);
    let level = 0;
    const walk = noise.map((step) => {
      level += step;
      return level;
    });
    expect(isAutocorrelated(walk)).toBe(true);
    expect(isAutocorrelated(noise)).toBe(false);
    expect(ljungBox(walk)?.p).toBeLessThan(1e-6);
    expect(ljungBox(noise)?.p).toBeGreaterThan(0.01);
    expect(ljungBox([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])).toBeNull();
    expect(isAutocorrelated([2, 2])).toBeNull();
  });

  it('10 000 readings with r1 = 0.99 are worth about 50', () => {
    expect(effectiveSize(10_000, 0.99)).toBeCloseTo(50.25, 2);
    expect(effectiveSize(100, -0.5)).toBe(100);
    expect(effectiveSize(100, 1)).toBe(1);
    expect(effectiveSize(0, 0)).toBe(0);
  });
});

describe('limits of rare counts', () => {
  it('are quantiles of the distribution', () => {
    // Poisson mean 2: P(X <= 7) = 0.99890, P(X <= 6) = 0.99547.
    expect(poissonLimits(2)).toEqual({ center: 2, lcl: 0, ucl: 7 });
    expect(binomialLimits(10, 0.5).lcl).toBe(1);
    expect(binomialLimits(10, 0.5).ucl).toBe(9);
    expect(needsExactLimits(8.9)).toBe(true);
    expect(needsExactLimits(9)).toBe(false);
  });
});

describe('charts drawn from the tolerance', () => {
  it('modified and acceptance limits', () => {
    const modified = tolerance.modifiedLimits(0, 20, 1, 4);
    expect(modified?.ucl).toBeCloseTo(20 - (2.999977 - 1.5), 5);
    expect(modified?.lcl).toBeCloseTo(2.999977 - 1.5, 5);
    const acceptance = tolerance.acceptanceLimits(0, 20, 1, 4, 0.01, 0.1);
    expect(acceptance?.ucl).toBeCloseTo(20 - (2.326348 + 1.281552 / 2), 5);
    expect(tolerance.modifiedLimits(0, 2, 1, 4)).toBeNull();
    expect(tolerance.modifiedLimits(0, 20, 0, 4)).toBeNull();
  });

  it('pre-control lines stand a quarter inside', () => {
    expect(tolerance.preControlLines(8, 12)).toEqual({ lower: 9, upper: 11 });
    expect(tolerance.preControlLines(8, 8)).toBeNull();
  });

  it('prediction limits shrink to three sigma as the baseline grows', () => {
    const width = (m: number) => (tolerance.predictionLimits(0, 1, m)?.ucl ?? 0) as number;
    expect(width(10)).toBeGreaterThan(width(20));
    expect(width(1e6)).toBeCloseTo(3, 3);
    expect(tolerance.predictionLimits(0, 1, 1)).toBeNull();
  });
});

describe('group, zone and three-way charts', () => {
  it('the average run lengths of the group rule', () => {
    expect(groupRunLength(2, 9)).toBe(511);
    expect(groupRunLength(3, 6)).toBe(364);
    expect(groupRunLength(6, 4)).toBe(259);
    expect(groupRunLength(10, 4)).toBe(1111);
    expect(groupRunLength(1, 4)).toBeNull();
  });

  it('counts how long one stream has been extreme', () => {
    const points = groupPoints([
      [1, 5, 3],
      [2, 5, 3],
      [4, 4, 3],
      [5, 4, 3],
    ]);
    expect(points.map((p) => p.maxStream)).toEqual([1, 1, 1, 0]);
    expect(points.map((p) => p.maxRun)).toEqual([1, 2, 3, 1]);
    expect(points.map((p) => p.minRun)).toEqual([1, 2, 1, 2]);
  });

  it('zone scores add up on one side and start anew on the other', () => {
    const scores = zoneScores([1.5, 2.5, -1.5, 3.5, 0.5, 2.1, 2.1]);
    expect(scores.map((p) => p.score)).toEqual([2, 6, 2, 8, 0, 4, 8]);
    expect(scores.map((p) => p.signal)).toEqual([false, false, false, true, false, false, true]);
  });

  it('between-subgroup variation is what the within sigma does not explain', () => {
    const still = Array.from({ length: 10 }, () => [0, 1, 2]);
    expect(betweenWithin(still)?.between).toBe(0);
    const jumping = still.map((group, i) => group.map((x) => x + (i % 2) * 100));
    const parts = betweenWithin(jumping);
    expect(parts?.ofMeans).toBeCloseTo(100 / 1.128379, 3);
    expect(parts?.total).toBeGreaterThan(parts?.within ?? 0);
    expect(betweenWithin([[1, 2], [3]])).toBeNull();
  });
});
