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
      ]
    `);
  });
});
