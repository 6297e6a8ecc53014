import { describe, expect, it } from 'vitest';
import { ruleKinds, rules } from '../../agent/rules/index.ts';
import { ruleSets } from '../../agent/rules/rule-sets.ts';
import { type RuleRig, ruleContract } from '../contracts/rule.ts';
import { firedAt, given, individuals, rig } from '../support/spc.ts';

const zigzag = (count: number, around: number, by: number) =>
  Array.from({ length: count }, (_, i) => around + (i % 2 === 0 ? by : -by));

const rigs: RuleRig[] = [
  { kind: 'beyond-limits', fires: [13.1], quiet: [13, 7, 12.9, 7.1] },
  {
    kind: 'k-of-m',
    settings: { k: 2, m: 3, sigmas: 2 },
    fires: [12.5, 10, 12.5],
    quiet: [12.5, 10, 10, 12.5, 7.5],
  },
  {
    kind: 'same-side',
    settings: { points: 8 },
    fires: [10.1, 10.2, 10.3, 10.2, 10.1, 10.5, 10.2, 10.4],
    quiet: [10.1, 10.2, 10.3, 10.2, 10.1, 10.5, 10.2, 9.9, 10.1],
  },
  { kind: 'trend', fires: [9, 9.5, 9.6, 10, 10.5, 11], quiet: [9, 9.5, 9.6, 10, 10.5, 10.4] },
  { kind: 'alternating', fires: zigzag(14, 10, 0.5), quiet: [...zigzag(13, 10, 0.5), 10.6] },
  {
    kind: 'within',
    fires: zigzag(15, 10.1, 0.5),
    quiet: [...zigzag(14, 10, 0.5), 11.1, ...zigzag(14, 10, 0.5)],
  },
  { kind: 'outside', fires: zigzag(8, 10, 1.5), quiet: [...zigzag(7, 10, 1.5), 11, 11.5] },
  {
    kind: 'custom',
    settings: {
      text: '2 of 3 beyond 1 sigma while none is near the centre, or one beyond 2.5 sigma',
      any: [
        {
          side: 'upper',
          all: [
            { test: 'above', sigmas: 1, k: 2, m: 3 },
            { test: 'outside', sigmas: 0.5, k: 3, m: 3 },
          ],
        },
        {
          side: 'lower',
          all: [
            { test: 'below', sigmas: 1, k: 2, m: 3 },
            { test: 'outside', sigmas: 0.5, k: 3, m: 3 },
          ],
        },
        { all: [{ test: 'outside', sigmas: 2.5, k: 1, m: 1 }] },
      ],
    },
    fires: [11.2, 9.4, 11.2],
    quiet: [11.2, 10.2, 11.2, 10.1, 12.4],
  },
];

for (const one of rigs) ruleContract(one);

describe('the table of rules', () => {
  it('has a contract for every kind', () => {
    expect(rigs.map((one) => one.kind).sort()).toEqual(Object.keys(ruleKinds).sort());
  });

  it('refuses k larger than m', () => {
    expect(() => rules.schema.parse({ kind: 'k-of-m', k: 4, m: 3, sigmas: 1 })).toThrow(/larger/);
  });

  it('gives rules of one list names of their own', () => {
    const twice = [{ kind: 'trend' }, { kind: 'trend' }];
    const r = rig({ subgroup: individuals, limits: given, rules: twice });
    expect(r.plan.rules.map((rule) => rule.id)).toEqual(['6-trend', '6-trend-2']);
  });

  it('lets a rule be louder', () => {
    const loud = [{ kind: 'trend', id: 'up', severity: 'alarm' }];
    const r = rig({ subgroup: individuals, limits: given, rules: loud });
    r.feed(9, 9.5, 9.6, 10, 10.5, 11);
    expect(r.signals).toMatchObject([{ rule: 'up', severity: 'alarm', side: 'upper' }]);
  });

  it('takes 31 conditions and refuses more', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ kind: 'within', points: i + 2 }));
    const make = (count: number) =>
      rig({ subgroup: individuals, limits: given, rules: many(count), charts: [{ kind: 'imr' }] });
    expect(firedAt(make(30).feed(10, 10.1, 10.2), '3-within-1')).toEqual([3]);
    const long = make(30).feed(...Array.from({ length: 40 }, (_, i) => 10 + (i % 3) / 100));
    expect(firedAt(long, '31-within-1')).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    const pairs = Array.from({ length: 16 }, (_, i) => ({ kind: 'same-side', points: i + 2 }));
    expect(() => rig({ subgroup: individuals, limits: given, rules: pairs })).toThrow(/too many/);
  });
});

