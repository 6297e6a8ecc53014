import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch } from '../../../agent/batch.ts';
import { QUALITY } from '../../../agent/model.ts';
import { type CycleRig, cycleRig, silent, type Tagged } from './rig.ts';

const WHILE = { trigger: { kind: 'while', tag: 'on' }, maxGap: '100ms' };
const ALL = {
  mean: { kind: 'mean' },
  top: { kind: 'max' },
  area: { kind: 'area' },
  slope: { kind: 'slope' },
  long: { kind: 'duration' },
  settled: { kind: 'settling-time', band: 0.5 },
};
/** Trigger and signal read together, every `stepMs`, as a PLC gives them. */
function poll(rig: CycleRig, fromMs: number, stepMs: number, values: [on: number, p: number][]) {
  values.forEach(([on, p], i) => {
    rig.take([
      [fromMs + i * stepMs, 'on', on],
      [fromMs + i * stepMs, 'p', p],
    ]);
  });
}
const shown = (rig: CycleRig) => Object.fromEntries(rig.made.map((m) => [m.id, m.value]));
const qualities = (rig: CycleRig) => [...new Set(rig.made.map((m) => m.quality))];

describe('features of a cycle', () => {
  it('a bit frames it: samples from its first to its last high reading', () => {
    const rig = cycleRig(ALL, WHILE);
    poll(rig, 0, 100, [
      [0, 99],
      [1, 2],
      [1, 4],
      [1, 6],
      [1, 6],
      [0, 99],
      [0, 99],
    ]);
    expect(shown(rig)).toEqual({
      ...{ mean: expect.closeTo(1.4 / 0.3, 12), top: 6, area: expect.closeTo(1.4, 12) },
      ...{ slope: expect.closeTo(14, 10), long: 0.4, settled: 0.2 },
    });
    expect(qualities(rig)).toEqual([QUALITY.GOOD]);
    expect(new Set(rig.made.map((m) => m.atMs))).toEqual(new Set([500]));
    expect(rig.kept).toEqual(rig.made.map((m) => [m.id, m.value]));
    expect(rig.reducer.figures).toMatchObject({ readings: 6, unknownCharacteristic: 0 });
  });

  it('trigger and signal in either order in one delivery, or in their own', () => {
    const values: [number, number][] = [
      [0, 9],
      [1, 1],
      [1, 2],
      [0, 9],
      [1, 5],
      [1, 7],
      [0, 9],
    ];
    const [together, turned, apart] = [
      cycleRig(ALL, WHILE),
      cycleRig(ALL, WHILE),
      cycleRig(ALL, WHILE),
    ];
    poll(together, 0, 50, values);
    values.forEach(([on, p], i) => {
      const both: Tagged[] = [
        [50 * i, 'p', p],
        [50 * i, 'on', on],
      ];
      turned.take(both);
      apart.take([both[1] as Tagged]);
      apart.take([both[0] as Tagged]);
    });
    expect(together.made).toHaveLength(12);
    expect(turned.made).toEqual(together.made);
    expect(apart.made).toEqual(together.made);
  });

  it('a counter, a message, and two messages frame cycles as well', () => {
    const tops = { top: { kind: 'max' } };
    const counter = cycleRig(tops, { trigger: { kind: 'change', tag: 'n' } });
    const message = cycleRig(tops, { trigger: { kind: 'message', tag: 'n' } });
    const between = cycleRig(tops, { trigger: { kind: 'between', start: 'a', end: 'b' } });
    for (const [i, n] of [7, 7, 8, 8, 9, 9, 2].entries()) {
      counter.take([
        [100 * i, 'n', n],
        [100 * i, 'p', i],
      ]);
      message.take([
        [100 * i, 'n', 1],
        [100 * i, 'p', i],
      ]);
    }
    expect(counter.made.map((m) => [m.atMs, m.value])).toEqual([
      [400, 3],
      [600, 5],
    ]);
    expect(message.made.map((m) => m.value)).toEqual([0, 1, 2, 3, 4, 5]);
    between.take([[0, 'p', 50]]);
    between.take([[10, 'a', Number.NaN, QUALITY.BAD_VALUE]]);
    between.take([[20, 'p', 5]]);
    between.take([[30, 'b', 0]]);
    between.take([[40, 'p', 70]]);
    between.take([[50, 'a', 0]]);
    between.take([[60, 'p', 6]]);
    between.take([[70, 'a', 0]]);
    between.take([[80, 'p', 8]]);
    between.take([[90, 'b', 0]]);
    expect(between.made.map((m) => m.quality)).toEqual([0, QUALITY.BAD_INCOMPLETE, 0]);
    expect(between.made.map((m) => m.value)).toEqual([5, Number.NaN, 8]);
  });

  it('a message may hold the whole curve of a cycle', () => {
    const rig = cycleRig(ALL, { trigger: { kind: 'array' } });
    const curve = (from: number, values: number[]) =>
      rig.take(values.map((x, i): Tagged => [from + 10 * i, 'p', x]));
    curve(0, [0, 4, 8, 8, 8]);
    curve(1000, [0, 2, 4]);
    expect(rig.made.filter((m) => m.id === 'top').map((m) => m.value)).toEqual([8, 4]);
    expect(rig.made.filter((m) => m.id === 'long').map((m) => m.value)).toEqual([0.04, 0.02]);
    expect(rig.made.find((m) => m.id === 'area')?.value).toBeCloseTo(0.24, 12);
    expect(qualities(rig)).toEqual([0]);
  });

  it('stands in a stream of its own, with the context of its samples', () => {
    const rig = cycleRig({ top: { kind: 'max' } }, WHILE);
    rig.take([[0, 'on', 0]], '{"serial":"A"}');
    rig.take(
      [
        [10, 'on', 1],
        [10, 'p', 1],
      ],
      '{"serial":"B"}',
    );
    rig.take([[20, 'p', 2]], '{"serial":"C"}');
    rig.take(
      [
        [30, 'on', 0],
        [30, 'p', 3],
      ],
      '{"serial":"D"}',
    );
    expect(rig.made).toEqual([
      { id: 'top', value: 2, quality: 0, atMs: 30, stream: 's/cycle:c', context: '{"serial":"C"}' },
    ]);
  });

  it('a signal may be charted value by value too, and several signals share a cycle', () => {
    const two = { top: { kind: 'max' }, hot: { kind: 'mean', tag: 'temp' } };
    const rig = cycleRig(two, WHILE, ['p']);
    for (const [i, on] of [0, 1, 1, 0].entries()) {
      rig.take([
        [50 * i, 'on', on],
        [50 * i, 'p', i],
        [50 * i, 'temp', 20],
      ]);
    }
    expect(shown(rig)).toEqual({ top: 2, hot: 20 });
    expect(rig.kept.filter(([id]) => id === 'p').map(([, x]) => x)).toEqual([0, 1, 2, 3]);
  });
});

