import { describe, expect, test } from 'vitest';
import { showPoint } from '../../agent/console/present.ts';
import { drawingOf, lanes, yRange } from '../../dashboards/console/src/chart/shape.ts';
import { age, bound, fixed, significant, withUnit } from '../../dashboards/console/src/format.ts';
import { markOf, ruleLabel, ruleText } from '../../dashboards/console/src/rules.ts';
import type { Point } from '../../dashboards/console/src/types.ts';
import { FAKE_RULES } from '../support/fake-process.ts';
import { fakeView } from '../support/fake-view.ts';

describe('numbers as people read them', () => {
  test.each([
    [1.329, '1.32'],
    [1.33, '1.33'],
    [0.29, '0.29'],
    [-0.101, '−0.11'],
    [null, '–'],
  ])('a lower bound of %s is never rounded up: %s', (value, text) => {
    expect(bound(value)).toBe(text);
  });

  test('values keep the decimals of their characteristic; none is a dash', () => {
    expect(fixed(21.98, 4)).toBe('21.9800');
    expect(withUnit(-0.5, 2, 'mm')).toBe('−0.50 mm');
    expect(withUnit(null, 2, 'mm')).toBe('–');
    expect(fixed(Number.NaN, 2)).toBe('–');
    expect(significant(0.0029213)).toBe('0.00292');
  });

  test.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('an age of %s ms is %s', (ms, text) => {
    expect(age(ms)).toBe(text);
  });
});

describe('rules', () => {
  test.each([
    ['nelson-1', '1', 'square'],
    ['nelson-5', '5', 'triangle'],
    ['we-4', '4', 'triangle'],
    ['beyond-limits', '1', 'square'],
    ['14-alternating', '4', 'triangle'],
    ['2-of-3-beyond-2', '5', 'triangle'],
    ['aiag-1', '1', 'square'],
  ] as const)('%s is marked %s, %s', (id, label, mark) => {
    expect(ruleLabel(id)).toBe(label);
    expect(markOf([id])).toBe(mark);
  });

  test('words come from the agent first; sets of other makers number rules differently', () => {
    expect(ruleText('nelson-2')).toContain('run on one side');
    expect(ruleText('we-2')).toContain('2 of 3');
    expect(ruleText('my-own')).toBe('my-own');
  });
});

describe('what a chart draws', () => {
  async function points(chart: string): Promise<Point[]> {
    const raw = await fakeView().points('od-turned', { chart, limit: 120 });
    return raw.map((point) => showPoint(point, FAKE_RULES) as Point);
  }

  test('limits are steps between neighbours, in one piece while they stay the same', async () => {
    const drawing = drawingOf(await points('xbar-r'), 'location', 'index');
    expect(drawing.edges.slice(0, 3)).toEqual([0.5, 1.5, 2.5]);
    expect(drawing.edges).toHaveLength(121);
    expect(lanes(drawing)).toEqual([[0, 119]]);
    expect(drawing.learning).toEqual([[0, 24]]);
    drawing.ucl.fill(99, 60);
    expect(lanes(drawing)).toEqual([
      [0, 59],
      [60, 119],
    ]);
  });

  test('the picture holds all limits and all points', async () => {
    const drawing = drawingOf(await points('xbar-r'), 'location', 'index');
    const [low, high] = yRange(drawing);
    expect(low).toBeLessThan(Math.min(...drawing.y, drawing.lcl[0] ?? 0));
    expect(high).toBeGreaterThan(Math.max(...drawing.y, drawing.ucl[0] ?? 0));
  });

  test('zones belong to Shewhart charts only, marks carry their rule numbers', async () => {
    expect(drawingOf(await points('xbar-r'), 'location', 'index').zones).toBe(true);
    expect(drawingOf(await points('xbar-r'), 'spread', 'index').zones).toBe(false);
    expect(drawingOf(await points('ewma'), 'location', 'index').zones).toBe(false);
    const marks = drawingOf(await points('xbar-r'), 'location', 'index').marks;
    expect(marks.at(-1)).toMatchObject({ i: 119, mark: 'square', label: '1,2,5' });
  });

  test('a chart without a second statistic has an empty lower picture', async () => {
    expect(drawingOf(await points('ewma'), 'spread', 'index').x).toEqual([]);
  });
});