describe('named sets', () => {
  it('are what their books say', () => {
    const shapes = Object.entries(ruleSets).map(([name, set]) => {
      const r = rig({ subgroup: individuals, limits: given, rules: name });
      expect(r.plan.rules).toHaveLength(set.length);
      return `${name}: ${r.plan.rules.map((rule) => `${rule.id} ${rule.text}`).join('; ')}`;
    });
    expect(shapes).toMatchInlineSnapshot(`
      [
        "shewhart: shewhart-1 1 point beyond the control limits",
        "western-electric: we-1 1 point beyond the control limits; we-2 2 of 3 points beyond 2 sigma on the same side; we-3 4 of 5 points beyond 1 sigma on the same side; we-4 8 points in a row on the same side of the centre line",
        "nelson: nelson-1 1 point beyond the control limits; nelson-2 9 points in a row on the same side of the centre line; nelson-3 6 points in a row steadily rising or falling; nelson-4 14 points in a row alternating up and down; nelson-5 2 of 3 points beyond 2 sigma on the same side; nelson-6 4 of 5 points beyond 1 sigma on the same side; nelson-7 15 points in a row within 1 sigma of the centre line; nelson-8 8 points in a row more than 1 sigma from the centre line",
        "aiag: aiag-1 1 point beyond the control limits; aiag-2 7 points in a row on the same side of the centre line; aiag-3 6 points in a row steadily rising or falling; aiag-4 14 points in a row alternating up and down; aiag-5 2 of 3 points beyond 2 sigma on the same side; aiag-6 4 of 5 points beyond 1 sigma on the same side; aiag-7 15 points in a row within 1 sigma of the centre line; aiag-8 8 points in a row more than 1 sigma from the centre line",
        "montgomery: montgomery-1 1 point beyond the control limits; montgomery-2 8 points in a row on the same side of the centre line; montgomery-3 6 points in a row steadily rising or falling; montgomery-4 14 points in a row alternating up and down; montgomery-5 2 of 3 points beyond 2 sigma on the same side; montgomery-6 4 of 5 points beyond 1 sigma on the same side; montgomery-7 15 points in a row within 1 sigma of the centre line; montgomery-8 8 points in a row more than 1 sigma from the centre line",
        "juran: juran-1 1 point beyond the control limits; juran-2 2 of 3 points beyond 2 sigma on the same side; juran-3 4 of 5 points beyond 1 sigma on the same side; juran-4 9 points in a row on the same side of the centre line; juran-5 6 points in a row steadily rising or falling; juran-6 8 points in a row more than 1 sigma from the centre line",
        "hughes: hughes-limits 1 point beyond the control limits; hughes-2-of-3-beyond-2 2 of 3 points beyond 2 sigma on the same side; hughes-3-of-7-beyond-2 3 of 7 points beyond 2 sigma on the same side; hughes-4-of-10-beyond-2 4 of 10 points beyond 2 sigma on the same side; hughes-4-of-5-beyond-1 4 of 5 points beyond 1 sigma on the same side; hughes-7-same-side 7 points in a row on the same side of the centre line; hughes-10-of-11 10 of 11 points on the same side of the centre line; hughes-12-of-14 12 of 14 points on the same side of the centre line; hughes-14-of-17 14 of 17 points on the same side of the centre line; hughes-16-of-20 16 of 20 points on the same side of the centre line; hughes-7-trend 7 points in a row steadily rising or falling",
        "iso-7870-2: iso-1 1 point beyond the control limits; iso-2 7 points in a row on the same side of the centre line; iso-3 7 points in a row steadily rising or falling",
        "vda: vda-limits 1 point beyond the control limits; vda-7-same-side 7 points in a row on the same side of the centre line; vda-7-trend 7 points in a row steadily rising or falling; vda-middle-third-full more than 90 % of 25 points in the middle third; vda-middle-third-empty less than 40 % of 25 points in the middle third",
        "westgard: westgard-1-3s 1 point beyond the control limits; westgard-2-2s 2 of 2 points beyond 2 sigma on the same side; westgard-r-4s 2 points in a row more than 2 sigma from the centre line, on both sides; westgard-4-1s 4 of 4 points beyond 1 sigma on the same side; westgard-10x 10 points in a row on the same side of the centre line; westgard-7t 7 points in a row steadily rising or falling",
      ]
    `);
  });
});

