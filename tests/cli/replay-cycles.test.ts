import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { desk } from '../support/command.ts';

const at = desk();
afterAll(at.clear);

const CASE = join(import.meta.dirname, '../cases/features-of-cycles');
const settings = join(CASE, 'settings.yaml');
const T0 = 1_700_000_000_000;

interface Found {
  readings: number;
  featureCount: number;
  features: { characteristic: string; timeMs: number; value: number | null; quality: string }[];
  signals: { characteristic: string; pointIndex: number; rule: string }[];
  unknown: Record<string, number>;
  notes: string[];
}

async function replayed(file: string, config = settings, ...more: string[]): Promise<Found> {
  const ran = await at.run('replay', file, '-c', config, ...more, '--json');
  expect([ran.err, ran.code]).toEqual(['', 0]);
  return ran.json() as unknown as Found;
}

/** The same samples with one column per tag. */
function wide(tags: readonly string[]): string {
  const lines = readFileSync(join(CASE, 'readings.csv'), 'utf8').trim().split('\n').slice(1);
  const rows = new Map<string, Record<string, string>>();
  for (const [time = '', tag = '', , , value = ''] of lines.map((line) => line.split(','))) {
    rows.set(time, { ...rows.get(time), [tag]: value });
  }
  const body = [...rows].map(([time, cells]) => [time, ...tags.map((t) => cells[t])].join(','));
  return `time,${tags.join(',')}\n${body.join('\n')}\n`;
}

describe('a replay of fast signals', () => {
  it('gives what the case of the core gives: features, points and signals', async () => {
    const found = await replayed(join(CASE, 'readings.csv'));
    const of = (stroke: number, id: string) =>
      found.features.find((f) => f.timeMs === T0 + stroke && f.characteristic === `stroke-${id}`);
    expect(found.featureCount).toBe(9);
    expect(of(500, 'peak')).toMatchObject({ value: 182, quality: 'GOOD' });
    expect(of(500, 'work')?.value).toBeCloseTo(50.2, 12);
    expect(of(1500, 'settled')).toMatchObject({ value: null, quality: 'BAD_UNDEFINED' });
    expect(of(2500, 'work')).toMatchObject({ quality: 'UNCERTAIN_GAPS' });
    expect(of(2500, 'work')?.value).toBeCloseTo(50.25, 12);
    const expected = JSON.parse(readFileSync(join(CASE, 'expected.json'), 'utf8')) as {
      signals: string[];
      end: { readings: number };
    };
    expect(found.readings).toBe(expected.end.readings);
    expect(found.signals).toHaveLength(expected.signals.length);
    expect(found.signals[0]).toMatchObject({ characteristic: 'stroke-peak', pointIndex: 2 });
  });

  it('from one column per tag, in any order of columns, to the last bit the same', async () => {
    const long = await replayed(join(CASE, 'readings.csv'));
    for (const tags of [
      ['p1.closed', 'p1.force'],
      ['p1.force', 'p1.closed'],
    ]) {
      const found = await replayed(at.file(`${tags[0]}.csv`, wide(tags)));
      expect(found.features).toEqual(long.features);
      expect(found.signals).toEqual(long.signals);
    }
  });

  it('says which tag it lacks, and takes features that stand in the file', async () => {
    const lacking = await replayed(at.file('force.csv', wide(['p1.force'])));
    expect(lacking.featureCount).toBe(0);
    expect(lacking.notes.join()).toContain(
      "stroke-peak is left out: it is a feature, and the file does not hold 'p1.closed'",
    );
    const made = at.file('made.csv', 'time,stroke-peak\n2026-01-01,182\n2026-01-02,150\n');
    const found = await replayed(made);
    expect(found).toMatchObject({ readings: 2, featureCount: 0, notes: [] });
    expect(found.signals.map((s) => s.characteristic)).toContain('stroke-peak');
  });
});

const curves = at.file(
  'curves.yaml',
  `plant: { name: Mould (made up), site: here }
sources:
  cell:
    kind: mqtt
    url: mqtt://127.0.0.1:1883
    topics:
      - topic: cell/curve
        time: { path: t, unit: ms, step: step }
        sequence: n
        values: { near: a, far: b }
cycles:
  shot: { source: cell, trigger: { kind: array } }
characteristics:
  near-peak: { name: Near, unit: bar, source: cell, tag: near, feature: { kind: max, cycle: shot } }
  far-area: { name: Far, unit: bar·s, source: cell, tag: far, feature: { kind: area, cycle: shot } }
`,
);

describe('a replay of whole curves', () => {
  // The second shot follows the first without a pause: only its number tells them apart.
  const rows = [
    ...[0, 40, 80].map((bar, i) => [1, 100 * i, bar, bar / 2]),
    ...[10, 90, 30].map((bar, i) => [2, 300 + 100 * i, bar, 20]),
  ];
  const file = at.file(
    'curves.csv',
    `shot,time,near,far\n${rows.map(([n, ms = 0, a, b]) => `${n},${T0 + ms},${a},${b}`).join('\n')}\n`,
  );

  it('is one feature for each number of the sequence', async () => {
    const found = await replayed(file, curves, '--sequence', 'shot');
    expect(found.features.map((f) => [f.characteristic, f.timeMs - T0, f.value])).toEqual([
      ['near-peak', 200, 80],
      ['far-area', 200, expect.closeTo(4, 12)],
      ['near-peak', 500, 90],
      ['far-area', 500, expect.closeTo(4, 12)],
    ]);
  });

  it('without a number of the curves says so', async () => {
    const found = await replayed(file, curves);
    expect(found.featureCount).toBe(0);
    expect(found.notes.join()).toContain('name it with --sequence');
  });
});
