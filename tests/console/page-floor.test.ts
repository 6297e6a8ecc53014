import { describe, expect, test } from 'vitest';
import { showAlert, showCharacteristic, showPoint } from '../../agent/console/present.ts';
import { flagsAt, flagsOf } from '../../dashboards/console/src/chart/happened.ts';
import { drawingOf, yRange } from '../../dashboards/console/src/chart/shape.ts';
import { numberOf } from '../../dashboards/console/src/number.ts';
import { stationOf } from '../../dashboards/console/src/station/condition.ts';
import { STATION_WORDS } from '../../dashboards/console/src/strings-station.ts';
import type {
  Alert,
  Characteristic,
  PlantEvent,
  Point,
} from '../../dashboards/console/src/types.ts';
import { fakeView } from '../support/fake-view.ts';

const view = fakeView();
const characteristic = (id: string) => {
  const found = view.characteristic(id);
  if (found === undefined) throw new Error(id);
  return showCharacteristic(found) as Characteristic;
};
const length = characteristic('length');
const points = (await view.points('length', { limit: 40, chart: 'xbar-r' })).map(
  (point) => showPoint(point, length.rules) as Point,
);
const nothing = { events: [], gaps: [], alerts: [], readings: [] };
const known = { ...nothing, characteristic: length, points };
const justAfter = (i: number) => new Date(Date.parse(points[i]?.at ?? '') + 1000).toISOString();
const event = (over: Partial<PlantEvent>): PlantEvent => ({
  ...{ seq: 1, ordinal: 0, source: 'person', kind: 'lot', severity: 'info', text: 'L-7' },
  ...{ at: justAfter(10), characteristic: null, machine: null, by: 'Sana', ...over },
});

describe('what stands as a mark on a chart', () => {
  test.each([
    ['of the whole plant', {}, 1],
    ['of its machine', { machine: 'cnc-1' }, 1],
    ['of another machine', { machine: 'mill-1' }, 0],
    ['of itself', { characteristic: 'length', machine: 'mill-1' }, 1],
    ['of another characteristic', { characteristic: 'bore', machine: 'cnc-1' }, 0],
    ['of before the first point', { at: '2001-01-01T00:00:00.000Z' }, 0],
  ])('an event %s', (_name, over, n) => {
    expect(flagsOf({ ...known, events: [event(over)] })).toHaveLength(n);
  });

  test('it stands between two points, and belongs to the later one', () => {
    const flags = flagsOf({ ...known, events: [event({})] });
    expect(flagsAt(flags, points, 11)).toHaveLength(1);
    expect(flagsAt(flags, points, 10)).toHaveLength(0);
    const { flags: drawn } = drawingOf(points, 'location', 'index', { flags, outlook: null });
    expect(drawn[0]?.x).toBe((points[11]?.index ?? 0) - 0.5);
    expect(drawn[0]?.text).toBe('L-7 (Sana)');
  });

  test('new limits, silence and parts that never arrived', () => {
    const changed = points.map((point, i) => ({
      ...point,
      limitsVersion: i < 20 ? 1 : 2,
      partSequence: 100 + 30 * i,
      at: new Date(Date.parse(point.at) + (i < 30 ? 0 : 40 * 60_000)).toISOString(),
    }));
    const gap = { seq: 1, ordinal: 0, source: 's', stream: 't', missed: 2, at: justAfter(4) };
    const gaps = [
      { ...gap, from: 232, to: 233 },
      // A counter that stood elsewhere belongs to another machine.
      { ...gap, from: 9232, to: 9233 },
    ];
    const flags = flagsOf({ ...known, points: changed, gaps });
    expect(flags.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'gap: 2 parts never arrived',
      'limits: limits v2',
      expect.stringMatching(/^gap: no point for \d+ min$/),
    ]);
  });

  test('readings that were left out, and where an episode began', async () => {
    const [model] = await view.alerts({ limit: 1 });
    if (model === undefined) throw new Error('no alert');
    const alert = { ...showAlert(model), subject: 'length', onsetAt: justAfter(3) } as Alert;
    const readings = [
      { at: justAfter(5), value: null, quality: 'BAD_COMM', sequence: null },
      { at: justAfter(6), value: 118, quality: 'GOOD', sequence: null },
      // A float32 as a double has it: on the page in the decimals of its characteristic.
      { at: justAfter(7), value: Math.fround(117.9), quality: 'BAD_RANGE', sequence: null },
    ];
    const flags = flagsOf({ ...known, alerts: [alert], readings });
    expect(flags.map((flag) => flag.kind)).toEqual(['onset', 'left-out', 'left-out']);
    const { decimals } = known.characteristic;
    expect(flags.at(-1)?.text).toBe(`${(117.9).toFixed(decimals)} left out, quality bad range`);
  });
});

