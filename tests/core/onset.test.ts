import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toleranceOf } from '../../agent/charts/lines.ts';
import { carryOver } from '../../agent/core/carry.ts';
import {
  type CharacteristicState,
  type SavedState,
  savedState,
  startCharacteristics,
  stepReading,
} from '../../agent/core/characteristic.ts';
import type { Signal } from '../../agent/model.ts';
import { changeFromKnown } from '../../agent/spc/changepoint.ts';
import { given, individuals, normals, type Rig, repeat, rig, START_MS } from '../support/spc.ts';

const located = (r: Rig) => r.signals.filter((s) => s.statistic === 'location');

describe('the onset in a signal', () => {
  it('is the most likely change, as the formula finds it over the same points', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 7 }),
        (seed, at) => {
          const values = normals(16, seed).map((x, i) => 10 + x + (i >= at ? 1.5 : 0));
          const r = rig({ subgroup: individuals, limits: given, rules: 'nelson' }).feed(...values);
          for (const s of r.signals.filter((one) => one.statistic === 'location')) {
            const tau = changeFromKnown(values.slice(0, s.pointIndex), 10)?.tau ?? -1;
            expect(s.onsetIndex).toBe(tau + 1);
            expect(s.onsetMs).toBe(START_MS + 1000 * (tau + 1));
          }
        },
      ),
    );
  });

  it('of a CUSUM is where its sum left zero', () => {
    const charts = [{ kind: 'cusum', fir: false, h: 4 }];
    const r = rig({ subgroup: individuals, charts, limits: given });
    r.feed(10, 9.8, 10.1, ...repeat(11.5, 5));
    expect(r.signals[0]).toMatchObject({ pointIndex: 8, onsetIndex: 4, onsetMs: START_MS + 4000 });
  });

  it('does not look across a gap', () => {
    const r = rig({ subgroup: individuals, limits: given, rules: 'nelson' }).feed(...repeat(11, 5));
    r.give(14, { pauseMs: 100_000_000 });
    expect(r.signals.at(-1)).toMatchObject({ pointIndex: 6, onsetIndex: 6 });
  });

  it('is never older than what is remembered', () => {
    const r = rig({ subgroup: individuals, limits: given, rules: 'nelson' }).feed(
      ...repeat(10.5, 60),
    );
    expect(located(r).at(-1)).toMatchObject({ pointIndex: 60, onsetIndex: 45 });
  });

  it('does not look behind new settings', () => {
    const r = rig({ subgroup: individuals, limits: given, rules: 'nelson' });
    r.feed(...normals(50).map((x) => 10 + x));
    const saved = JSON.parse(JSON.stringify(savedState(r.plan, r.state))) as SavedState;
    r.state = carryOver(r.plan, saved, r.plan.fingerprint);
    r.signals.length = 0;
    r.feed(10, 15);
    expect(located(r)).toMatchObject([{ pointIndex: 52, onsetIndex: 52, onsetMs: r.nowMs }]);
  });

  it('is its own where several characteristics are stepped in turn', () => {
    const alone = [1, 2, 3].map((seed) => ({
      values: normals(60, seed).map((x, i) => 10 + x + (i > 20 ? seed / 2 : 0)),
      r: rig({ subgroup: individuals, limits: given, rules: 'nelson' }),
    }));
    for (const { values, r } of alone) r.feed(...values);
    const states = startCharacteristics(alone.map(({ r }) => r.plan));
    const told = alone.map((): Signal[] => []);
    for (let i = 0; i < 60; i += 1) {
      alone.forEach(({ values, r }, c) => {
        const out = { ...r.out, point() {}, signal: (s: Signal) => told[c]?.push({ ...s }) };
        const [state, timeMs] = [states[c] as CharacteristicState, START_MS + 1000 * (i + 1)];
        stepReading(r.plan, state, values[i] as number, 0, timeMs, Number.NaN, out);
      });
    }
    alone.forEach(({ r }, c) => {
      expect(r.signals.length).toBeGreaterThan(0);
      expect(told[c]).toEqual(r.signals);
      expect(savedState(r.plan, states[c] as CharacteristicState)).toEqual(
        savedState(r.plan, r.state),
      );
    });
  });
});

describe('differences that count (E2)', () => {
  const grid = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 5, maxLength: 40 });
  it.each([1e9, -1e9, 0])('are judged at an offset of %f as without it', (offset) => {
    fc.assert(
      fc.property(grid, (steps) => {
        // Steps of 2^-13 (0.00012) are exact in doubles at 1e9, with a sigma of 2^-10 (0.00098).
        const fed = (center: number) =>
          rig({
            subgroup: individuals,
            rules: 'nelson',
            limits: { kind: 'fixed', center, sigma: 2 ** -10 },
          })
            .feed(...steps.map((step) => center + step * 2 ** -13))
            .signals.map((s) => [s.pointIndex, s.rule, s.side, s.statistic]);
        expect(fed(offset)).toEqual(fed(0));
      }),
    );
  });

  it('are nothing in constant data, wherever it lies', () => {
    for (const center of [0, 1e-9, 1, 1e9, -1e12]) {
      const limits = { kind: 'fixed', center, sigma: Math.max(1e-9, Math.abs(center) * 1e-12) };
      const r = rig({ subgroup: individuals, limits, rules: 'western-electric' });
      expect(located(r.feed(...repeat(center, 30)))).toEqual([]);
    }
  });

  it('are a small part of a sigma, and no less than doubles can tell apart', () => {
    expect(toleranceOf(1e9, 1e-3)).toBeLessThan(1e-6);
    expect(toleranceOf(1e9, 1e-3)).toBeGreaterThan(2e-7);
    expect(toleranceOf(10, 1)).toBeCloseTo(1e-11, 13);
  });
});
