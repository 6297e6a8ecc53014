import { afterAll, expect, it } from 'vitest';
import { desk } from '../support/command.ts';
import { normals } from '../support/spc.ts';

const at = desk();
afterAll(at.clear);

const settings = at.file(
  'plant.yaml',
  `plant: { name: Test (made up), site: here }
sources:
  bench: { kind: manual }
characteristics:
  height: { name: Height, source: bench, tag: h, subgroup: { kind: by-count, size: 1 } }
  width: { name: Width, source: bench, tag: w, subgroup: { kind: by-count, size: 1 } }
  weight: { name: Weight, source: bench, tag: g, subgroup: { kind: by-count, size: 1 } }
groups:
  shape: { name: Shape, characteristics: [width, height], limits: { kind: baseline, subgroups: 40 } }
  all: { name: All, characteristics: [width, height, weight] }
`,
);

const z = normals(120, 3);
const parts = Array.from({ length: 60 }, (_, i): [number, number] => {
  const common = z[2 * i] as number;
  return i === 49 ? [11.5, 18.5] : [10 + common, 20 + common + 0.2 * (z[2 * i + 1] as number)];
});
const time = (i: number) => new Date(1_790_000_000_000 + 60_000 * i).toISOString();

interface Found {
  signals: { characteristic: string; pointIndex: number; text: string }[];
  limits: { characteristic: string; subgroups: number }[];
}

async function replayed(file: string): Promise<Found> {
  const ran = await at.run('replay', file, '-c', settings, '--json');
  expect([ran.err, ran.code]).toEqual(['', 0]);
  return ran.json() as unknown as Found;
}

it.each([
  ['numbered', (i: number) => `,${i + 1}`, ',seq'],
  ['with times alone', () => '', ''],
])('rows of a file are the parts of a group, %s', async (name, number, column) => {
  const lines = parts.map(([h, w], i) => `${time(i)},${h},${w}${number(i)}`);
  const file = at.file(`${name}.csv`, `time,height,width${column}\n${lines.join('\n')}\n`);
  const found = await replayed(file);
  // The other group has a member that the file does not hold: it is not missed.
  expect(found.limits).toMatchObject([{ characteristic: 'shape', subgroups: 40 }]);
  const own = found.signals.filter((signal) => signal.characteristic === 'shape');
  expect(own.map(({ pointIndex }) => pointIndex)).toContain(50);
  const text = own.find(({ pointIndex }) => pointIndex === 50)?.text;
  expect(text).toContain('Width and Height do not go together');
});
