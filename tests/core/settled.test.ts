import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CharacteristicSettings } from '../../agent/core/characteristic.ts';
import {
  approve,
  type CharacteristicState,
  planCharacteristic,
  resetRun,
  restoredState,
  type SavedState,
  savedState,
  startCharacteristic,
  stepReading,
  toolChanged,
} from '../../agent/core/characteristic.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import { given, normals, START_MS, settingsOf } from '../support/spc.ts';

const spread = fc.constantFrom<Record<string, unknown>>(
  {},
  { sigmas: 2.5 },
  { spreadRules: ['beyond-limits'] },
  { spreadRules: ['beyond-limits', 'same-side', 'trend', 'k-of-m'] },
);
const behind = fc.constantFrom<Record<string, unknown>[]>(
  [{ kind: 'ewma' }, { kind: 'cusum' }],
  [{ kind: 'cusum' }, { kind: 'ewma', lambda: 0.1, asymptotic: true }],
  [{ kind: 'ewma', width: 2.7 }],
  [{ kind: 'cusum', k: 0.25, h: 8, fir: false }],
  [],
);
const rules = fc.constantFrom<unknown>(
  ...['nelson', 'aiag', 'western-electric', 'juran', 'iso-7870-2', 'shewhart', 'hughes', 'vda'],
  [{ kind: 'k-of-m', k: 2, m: 3, sigmas: 2 }, { kind: 'beyond-limits' }],
  [
    { kind: 'same-side', points: 4 },
    { kind: 'within', points: 5 },
  ],
);
const limits = fc.constantFrom<unknown>(
  given,
  given,
  { kind: 'baseline', subgroups: 8 },
  { kind: 'baseline', subgroups: 8, requireApproval: true },
);
const plan = fc
  .record({
    size: fc.constantFrom(1, 1, 2, 5),
    sd: fc.boolean(),
    own: spread,
    behind,
    rules,
    limits,
  })
  .chain((one) =>
    fc.constantFrom(0, 0, 3).map((more) =>
      settingsOf({
        subgroup: { kind: 'by-count', size: one.size, ...(more ? { every: one.size + more } : {}) },
        charts: [
          { kind: one.size === 1 ? 'imr' : one.sd ? 'xbar-s' : 'xbar-r', ...one.own },
          ...one.behind,
        ],
        ...{ rules: one.rules, limits: one.limits, lsl: 7.5, usl: 12.5, maxGap: '1h' },
      }),
    ),
  );

type Step =
  | { do: 'reading'; quality: number; pauseMs: number; value: number | null }
  | { do: 'restart' | 'reset' | 'tool' | 'approve' | 'leave' };

const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e99, 1e101, 7, 10, 14);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      do: fc.constant('reading' as const),
      quality: fc.oneof(
        { weight: 30, arbitrary: fc.constant(0) },
        fc.constantFrom(1, 2, 3, 16, 22),
      ),
      pauseMs: fc.oneof(
        { weight: 40, arbitrary: fc.constant(1000) },
        fc.constantFrom(0, -500, 4_000_000, -4_000_000),
      ),
      value: fc.oneof({ weight: 40, arbitrary: fc.constant(null) }, odd),
    }),
  },
  fc.record({ do: fc.constantFrom('restart', 'reset', 'tool', 'approve', 'leave') }),
);

/** A characteristic fed with steps; `general` never takes the short way. */
function run(
  settings: CharacteristicSettings,
  steps: readonly Step[],
  noise: number[],
  general: boolean,
) {
  const made = planCharacteristic('d', settings);
  const layout = general ? { ...made.layout, settled: null } : made.layout;
  const own = { ...made, ...layout, layout };
  const told: unknown[] = [];
  const out: Outputs = {
    point: (point) => told.push({ ...point }),
    signal: (signal) => told.push({ ...signal }),
    limits: (value) => told.push({ ...value }),
    alert() {},
    gap() {},
    reading() {},
  };
  let state: CharacteristicState = startCharacteristic(own);
  let nowMs = START_MS;
  let short = 0;
  steps.forEach((one, i) => {
    if (one.do === 'reading') {
      nowMs += one.pauseMs;
      // Whole tenths now and then: ties, and values on the lines.
      const normal = 10 + (noise[i] ?? 0);
      const value = one.value ?? (i % 3 === 0 ? Math.round(normal * 2) / 2 : normal);
      if (state.settled !== null) short += 1;
      told.push(stepReading(own, state, value, one.quality, nowMs, i % 7 ? i : Number.NaN, out));
    } else if (one.do === 'restart') {
      state = restoredState(own, JSON.parse(JSON.stringify(savedState(own, state))) as SavedState);
    } else if (one.do === 'reset') resetRun(state);
    else if (one.do === 'tool') toolChanged(own, state);
    else if (one.do === 'approve')
      approve(own, state, state.limits?.version ?? 0, 'me', nowMs, out);
    // The other one goes on as it was: the ways may change at any reading.
    else if (!general) state.settled = null;
  });
  return { told, saved: savedState(own, state), short };
}

