import { afterAll, describe, expect, it } from 'vitest';
import { desk } from '../support/command.ts';
import { PISTON_RINGS } from '../support/textbook.ts';

const at = desk();
afterAll(at.clear);

const settings = at.file(
  'plant.yaml',
  `plant: { name: Test (made up), site: here }
sources:
  press:
    kind: modbus
    url: tcp://127.0.0.1:502
    units:
      - id: 1
        name: p
        tags:
          - { name: d, address: 0, type: float32, every: 1s }
          - { name: f, address: 2, type: float32, every: 1s }
characteristics:
  diameter: { name: Diameter, unit: mm, lsl: 73.95, usl: 74.05, source: press, tag: p.d }
  force:
    name: Force
    source: press
    tag: p.f
    subgroup: { kind: by-count, size: 1 }
    limits: { kind: fixed, center: 10, sigma: 1 }
`,
);
const stamp = (i: number) => new Date(1_790_000_000_000 + 60_000 * i).toISOString();

interface Found {
  readings: number;
  points: number;
  signals: {
    rule: string;
    pointIndex: number;
    characteristic: string;
    statistic: string;
    timeMs: number;
  }[];
  alerts: { kind: string; subject: string }[];
  missedParts: number;
  unknown: Record<string, number>;
}

const replay = async (file: string, ...more: string[]) => {
  const ran = await at.run('replay', file, '-c', settings, ...more, '--json');
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return { found: ran.json() as unknown as Found, text: ran.out };
};

describe('a replay', () => {
  const lines = PISTON_RINGS.map((x, i) => `${stamp(i)},p.d,${x},${i + 1}`);
  const file = at.file('rings.csv', `time,tag,value,seq\n${lines.join('\n')}\n`);

  it('finds the published signals of the piston rings', async () => {
    const { found } = await replay(file);
    expect(found).toMatchObject({ readings: 200, points: 40, missedParts: 0 });
    const beyond = found.signals.filter((s) => s.rule === 'we-1').map((s) => s.pointIndex);
    expect(beyond).toEqual([37, 38, 39]);
    const two = found.signals.filter((s) => s.rule === 'we-2').map((s) => s.pointIndex);
    expect(two).toEqual([35, 37, 38, 39, 40]);
    expect(found.alerts.map((a) => a.kind)).toEqual(['out-of-control']);
    expect(found.signals[0]?.timeMs).toBe(1_790_000_000_000 + 60_000 * 174);
  });

  it('gives the same answer every time', async () => {
    expect((await replay(file)).text).toBe((await replay(file)).text);
  });

  it('counts parts that a sequence skips, and rows that nobody knows', async () => {
    const holed = [...lines.slice(0, 50), ...lines.slice(53), `${stamp(300)},p.x,1,300`];
    const { found } = await replay(
      at.file('holed.csv', `time,tag,value,seq\n${holed.join('\n')}\n`),
    );
    expect(found).toMatchObject({ readings: 197, missedParts: 3, unknown: { 'p.x': 1 } });
  });

  it('takes a column per characteristic, and times a second apart when there are none', async () => {
    const wide = ['10', '10.5', '14', '9'].map((f, i) =>
      `${f};${PISTON_RINGS[i]}`.replace('.', ','),
    );
    const { found } = await replay(
      at.file('wide.csv', `force;diameter\n${wide.join('\n').replaceAll('.', ',')}\n`),
    );
    expect(found.readings).toBe(8);
    const of = found.signals.map((s) => [s.characteristic, s.statistic, s.pointIndex]);
    expect(of[0]).toEqual(['force', 'location', 3]);
    expect(of.every(([characteristic]) => characteristic === 'force')).toBe(true);
  });

  it('prints what people read', async () => {
    const ran = await at.run('replay', file, '-c', settings);
    expect(ran.out).toMatch(/200 readings, 40 points, \d+ signals, 1 alert/);
    expect(ran.out).toContain('beyond the control limits');
  });

  it('refuses what it cannot understand', async () => {
    const noId = at.file('noid.csv', 'a,b\n1,2\n');
    const first = await at.run('replay', noId, '-c', settings);
    expect([first.code, first.err]).toEqual([2, expect.stringContaining('which characteristic')]);
    const noTime = at.file('notime.csv', 'time,force\nyesterday,2\n');
    const second = await at.run('replay', noTime, '-c', settings);
    expect([second.code, second.err]).toEqual([2, expect.stringContaining("row 2, column 'time'")]);
    expect((await at.run('replay', noId)).code).toBe(2);
  });
});
