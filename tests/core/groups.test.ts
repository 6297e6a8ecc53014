import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offer, startJoin } from '../../agent/core/groups/join.ts';
import { determinant } from '../../agent/spc/matrix.ts';
import { mcusum } from '../../agent/spc/mcusum.ts';
import {
  columnMeans,
  covariance,
  meanMatrix,
  mewma,
  tSquared,
} from '../../agent/spc/multivariate.ts';
import { type GroupRig, groupRig, pointsOf, signalsOf } from '../support/groups.ts';
import { stateOf } from '../support/reducer.ts';
import { normals } from '../support/spc.ts';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

/** Rows of p correlated values about 10, 20, 30 … */
function rowsOf(count: number, p: number, seed: number): number[][] {
  const z = normals(count * (p + 1), seed);
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: p }, (_unused, j) => {
      const common = z[i * (p + 1)] as number;
      return 10 * (j + 1) + 0.1 * (j + 1) * ((z[i * (p + 1) + j + 1] as number) + common);
    }),
  );
}

const groupsOf = (rows: number[][], n: number) =>
  Array.from({ length: rows.length / n }, (_, i) => rows.slice(i * n, (i + 1) * n));

const values = (r: GroupRig, chart: string) => pointsOf(r, chart).map((point) => point.value);

const known = {
  kind: 'fixed',
  mean: [0, 0],
  covariance: [
    [1, 0.9],
    [0.9, 1],
  ],
};
const all = [{ kind: 't2' }, { kind: 'mewma', h: 9 }, { kind: 'mcusum', h: 6 }];

describe('streaming equals the formulas over whole arrays, bit for bit', () => {
  it('single parts: T², MEWMA in both forms, MCUSUM', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 5 }), (seed, p) => {
        const phase1 = rowsOf(30, p, seed);
        const later = rowsOf(40, p, seed + 1);
        const limits = { kind: 'baseline', subgroups: 30 };
        for (const form of ['exact', 'asymptotic'] as const) {
          const charts = [{ kind: 't2' }, { kind: 'mewma', h: 9, covariance: form }, all[2]];
          const r = groupRig(p, { charts, limits }).feed(phase1).feed(later);
          const [mean, cov] = [columnMeans(phase1), covariance(phase1)];
          expect(values(r, 't2')).toEqual(tSquared(later, mean, cov)?.t2);
          const smooth = mewma(later, mean, cov, 0.1);
          expect(values(r, 'mewma')).toEqual(form === 'exact' ? smooth?.t2 : smooth?.t2Asymptotic);
          expect(values(r, 'mcusum')).toEqual(mcusum(later, mean, cov, 0.5, 6)?.y);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('subgroups: T² of their means, |S|', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 4, max: 6 }), (seed, n) => {
        const phase1 = rowsOf(20 * n, 3, seed);
        const later = rowsOf(20 * n, 3, seed + 1);
        const r = groupRig(3, {
          subgroup: { size: n },
          charts: [{ kind: 't2' }, { kind: 'generalized-variance' }],
          limits: { kind: 'baseline', subgroups: 20 },
        });
        r.feed(phase1).feed(later);
        const groups = groupsOf(phase1, n);
        const mean = columnMeans(groups.map(columnMeans));
        const cov = meanMatrix(groups.map(covariance));
        const means = groupsOf(later, n).map(columnMeans);
        expect(values(r, 't2')).toEqual(tSquared(means, mean, cov, n)?.t2);
        const spread = groupsOf(later, n).map((rows) => determinant(covariance(rows)));
        expect(values(r, 'generalized-variance')).toEqual(spread);
      }),
      { numRuns: 20 },
    );
  });

  it('MCUSUM dates the shift to where its sum left zero', () => {
    const quiet = [
      [0.1, 0.1],
      [-0.1, -0.1],
      [0, 0.1],
    ];
    const shifted = Array.from({ length: 8 }, () => [1.5, 1.5]);
    const rows = [...quiet, ...shifted];
    const r = groupRig(2, { charts: [{ kind: 'mcusum', h: 4 }], limits: known }).feed(rows);
    const wanted = mcusum(rows, known.mean, known.covariance, 0.5, 4);
    const [first] = signalsOf(r);
    expect(first?.pointIndex).toBe((wanted?.signals[0] as number) + 1);
    expect(first?.onsetIndex).toBe((wanted?.onset as number) + 1);
    expect(first?.onsetIndex).toBe(4);
  });
});