describe('sides', () => {
  const at = (side: string, ...values: number[]) => {
    const own = [{ kind: 'k-of-m', id: 'it', k: 2, m: 3, sigmas: 2, side }];
    return firedAt(rig({ subgroup: individuals, limits: given, rules: own }).feed(...values), 'it');
  };
  it('can be told apart or taken together', () => {
    expect(at('upper', 12.5, 12.5, 7.5, 7.5)).toEqual([2]);
    expect(at('lower', 12.5, 12.5, 7.5, 7.5)).toEqual([4]);
    expect(at('same', 12.5, 12.5, 7.5, 7.5)).toEqual([2, 4]);
    expect(at('either', 12.5, 7.5)).toEqual([2]);
  });
});

describe('named sets', () => {
  const fire = (set: string, values: number[]) => {
    const r = rig({ subgroup: individuals, limits: given, rules: set }).feed(...values);
    return [...new Set(r.signals.map((s) => `${s.rule}@${s.pointIndex}`))];
  };
  const above = (count: number) => Array.from({ length: count }, (_, i) => 10.2 + 0.1 * (i % 2));

  it.each([
    ['montgomery', above(8), ['montgomery-2@8']],
    ['juran', above(9), ['juran-4@9']],
    ['iso-7870-2', above(7), ['iso-2@7']],
    ['iso-7870-2', [9, 9.2, 9.4, 9.6, 9.8, 10.2, 10.4], ['iso-3@7']],
    ['westgard', above(10), ['westgard-10x@10']],
    ['westgard', [12.1, 12.1], ['westgard-2-2s@2']],
    ['westgard', [12.1, 7.9], ['westgard-r-4s@2']],
    ['westgard', [11.1, 11.2, 11.1, 11.2], ['westgard-4-1s@4']],
    ['westgard', [13.1], ['westgard-1-3s@1']],
    ['hughes', [12.1, 10, 9, 12.1, 10, 9, 12.1], ['hughes-3-of-7-beyond-2@7']],
    ['vda', above(7), ['vda-7-same-side@7']],
    ['vda', zigzag(23, 10, 0.5), ['vda-middle-third-full@23']],
  ])('%s knows what it is for', (set, values, expected) => {
    expect(fire(set, values)).toEqual(expect.arrayContaining(expected));
    expect(fire(set, values.slice(0, -1))).not.toContain(expected.at(-1));
  });

  it('vda sees an empty middle third', () => {
    const values = Array.from({ length: 25 }, (_, i) => (i % 3 === 0 ? 10 : i % 2 ? 11.2 : 8.8));
    expect(fire('vda', values).some((hit) => hit.startsWith('vda-middle-third-empty'))).toBe(true);
  });

  it('fit on one chart, all of them', () => {
    for (const set of Object.keys(ruleSets)) {
      const r = rig({ subgroup: individuals, limits: given, rules: set });
      expect(r.plan.rules.length).toBe(ruleSets[set as keyof typeof ruleSets].length);
    }
  });
});