describe('what is missing shows', () => {
  const top = { top: { kind: 'max' } };
  const samples = (gapMs: number, over: Record<string, unknown> = {}) => {
    const rig = cycleRig({ ...top, long: { kind: 'duration' } }, { ...WHILE, ...over });
    rig.take([[0, 'on', 0]]);
    rig.take([[100, 'on', 1]]);
    for (let t = 100; t <= 2100; t += 50) {
      if (t <= 1000 || t >= 1000 + gapMs) rig.take([[t, 'p', t]]);
    }
    rig.take([[2100, 'on', 0]]);
    return rig.made.map((m) => m.quality);
  };

  it('a short time without samples is uncertain, a long one bad; the duration is neither', () => {
    expect(samples(100)).toEqual([0, 0]);
    expect(samples(150)).toEqual([QUALITY.UNCERTAIN_GAPS, 0]);
    expect(samples(250)).toEqual([QUALITY.BAD_INCOMPLETE, 0]);
    expect(samples(250, { mostMissing: 0.5 })).toEqual([QUALITY.UNCERTAIN_GAPS, 0]);
  });

  it('at the beginning and at the end of the cycle too, and when there is none at all', () => {
    for (const at of [[], [1900], [200], [1000]]) {
      const rig = cycleRig(top, WHILE);
      rig.take([[0, 'on', 0]]);
      rig.take([[100, 'on', 1]]);
      for (const t of at) rig.take([[t, 'p', 1]]);
      rig.take([[2000, 'on', 0]]);
      expect(qualities(rig)).toEqual([QUALITY.BAD_INCOMPLETE]);
      expect(rig.made[0]?.value).toBeNaN();
    }
  });

  it('the reason of bad samples is the reason of the feature', () => {
    const run = (bad: number, n: number) => {
      const rig = cycleRig(top, WHILE);
      rig.take([[0, 'on', 0]]);
      rig.take([[50, 'on', 1]]);
      for (let i = 1; i <= 20; i += 1) {
        rig.take([i <= n ? [50 * i, 'p', Number.NaN, bad] : [50 * i, 'p', i]]);
      }
      rig.take([[1050, 'on', 0]]);
      return [rig.made[0]?.quality, rig.made[0]?.value];
    };
    expect(run(QUALITY.BAD_LINK, 1)).toEqual([QUALITY.UNCERTAIN_GAPS, 20]);
    expect(run(QUALITY.BAD_LINK, 10)).toEqual([QUALITY.BAD_LINK, Number.NaN]);
    expect(run(QUALITY.BAD_SENTINEL, 20)).toEqual([QUALITY.BAD_SENTINEL, Number.NaN]);
    const clamped = cycleRig(top, WHILE);
    poll(clamped, 0, 50, [
      [0, 1],
      [1, 2],
    ]);
    clamped.take([[100, 'p', 9, QUALITY.UNCERTAIN_CLAMPED]]);
    poll(clamped, 150, 50, [
      [1, 2],
      [0, 1],
    ]);
    expect(qualities(clamped)).toEqual([QUALITY.UNCERTAIN_CLAMPED]);
  });

  it('a trigger that cannot be read may hide an end and a beginning', () => {
    const rig = cycleRig(top, WHILE);
    poll(rig, 0, 50, [
      [0, 1],
      [1, 2],
    ]);
    rig.take([[100, 'on', Number.NaN, QUALITY.BAD_TIMEOUT]]);
    poll(rig, 150, 50, [
      [1, 2],
      [1, 2],
      [0, 1],
      [1, 5],
      [0, 1],
    ]);
    expect(rig.made.map((m) => m.quality)).toEqual([QUALITY.BAD_TIMEOUT, 0]);
    const counter = cycleRig(top, { trigger: { kind: 'change', tag: 'n' } });
    for (const [i, n] of [1, 2, Number.NaN, 4, 5, 6].entries()) {
      const quality = Number.isNaN(n) ? QUALITY.BAD_TIMEOUT : 0;
      counter.take([
        [50 * i, 'n', n, quality],
        [50 * i, 'p', i],
      ]);
    }
    expect(counter.made.map((m) => m.quality)).toEqual([QUALITY.BAD_TIMEOUT, 0]);
  });

  it('a beginning that was not seen makes no cycle', () => {
    const rig = cycleRig(top, WHILE);
    poll(rig, 0, 50, [
      [1, 9],
      [1, 9],
      [0, 1],
      [1, 3],
      [0, 1],
    ]);
    expect(rig.made.map((m) => m.value)).toEqual([3]);
  });

  it('one that never ends is given up, and the next counts', () => {
    const rig = cycleRig(top, { ...WHILE, longest: '1s' });
    poll(rig, 0, 100, [[0, 0], ...Array.from({ length: 30 }, (): [number, number] => [1, 7])]);
    poll(rig, 3100, 100, [
      [0, 0],
      [1, 3],
      [0, 0],
    ]);
    expect(rig.made.map((m) => m.quality)).toEqual([QUALITY.BAD_INCOMPLETE, 0]);
  });

  it('a feature that is not defined is bad, and says so', () => {
    const rig = cycleRig(ALL, WHILE);
    poll(rig, 0, 50, [
      [0, 1],
      [1, 2],
      [0, 1],
    ]);
    const bad = rig.made.filter((m) => m.quality === QUALITY.BAD_UNDEFINED).map((m) => m.id);
    expect(bad).toEqual(['area', 'slope']);
  });

  it('samples that come late or twice are left out', () => {
    const rig = cycleRig(ALL, WHILE);
    const again = cycleRig(ALL, WHILE);
    const run: [number, number][] = [
      [0, 1],
      [1, 2],
      [1, 3],
      [1, 5],
    ];
    for (const one of [rig, again]) poll(one, 0, 50, run);
    again.take([
      [100, 'p', 77],
      [40, 'p', 77],
      [150, 'p', 77],
    ]);
    for (const one of [rig, again]) poll(one, 200, 50, [[0, 0]]);
    expect(again.made).toEqual(rig.made);
  });
});