describe('a settled characteristic', () => {
  it('is stepped as all others are, bit for bit, whatever happens', () => {
    let short = 0;
    fc.assert(
      fc.property(
        plan,
        fc.array(step, { minLength: 60, maxLength: 300 }),
        fc.nat(),
        (s, list, seed) => {
          const noise = normals(list.length, seed);
          const settled = run(s, list, noise, false);
          const general = run(s, list, noise, true);
          short += settled.short;
          expect(general.short).toBe(0);
          expect(settled.told).toEqual(general.told);
          expect(settled.saved).toEqual(general.saved);
        },
      ),
      { numRuns: 150 },
    );
    expect(short).toBeGreaterThan(1000);
  });

  it('stays settled over a long quiet run, and says the same', () => {
    for (const size of [1, 5]) {
      const settings = settingsOf({
        subgroup: { kind: 'by-count', size },
        charts: [{ kind: size === 1 ? 'imr' : 'xbar-r' }, { kind: 'ewma' }, { kind: 'cusum' }],
        ...{ rules: 'nelson', limits: given },
      });
      const steps = Array.from({ length: 5000 }, (): Step => {
        return { do: 'reading', quality: 0, pauseMs: 1000, value: null };
      });
      const noise = normals(steps.length, 7);
      const settled = run(settings, steps, noise, false);
      expect(settled.short).toBeGreaterThan(4900);
      expect(settled.told).toEqual(run(settings, steps, noise, true).told);
    }
  });
});

describe('what keeps a characteristic from being settled', () => {
  const three = settingsOf({
    subgroup: { kind: 'by-count', size: 1 },
    charts: [{ kind: 'imr' }, { kind: 'ewma' }, { kind: 'cusum' }],
    ...{ rules: 'nelson', limits: given },
  });
  const reading: Step = { do: 'reading', quality: 0, pauseMs: 1000, value: null };

  it.each<[string, Step[]]>([
    ['a reset before the first reading', [{ do: 'reset' }, reading, reading, reading, reading]],
    ['a reset between readings', [reading, reading, { do: 'reset' }, reading, reading]],
    ['a restart', [reading, reading, { do: 'restart' }, reading, reading]],
    ['a gap', [reading, reading, { ...reading, pauseMs: 4_000_000 }, reading, reading]],
  ])('%s', (_, steps) => {
    const noise = normals(steps.length, 3);
    const settled = run(three, steps, noise, false);
    const general = run(three, steps, noise, true);
    expect(settled.told).toEqual(general.told);
    expect(settled.saved).toEqual(general.saved);
  });
});

describe('counters and histories in a snapshot', () => {
  it('are those of any form: a run that was saved goes on', () => {
    const settings = settingsOf({
      subgroup: { kind: 'by-count', size: 1 },
      charts: [{ kind: 'imr' }],
      ...{ rules: 'nelson', limits: given },
    });
    const made = planCharacteristic('d', settings);
    const state = startCharacteristic(made);
    const out: Outputs = {
      ...{ point() {}, signal() {}, limits() {}, alert() {}, gap() {}, reading() {} },
    };
    [12.5, 9, 12.5, 11.5].forEach((value, i) => {
      stepReading(made, state, value, 0, START_MS + i, Number.NaN, out);
    });
    const { words } = savedState(made, state);
    // Four planes of each statistic, and behind the first the four counts, newest point lowest:
    // above and below 2 sigma, above and below 1 sigma.
    expect(words.slice(4, 8)).toEqual([0b1010, 0, 0b1011, 0]);
    expect(words).toHaveLength(12);
  });
});