describe('a signal names its variables', () => {
  const t2 = { charts: [{ kind: 't2' }], limits: known };

  it('one that is far from its mean', () => {
    const limits = {
      ...known,
      covariance: [
        [1, 0.2],
        [0.2, 1],
      ],
    };
    const [signal] = signalsOf(groupRig(2, { ...t2, limits }).feed([[5, 0.5]]));
    expect(signal).toMatchObject({
      chart: 't2',
      rule: 't2-limit',
      severity: 'alarm',
      side: 'upper',
    });
    expect(signal?.text).toContain('v0 is 5 sigma above its mean; T² ');
    expect(signal?.text).not.toContain('v1 is');
  });

  it('two that are each in order and do not go together', () => {
    const [signal] = signalsOf(groupRig(2, t2).feed([[1.6, -1.6]]));
    expect(signal?.text).toContain('v0 and v1 do not go together');
    expect(signal?.text).not.toContain('sigma');
  });

  it('the alert about it says so as well', () => {
    const r = groupRig(2, t2).feed([[5, 5]]);
    expect(r.alerts.map(({ alert }) => alert.subject)).toContain('g');
    expect(JSON.stringify(r.alerts)).toContain('sigma above its mean');
  });
});

describe('the limits of a group', () => {
  it('count the points of Phase I beyond its own limit, for the approver', () => {
    const rows = [...rowsOf(49, 2, 3), [11.5, 17]];
    const r = groupRig(2, { limits: { kind: 'baseline', subgroups: 50, requireApproval: true } });
    r.feed(rows);
    const frozen = r.limitsSeen.find((limits) => limits.characteristic === 'g');
    expect(frozen).toMatchObject({ version: 1, subgroups: 50, readings: 50, baselineOutside: 1 });
    expect(frozen?.parameters?.['rows']).toBe(50);
    r.feed([[15, 10]]);
    expect(signalsOf(r)).toMatchObject([{ provisional: true }]);
    const command = { characteristic: 'g', version: 1, by: 'Sana', timeMs: 1 };
    expect(r.reducer.command({ kind: 'approve', ...command }, r)).toMatchObject({
      limits: { approvedBy: 'Sana' },
    });
    r.feed([[15, 10]]);
    expect(signalsOf(r)).toMatchObject([{ provisional: true }, { provisional: false }]);
  });

  it('are refused, with the reason, while a variable follows from the others', () => {
    const dependent = rowsOf(40, 2, 9).map(([a = 0, b = 0]) => [a, b, a + b]);
    const r = groupRig(3, { limits: { kind: 'baseline', subgroups: 30 } }).feed(dependent);
    expect(r.limitsSeen.filter(({ characteristic }) => characteristic === 'g')).toEqual([]);
    expect(pointsOf(r, 't2')).toEqual([]);
    expect(r.summary()).toMatchObject({ limits: null, lastValue: null });
    expect(r.summary().forecast).toMatch(/^no limits can be frozen: v2 does not vary, or follows/);
    r.feed(rowsOf(31, 3, 4));
    expect(r.summary().limits?.subgroups).toBe(30);
    expect(r.summary().forecast).toBe(null);
  });

  it('do not mind what units the variables have', () => {
    const scaled = rowsOf(60, 2, 5).map(([a = 0, b = 0]) => [a * 1e-5, b * 1e4]);
    const plain = { limits: { kind: 'baseline', subgroups: 30 } };
    const r = groupRig(2, plain).feed(scaled);
    const wanted = groupRig(2, plain).feed(rowsOf(60, 2, 5));
    expect(values(r, 't2')).toHaveLength(30);
    for (const [i, t2] of values(r, 't2').entries()) {
      expect(t2).toBeCloseTo(values(wanted, 't2')[i] ?? 0, 6);
    }
  });
});

