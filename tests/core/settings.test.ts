import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  changingPart,
  characteristicSettings,
  planCharacteristic,
  settledPart,
} from '../../agent/core/characteristic.ts';
import { given, individuals, normals, repeat, rig, settingsOf } from '../support/spc.ts';

const plan = (own: Record<string, unknown> = {}) => planCharacteristic('d', settingsOf(own));
const kinds = (own: Record<string, unknown>) => plan(own).charts.map((part) => part.chart.kind);
const by = (size: number) => ({ subgroup: { kind: 'by-count', size } });

describe('settings of a characteristic', () => {
  it('need little', () => {
    expect(settingsOf()).toMatchObject({
      class: 'none',
      lsl: null,
      usl: null,
      rules: 'western-electric',
      limits: { kind: 'baseline', requireApproval: false },
      maxGap: 7_200_000,
      noDataAfter: 600_000,
      natural: 'none',
    });
  });

  it('choose the chart by the size, and Phase I with it', () => {
    expect([1, 2, 8, 9].map((size) => kinds(by(size))[0])).toEqual([
      'imr',
      'xbar-r',
      'xbar-r',
      'xbar-s',
    ]);
    expect([plan(by(1)).wanted, plan(by(5)).wanted]).toEqual([100, 25]);
    expect(plan({ limits: { kind: 'baseline', subgroups: 40 } }).wanted).toBe(40);
  });

  it.each([
    [{ lsl: 2, usl: 1 }, /usl \(1\) must be above lsl \(2\)/],
    [{ lsl: 1, usl: 2, nominal: 3 }, /nominal \(3\) must lie inside/],
    [{ ...by(1), charts: [{ kind: 'xbar-r' }] }, /'xbar-r' needs subgroups of at least 2/],
    [{ ...by(5), charts: [{ kind: 'imr' }] }, /'imr' needs subgroups of 1/],
    [{ ...by(5), charts: [{ kind: 'imr' }] }, /write subgroup: { kind: by-count, size: 1 }/],
    [{ charts: [{ kind: 'imr' }, { kind: 'q' }] }, /different scales/],
    [{ charts: [{ kind: 'modified' }] }, /give both lsl and usl/],
    [{ limits: { kind: 'fixed', center: 1 } }, /needs a sigma/],
    [{ subgroup: { kind: 'counts' }, charts: [{ kind: 'ewma' }] }, /a chart of counts first/],
    [{ charts: [{ kind: 'ewma' }, { kind: 'ewma' }] }, /may be used once/],
    [{ limits: { kind: 'fixed', center: 1, sigma: 0 } }, /sigma/],
    [{ limits: { kind: 'baseline', estimator: 'mrbar/d2' } }, /does not suit subgroups of 5/],
    [{ charts: [{ kind: 'q' }], limits: { kind: 'fixed', center: 1, sigma: 1 } }, /leave limits/],
    [{ charts: [{ kind: 'q' }], limits: { kind: 'baseline', subgroups: 30 } }, /leave limits out/],
    [{ rules: 'nielsen' }, /rules/],
    [{ colour: 'red' }, /colour/],
    [{ maxGap: 'long' }, /duration/],
  ])('refuse %j', (own, message) => {
    const result = characteristicSettings.safeParse({ name: 'x', source: 'a', tag: 'b', ...own });
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).toMatch(message);
  });

  it('group by one reading when a chart can take no more', () => {
    expect(settingsOf({ charts: [{ kind: 'imr' }] }).subgroup).toMatchObject({ size: 1 });
    expect(settingsOf({ charts: [{ kind: 'ewma' }] }).subgroup).toMatchObject({ size: 5 });
    expect(kinds({ subgroup: { kind: 'counts', sampleSize: 50 } })).toEqual(['p']);
  });

  it('say which rule of a chart does not exist', () => {
    expect(() => settingsOf({ charts: [{ kind: 'xbar-r', spreadRules: ['trends'] }] })).toThrow(
      /trends/,
    );
  });

  it('describe every field for the editor', () => {
    const schema = z.toJSONSchema(characteristicSettings, { io: 'input' });
    const fields = Object.entries(schema.properties ?? {});
    expect(fields.length).toBeGreaterThan(20);
    expect(fields.filter(([, field]) => !JSON.stringify(field).includes('"description"'))).toEqual(
      [],
    );
  });

  it('change the fingerprint exactly when old state would not fit', () => {
    const same = [{ name: 'other' }, { lsl: 1, usl: 9 }, { class: 'SC' }, { noDataAfter: '1m' }];
    const other = [by(4), { rules: 'nelson' }, { limits: given }, { charts: [{ kind: 'xbar-s' }] }];
    const { fingerprint } = plan();
    expect(same.map((own) => plan(own).fingerprint)).toEqual(repeat(0, 4).map(() => fingerprint));
    for (const own of other) expect(plan(own).fingerprint).not.toBe(fingerprint);
  });
});

