import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../agent/plants/random.ts';
import { benchFolder } from './agent-under-test.ts';
import { median, type Row } from './row.ts';

const READINGS = 10_000_000;
/** Half of it is a large file too (from 32 MB), so both are read in passes. */
const FEWER = 5_000_000;
const ROUNDS = 3;

interface Used {
  seconds: number;
  cpu: number;
  megabytes: number;
}

/**
 * P14: `meyar study` of ten million readings in a CSV file against reading and splitting the same
 * file; memory against a study of half the readings, which must be the same.
 */
export async function run(): Promise<Row[]> {
  const folder = benchFolder();
  try {
    const file = join(folder.path, 'ten.csv');
    const half = join(folder.path, 'half.csv');
    await written(file, READINGS);
    await written(half, FEWER);
    const ours: Used[] = [];
    const theirs: Used[] = [];
    const fewer: Used[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      theirs.push(await used([here('./split-lines.ts'), file]));
      ours.push(await used(studyOf(file)));
      fewer.push(await used(studyOf(half)));
    }
    const what = 'study of 10 M readings from CSV';
    const row = (name: string, key: keyof Used, unit: string, goal: string): Row => {
      const [mine, baseline] = [median(ours.map((u) => u[key])), median(theirs.map((u) => u[key]))];
      return { id: 'P14', name, ours: mine, baseline, unit, ratio: mine / baseline, goal };
    };
    const most = (list: readonly Used[]) => Math.max(...list.map((u) => u.megabytes));
    return [
      row(`${what}; against reading and splitting`, 'seconds', 's', '<= 3'),
      row(`${what}, CPU; against reading and splitting`, 'cpu', 's', 'for comparison'),
      {
        ...{ id: 'P14', name: `${what}, most resident memory; against 5 M readings` },
        ...{ ours: most(ours), baseline: most(fewer), unit: 'MB' },
        ...{ ratio: most(ours) / most(fewer), goal: '<= 1.25' },
      },
    ];
  } finally {
    folder.remove();
  }
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const studyOf = (file: string) => [
  ...[here('../../agent/main.ts'), 'study', file],
  ...['--lsl', '9.95', '--usl', '10.05', '--subgroup', '5', '--json'],
];

async function written(file: string, n: number): Promise<void> {
  const { normal } = createRandom(1);
  const out = createWriteStream(file);
  out.write('diameter\n');
  for (let i = 0; i < n; ) {
    let text = '';
    for (let j = 0; j < 50_000 && i < n; j += 1, i += 1) {
      text += `${(10 + 0.01 * normal()).toFixed(5)}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** What a process took, until it ended. */
async function used(args: readonly string[]): Promise<Used> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', here('./peak.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code] = await once(child, 'close');
  const found = /peak (\S+) (\S+)/.exec(said);
  if (code !== 0 || found === null) throw new Error(`a study of the bench failed: ${said}`);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, cpu: Number(found[1]), megabytes: Number(found[2]) };
}
