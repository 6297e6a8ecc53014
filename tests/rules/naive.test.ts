import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segments, windowRules } from '../../agent/evidence/validation/adapters/rules.ts';
import { completing, liveRules } from '../../agent/evidence/validation/live-rules.ts';

// Values on a coarse grid, so that ties, zone lines and the centre are hit all the time.
const value = fc.integer({ min: -28, max: 28 }).map((i) => 10 + i / 8);
const series = fc.array(fc.option(value, { freq: 20, nil: null }), { maxLength: 120 });
const calm = fc.array(
  fc.integer({ min: -7, max: 9 }).map((i) => 10 + i / 8),
  { maxLength: 120 },
);

describe('rules as bits equal rules over arrays', () => {
  const same = (points: (number | null)[], more: Record<string, unknown>) => {
    const input = { points, center: 10, sigma: 1, ...more };
    const stretches = segments(input);
    const live = liveRules(input);
    for (const [key, rule] of Object.entries(windowRules)) {
      const naive = stretches.flatMap((stretch) =>
        stretch.flatMap((point, i) => {
          const window = stretch.slice(Math.max(0, i - rule.length + 1), i + 1);
          const enough = rule.shortWindows || window.length === rule.length;
          return enough && rule.members(window) !== null ? [point.index] : [];
        }),
      );
      expect(completing(live, key), key).toEqual(naive);
    }
  };

  it('on wild series with missing points', () => {
    fc.assert(
      fc.property(series, fc.constantFrom('break', 'skip'), (points, nullPolicy) =>
        same(points, { nullPolicy }),
      ),
      { numRuns: 300 },
    );
  });

  it('on calm series, where long runs are common', () => {
    fc.assert(
      fc.property(calm, (points) => same(points, {})),
      { numRuns: 300 },
    );
  });

  it('with sigmas that change from point to point', () => {
    const varied = fc.array(fc.tuple(value, fc.constantFrom(0.25, 0.5, 1, 2)), { maxLength: 80 });
    fc.assert(
      fc.property(varied, (pairs) =>
        same(
          pairs.map(([x]) => x),
          { sigma: pairs.map(([, sigma]) => sigma) },
        ),
      ),
      { numRuns: 200 },
    );
  });
});