describe('a wear line', () => {
  const outlook = {
    ...{ chart: 'xbar-r', center: 118.02, slope: 0.002, band: 0.04, limit: 118.1 },
    ...{ side: 'upper' as const, points: 20, readings: 100 },
  };
  test('goes on for a third of the picture; what lies further is only said', () => {
    const { ahead } = drawingOf(points, 'location', 'index', { flags: [], outlook });
    expect(ahead).toMatchObject({ from: 120, to: 133, meets: false });
    const near = { ...outlook, points: 5 };
    const drawing = drawingOf(points, 'location', 'index', { flags: [], outlook: near });
    expect(drawing.ahead).toMatchObject({ to: 127, meets: true, name: 'USL' });
    expect(yRange(drawing)[1]).toBeGreaterThan(118.1);
  });

  test('both charts of a pair keep one axis, and only the upper one shows it', () => {
    const spread = drawingOf(points, 'spread', 'index', { flags: [], outlook });
    expect([spread.ahead, spread.until]).toEqual([null, 133]);
  });
});

describe('the light of a station', () => {
  const row = (status: Characteristic['status'], id = 'a') => ({ ...length, id, status });
  const alert = (over: Partial<Alert>) =>
    ({
      id: 1,
      subject: 'a',
      severity: 'alarm',
      state: 'open',
      acknowledgedAt: null,
      ...over,
    }) as Alert;
  test.each([
    [['ok', 'warning', 'stale'], 'check'],
    [['ok', 'alarm', 'warning'], 'apart'],
    [['provisional', 'ok'], 'learning'],
    [['stale', 'ok'], 'silent'],
    [['ok'], 'well'],
  ] as const)('%j is %s', (statuses, condition) => {
    const rows = statuses.map((status, i) => row(status, `c${i}`));
    expect(stationOf(rows, [])?.condition).toBe(condition);
  });

  test('a part out of tolerance stops it until the alert is cleared', () => {
    const out = { kind: 'out-of-tolerance' as const, clearedAt: null };
    expect(stationOf([row('alarm')], [alert(out)])?.condition).toBe('stop');
    const cleared = alert({ ...out, clearedAt: justAfter(1) });
    expect(stationOf([row('ok')], [cleared])?.condition).toBe('well');
    const elsewhere = alert({ ...out, subject: 'b' });
    expect(stationOf([row('ok')], [elsewhere])?.condition).toBe('well');
  });

  test('what waits for an answer comes most urgent first; nothing measured, no light', () => {
    const list = [alert({ id: 5, severity: 'warning' }), alert({ id: 3 }), alert({ id: 2 })];
    const answered = alert({ id: 9, acknowledgedAt: justAfter(1) });
    const station = stationOf([row('alarm')], [...list, answered]);
    expect(station?.waiting.map(({ id }) => id)).toEqual([3, 2, 5]);
    expect(stationOf([], [])).toBeUndefined();
  });
});

describe('what is typed', () => {
  test.each([
    ['4,975', 4.975],
    [' -0.5 ', -0.5],
    ['.5', 0.5],
    ['4,9,7', null],
    ['1e3', null],
    ['', null],
  ])('%j is %s', (text, value) => {
    expect(numberOf(text)).toBe(value);
  });
});

test('every word of the station is there in both languages, for the same records', () => {
  const { en, ur } = STATION_WORDS;
  expect(Object.keys(ur.causes)).toEqual(Object.keys(en.causes));
  expect(Object.keys(ur.actions)).toEqual(Object.keys(en.actions));
  const spoken = [...Object.values(ur.causes), ...Object.values(ur.actions)];
  for (const word of [...spoken, ...Object.values(ur.light), ...Object.values(ur.buttons)]) {
    expect(word).toMatch(/^[\p{Script=Arabic}\s،۔؟]+$/u);
  }
});