describe('the readings of one part become one row', () => {
  const t2 = { charts: [{ kind: 't2' }], limits: known };

  it('of one stream by its number, whatever lies between', () => {
    const r = groupRig(2, t2);
    r.give({ values: [1], members: [0], sequence: 7, stream: 's/a' });
    r.give({ values: [2], members: [0], sequence: 7, stream: 's/b' });
    expect(pointsOf(r, 't2')).toEqual([]);
    r.give({ values: [1], members: [1], sequence: 8, stream: 's/a' });
    expect(pointsOf(r, 't2')).toEqual([]);
    r.give({ values: [3, 3], sequence: 9, stream: 's/a' });
    expect(pointsOf(r, 't2')).toMatchObject([{ partSequence: 9, size: 1, index: 1 }]);
  });

  it('of a stream without numbers by the source time of the record', () => {
    const r = groupRig(2, t2).give({ values: [1, 1], sequence: Number.NaN });
    expect(pointsOf(r, 't2')).toMatchObject([{ partSequence: null }]);
  });

  it('of several streams by what the part carries; without it they are counted', () => {
    const r = groupRig(2, { ...t2, join: 'serial' });
    const one = (member: number, value: number, serial: string) =>
      r.give({
        ...{ values: [value], members: [member], stream: `s/${member}` },
        context: serial === '' ? '' : JSON.stringify({ serial }),
      });
    one(0, 5, 'A');
    one(0, 1, 'B');
    one(1, 1, 'B');
    one(1, 5, 'A');
    one(0, 1, '');
    const wanted = tSquared(
      [
        [1, 1],
        [5, 5],
      ],
      known.mean,
      known.covariance,
    )?.t2;
    expect(values(r, 't2')).toEqual(wanted);
    expect(r.summary()).toMatchObject({ forecast: 'readings without serial: 1' });
  });

  it('a bad reading makes no point, and is counted', () => {
    const r = groupRig(2, t2).give({ values: [1, Number.NaN], quality: [0, 20] });
    r.give({ values: [0, 0], quality: [0, 20] });
    expect(pointsOf(r, 't2')).toEqual([]);
    expect(r.summary()).toMatchObject({ badReadings: 2, lastPointIndex: 0 });
    r.feed([[1, 1]]);
    expect(r.summary()).toMatchObject({ badReadings: 2, lastPointIndex: 1 });
  });

  it('only so many parts wait: the oldest is dropped and counted', () => {
    const r = groupRig(2, { ...t2, openRows: 3 });
    for (let part = 1; part <= 5; part += 1) r.give({ values: [1], members: [0], sequence: part });
    expect(r.summary().forecast).toBe('incomplete parts: 2');
    expect(stateOf(r.reducer).get('group:g')?.match(/"key"/g)).toHaveLength(3);
  });

  it('a number that comes again after a restart of the counter is another part', () => {
    const plan = { at: 2, members: [0, 1], by: 'sequence', openRows: 9, maxGapMs: 60_000 };
    const join = { ...plan, fingerprint: '' };
    const state = startJoin();
    const one = (member: number, value: number, sourceMs: number) => {
      const from = { quality: 0, sequence: 1, stream: 's/a', context: {} };
      return offer(join, state, { ...from, member, value, sourceMs });
    };
    expect(one(0, 9, 0)).toBe(undefined);
    expect(one(1, 1, 120_000)).toBe(undefined);
    expect(one(1, 2, 121_000)).toBe(undefined);
    expect(one(0, 3, 121_000)).toEqual([3, 2]);
    expect(state).toMatchObject({ incomplete: 2, unkeyed: 0 });
  });

  it('nothing but the group is listed without a unit and a tolerance', () => {
    const shown = groupRig(2, t2)
      .feed([[1, 1]])
      .summary();
    expect(shown).toMatchObject({ id: 'g', unit: '', lsl: null, usl: null, nominal: null });
    expect(shown).toMatchObject({ charts: ['t2'], rules: ['t2-limit'], status: 'ok' });
    expect(shown.lastValue).toBeCloseTo(2 / 1.9, 12);
    expect(shown.capability).toMatchObject({ n: 0, cpk: null });
    expect(shown.capability.reason).toContain('no tolerance');
  });
});