describe('the same again', () => {
  const inputs = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(0, 0, 1, 1, 1, 1, 1),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.constantFrom(0, 0, 0, 0, 0, QUALITY.BAD_LINK, QUALITY.UNCERTAIN_CLAMPED),
    ),
    { minLength: 5, maxLength: 60 },
  );

  it('from a snapshot at any place, and from the journal', () => {
    fc.assert(
      fc.property(inputs, fc.nat(), (list, cut) => {
        const rig = cycleRig(ALL, WHILE);
        const other = cycleRig(ALL, WHILE);
        let ms = 0;
        const at = cut % list.length;
        list.forEach(([gap, on, p, quality], i) => {
          ms += gap;
          if (i === at) {
            other.reducer.restore(new Map(rig.reducer.snapshot(true)));
            other.made.push(...rig.made);
          }
          const given: Tagged[] = [
            [ms, 'on', on],
            [ms, 'p', p, quality],
          ];
          rig.take(given);
          if (i >= at) other.take(given);
        });
        expect(other.made).toEqual(rig.made);
        const replayed = cycleRig(ALL, WHILE);
        const kept: [string, number][] = [];
        const out = silent((number, value) => kept.push([rig.ids[number] ?? '', value]));
        for (const bytes of rig.frames) {
          replayed.reducer.batch(decodeBatch(bytes), out);
          replayed.reducer.features();
        }
        expect(kept).toEqual(rig.kept);
        expect([...replayed.reducer.snapshot(true)]).toEqual([...rig.reducer.snapshot(true)]);
      }),
      { numRuns: 60 },
    );
  });
});