describe('the summary', () => {
  const single = (own: Record<string, unknown> = {}) =>
    rig({ subgroup: individuals, limits: given, rules: 'nelson', ...own });
  const say = (r: ReturnType<typeof rig>, laterMs = 0) => ({
    ...settledPart(r.plan),
    ...changingPart(r.plan, r.state, r.nowMs + laterMs),
  });

  it('is honest before the first reading', () => {
    const summary = say(rig());
    expect(summary).toMatchObject({
      status: 'stale',
      readings: 0,
      lastValue: null,
      lastReadingAt: null,
      limits: null,
      baselineRemaining: 25,
    });
  });

  it('grades the last point and the last reading', () => {
    expect(say(single().feed(10)).status).toBe('ok');
    expect(say(single().feed(...repeat(12.5, 2))).status).toBe('warning');
    expect(say(single().feed(13.5)).status).toBe('alarm');
    expect(say(single().feed(13.5, 10)).status).toBe('ok');
    expect(say(single({ usl: 10.5 }).feed(10.6)).status).toBe('alarm');
    expect(say(single({ usl: 10.5 }).feed(10.6, 10)).status).toBe('ok');
    expect(say(rig({ subgroup: individuals }).feed(10)).status).toBe('provisional');
    expect(say(single({ noDataAfter: '1m' }).feed(10), 61_000).status).toBe('stale');
  });

  it('counts what it has seen and what is still wanted', () => {
    const r = rig({ lsl: -1, usl: 1 }).feed(...normals(52, 1), Number.NaN);
    expect(say(r)).toMatchObject({
      readings: 52,
      badReadings: 1,
      outOfTolerance: normals(52, 1).filter((x) => Math.abs(x) > 1).length,
      lastPointIndex: 10,
      baselineRemaining: 15,
      charts: ['xbar-r'],
      rules: ['we-1', 'we-2', 'we-3', 'we-4'],
      sampling: 'every part, 5 to a subgroup',
    });
  });
});

describe('charts that settings alone determine', () => {
  const tolerance = { lsl: 6, usl: 14, charts: [{ kind: 'pre-control' }] };
  it('judge from the first reading, by their own rules, and prove no capability', () => {
    const r = rig(tolerance).feed(10, 10.5, 12.5, 12.6, 15);
    expect(r.signals.map((s) => [s.pointIndex, s.rule])).toEqual([
      [4, 'pre-control-adjust'],
      [5, 'pre-control-red'],
      [5, 'pre-control-adjust'],
    ]);
    const summary = changingPart(r.plan, r.state, r.nowMs);
    expect(summary).toMatchObject({ capability: { cpk: null }, baselineRemaining: 0 });
    expect(summary.capability.reason).toMatch(/no evidence/);
    expect(summary.forecast).toBe('set-up: 0 of 5 parts in a row in the green half');
  });

  it('say how long a tool will last', () => {
    const limits = { kind: 'fixed', center: 10, sigma: 0.1, parameters: { slope: 0.05 } };
    const charts = [{ kind: 'regression' }];
    const own = { usl: 12, lsl: 8, charts, limits, subgroup: individuals };
    const r = rig(own).feed(10.05, 10.1);
    expect(r.points.at(-1)).toMatchObject({ cl: 10.1, value: 10.1 });
    expect(changingPart(r.plan, r.state, r.nowMs).forecast).toMatch(/^about 32 points until/);
  });

  it('says how many points of unknown parts it left out', () => {
    const charts = [{ kind: 'dnom', nominals: { bush: 10 } }];
    const r = rig({ charts, subgroup: individuals, limits: given });
    const parts = ['bush', 'sleeve', 'bush', 'sleeve'];
    r.contextOf = (i) => ({ part: parts[i] ?? '' });
    const said = () => changingPart(r.plan, r.state, r.nowMs).forecast;
    expect(r.feed(10).points).toHaveLength(1);
    expect(said()).toBeNull();
    r.feed(10);
    expect(said()).toBe('1 point not plotted: the table of dnom does not name the part');
    r.feed(10, 10);
    expect(said()).toMatch(/^2 points not plotted/);
    expect(r.points).toHaveLength(2);
  });

  it('learns individuals by the median of moving ranges, and by wider ones', () => {
    const values = [1, 4, 2, 9, 3, 8, 4, 4, 5, 7];
    const learned = (own: object) =>
      rig({
        ...{ subgroup: individuals, charts: [{ kind: 'imr', ...own }] },
        limits: { kind: 'baseline', subgroups: 10 },
      }).feed(...values);
    const range = (at: number, span: number) => {
      const last = values.slice(at - span + 1, at + 1);
      return Math.max(...last) - Math.min(...last);
    };
    // Ranges of two in order: 0 1 2 2 3 4 5 6 7; the middle one is 3; d4(2) = 0.953873.
    expect(learned({ sigmaFrom: 'median' }).limits[0]?.sigma).toBeCloseTo(3 / 0.953873, 5);
    const wide = learned({ span: 3 });
    const ranges = [2, 3, 4, 5, 6, 7, 8, 9].map((at) => range(at, 3));
    expect(wide.points.map((p) => p.spread)).toEqual([null, null, ...ranges]);
    const mean = ranges.reduce((sum, r) => sum + r, 0) / ranges.length;
    expect(wide.limits[0]?.sigma).toBeCloseTo(mean / 1.692569, 5);
    expect(wide.limits[0]?.estimator).toBe('mrbar/d2, span 3');
    wide.nowMs += 100_000_000;
    expect(
      wide
        .feed(1, 2, 4)
        .points.slice(-3)
        .map((p) => p.spread),
    ).toEqual([null, null, 3]);
  });
});