describe('new settings', () => {
  const learned = { limits: { kind: 'baseline', subgroups: 20 } };
  const known20 = () => groupRig(2, learned).feed(rowsOf(25, 2, 7));
  const under = (old: GroupRig, own: Record<string, unknown>) => {
    const r = groupRig(2, { ...learned, ...own });
    r.reducer.restore(new Map(old.reducer.snapshot(true)));
    return r;
  };

  it('keep limits that rest on the same; the index of a point never comes twice', () => {
    const before = known20();
    const r = under(before, { noDataAfter: '3h', reactionPlan: 'look' });
    expect(r.summary().limits).toEqual(before.summary().limits);
    r.give({ values: [10, 20], sequence: 100 });
    expect(pointsOf(r, 't2')).toMatchObject([{ index: 26, limitsVersion: 1, phase: 2 }]);
  });

  it('learn again, under the next version, where something else is charted', () => {
    const r = under(known20(), { charts: [{ kind: 't2', alpha: 0.01 }] });
    expect(r.summary()).toMatchObject({ limits: null, lastValue: null, baselineRemaining: 20 });
    rowsOf(20, 2, 8).forEach((values, i) => {
      r.give({ values, sequence: 100 + i });
    });
    expect(r.summary().limits).toMatchObject({ version: 2, subgroups: 20 });
  });

  it('give up parts that wait under another join, and count them', () => {
    const before = groupRig(2, learned).give({ values: [1], members: [0] });
    expect(under(before, {}).summary().forecast).toBe(null);
    expect(under(before, { join: 'serial' }).summary().forecast).toBe('incomplete parts: 1');
  });
});

describe('a snapshot anywhere changes nothing', () => {
  it('in the middle of a row, of a subgroup, of Phase I, of a run', () => {
    const kinds = [
      { subgroup: { size: 1 }, charts: all, limits: { kind: 'baseline', subgroups: 6 } },
      {
        subgroup: { size: 3 },
        charts: [...all, { kind: 'generalized-variance' }],
        limits: { kind: 'baseline', subgroups: 5 },
      },
      { subgroup: { size: 1 }, charts: all, limits: known },
    ];
    fc.assert(
      fc.property(seeds, fc.constantFrom(...kinds), fc.nat(99), (seed, group, cut) => {
        const chance = normals(100, seed);
        const tell = (r: GroupRig, i: number) => {
          const part = Math.floor(i / 2) + 1;
          const bad = (chance[i] as number) > 2.2;
          const pauseMs = (chance[99 - i] as number) > 2.4 ? 10_000_000 : 1000;
          const values = [2 * (chance[i] as number) + (i > 60 ? 2 : 0)];
          const quality = bad ? [20] : [0];
          r.give({ values, members: [i % 2], sequence: part, quality, pauseMs, stream: 's/x' });
        };
        const [whole, resumed] = [groupRig(2, group), groupRig(2, group)];
        for (let i = 0; i < 100; i += 1) {
          tell(whole, i);
          if (i === cut) resumed.resume();
          tell(resumed, i);
        }
        expect(resumed.points).toEqual(whole.points);
        expect(resumed.signals).toEqual(whole.signals);
        expect(resumed.alerts).toEqual(whole.alerts);
        expect(resumed.limitsSeen).toEqual(whole.limitsSeen);
        expect(stateOf(resumed.reducer)).toEqual(stateOf(whole.reducer));
      }),
      { numRuns: 60 },
    );
  });
});
