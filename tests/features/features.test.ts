import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sayUnit } from '../../agent/features/feature.ts';
import { features } from '../../agent/features/index.ts';

type Sample = readonly [seconds: number, value: number];

/** A feature of these samples; its memory goes through JSON after every one, as in a snapshot. */
function of(kind: string, samples: readonly Sample[], seconds = 100, more = {}): number {
  const made = features.create(features.schema.parse({ kind, cycle: 'c', ...more }), {});
  let state = made.start();
  for (const [s, x] of samples) {
    made.add(state, s, x);
    state = JSON.parse(JSON.stringify(state));
  }
  return made.value(state, seconds);
}

/** Uneven times, 1 ms apart at least, and values with an offset now and then. */
const sampled = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.double(bounds(-500, 500))), {
      minLength: 2,
      maxLength: 200,
    }),
    fc.constantFrom(0, 1e6),
  )
  .map(([list, offset]): Sample[] => {
    let ms = 0;
    return list.map(([gap, x]) => {
      ms += gap;
      return [ms / 1000, x + offset] as const;
    });
  });

function bounds(min: number, max: number) {
  return { min, max, noNaN: true };
}

const close = (a: number, b: number, scale: number) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, scale));

describe('against the formulas, on uneven samples', () => {
  it('area: the trapezoid rule; mean: the area over the time', () => {
    fc.assert(
      fc.property(sampled, (s) => {
        let area = 0;
        for (let i = 1; i < s.length; i += 1) {
          const [[a, x], [b, y]] = [s[i - 1] as Sample, s[i] as Sample];
          area += ((x + y) / 2) * (b - a);
        }
        const span = (s.at(-1)?.[0] ?? 0) - (s[0]?.[0] ?? 0);
        close(of('area', s), area, 1e6 * span);
        close(of('mean', s), area / span, 1e6);
      }),
    );
  });

  it('extremes, their distance and their times', () => {
    fc.assert(
      fc.property(sampled, (s) => {
        const values = s.map(([, x]) => x);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        expect([of('min', s), of('max', s)]).toEqual([low, high]);
        expect(of('range', s)).toBe(high - low);
        expect(of('time-to-peak', s)).toBe(s.find(([, x]) => x === high)?.[0]);
        expect(of('time-to-peak', s, 9, { of: 'min' })).toBe(s.find(([, x]) => x === low)?.[0]);
      }),
    );
  });

  it('slope: least squares', () => {
    fc.assert(
      fc.property(sampled, (s) => {
        const n = s.length;
        const ms = s.reduce((sum, [t]) => sum + t, 0) / n;
        const mx = s.reduce((sum, [, x]) => sum + x, 0) / n;
        const ss = s.reduce((sum, [t]) => sum + (t - ms) ** 2, 0);
        const sx = s.reduce((sum, [t, x]) => sum + (t - ms) * (x - mx), 0);
        close(of('slope', s), sx / ss, 1e6 / Math.sqrt(ss / n));
      }),
    );
  });

  it('settling time: the first sample after the last one outside the band', () => {
    const target = fc.constantFrom<'final' | number>('final', 'final', 0, 1e6);
    fc.assert(
      fc.property(sampled, fc.double(bounds(0.1, 400)), target, (s, band, goal) => {
        const to = goal === 'final' ? (s.at(-1)?.[1] ?? 0) : goal;
        const out = s.findLastIndex(([, x]) => Math.abs(x - to) > band);
        const wanted = out < 0 ? 0 : (s[out + 1]?.[0] ?? Number.NaN);
        expect(of('settling-time', s, 9, { band, target: goal })).toBe(wanted);
      }),
    );
  });
});

describe('worked by hand', () => {
  const ramp: Sample[] = [
    [0, 0],
    [1, 10],
    [3, 10],
    [4, 0],
  ];
  it('a trapezoid of 30 bar·s in 4 s', () => {
    expect(of('area', ramp)).toBe(30);
    expect(of('mean', ramp)).toBe(7.5);
    expect(
      of('slope', [
        [0, 1],
        [1, 3],
        [4, 9],
      ]),
    ).toBeCloseTo(2, 14);
    expect(of('duration', ramp, 4.2)).toBe(4.2);
  });

  it('the step of a system of first order settles to ± 5 % after three time constants', () => {
    const step = Array.from({ length: 1001 }, (_, i): Sample => [i / 100, 1 - Math.exp(-i / 100)]);
    expect(of('settling-time', step, 10, { band: 0.05, target: 1 })).toBe(3);
  });

  it('what is not defined is no number', () => {
    for (const kind of features.names) {
      const more = kind === 'settling-time' ? { band: 1 } : {};
      if (kind !== 'duration') expect(of(kind, [], 1, more)).toBeNaN();
    }
    expect(of('area', [[1, 5]])).toBeNaN();
    expect(of('slope', [[1, 5]])).toBeNaN();
    expect(of('mean', [[1, 5]])).toBe(5);
    expect(of('settling-time', ramp, 4, { band: 1, target: 10 })).toBeNaN();
  });

  it('of a long fall it keeps a bounded number of samples, and is late by 1/128 of it at most', () => {
    const made = features.create(
      { kind: 'settling-time', cycle: 'c', band: 0.1, target: 'final' },
      {},
    );
    const state = made.start() as { high: unknown[]; low: unknown[] };
    const n = 100_000;
    for (let i = 0; i <= n; i += 1) made.add(state, i / 100, 1 - i / n);
    expect(state.high.length + state.low.length).toBeLessThan(1100);
    expect(made.value(state, n / 100)).toBeGreaterThanOrEqual(900);
    expect(made.value(state, n / 100)).toBeLessThan(908);
  });
});

it.each([
  ['seconds', 's', 'ms'],
  ['signal / s', 'bar/s', 'bar'],
  ['signal × s', 'bar·s', 'bars'],
] as const)('a number in %s has the unit %s, not %s', (is, right, wrong) => {
  expect(sayUnit(is, right)).toBe('');
  expect(sayUnit(is, wrong)).not.toBe('');
  expect(sayUnit('signal', wrong)).toBe('');
});
