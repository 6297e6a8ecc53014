import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { createFileSource, type FileSource } from '../../../agent/sources/file/index.ts';
import { settings } from '../../../agent/sources/file/settings.ts';
import { collect, encode, feed, reducerFor } from '../../support/reducer.ts';
import { pause, testContext, until } from '../../support/source-context.ts';

const T0 = Date.now() - 1_000_000;
const row = (second: number, od: number) => `${T0 + 1000 * second},${od}`;
const HEAD = 'time,od';

let folder: string;
let source: FileSource;
let rows: string[];
let seen: ReturnType<typeof collect>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-edit-'));
  rows = [1, 2, 3, 4, 5].map((n) => row(n, n));
  // What counts is what the core makes of it: lines that it knows are no second parts.
  const reducer = reducerFor({ od: {} });
  seen = collect();
  const context = testContext(['od']);
  const { deliver } = context;
  context.deliver = (d) => {
    feed(reducer, { kind: 'batch', bytes: encode([{ ...d, stream: `s/${d.stream}` }]) }, seen);
    return deliver(d);
  };
  const time = { path: 'time', unit: 'ms' };
  source = createFileSource(
    settings.parse({ folder, every: '10ms', time, values: { od: 'od' } }),
    context,
  );
  writeFileSync(join(folder, 'r.csv'), text());
  source.start();
  await until(() => seen.readings.length === 5, 'five lines');
});
afterEach(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

const text = () => `${[HEAD, ...rows].join('\n')}\n`;
const values = () => seen.readings.map((r) => r[2]);
const late = () => seen.readings.flatMap((r) => (r[3] === QUALITY.UNCERTAIN_LATE ? [r[2]] : []));

/** As most editors save: a new file takes the name of the old one. */
function saveByRename(): void {
  writeFileSync(join(folder, 'r.csv.tmp'), text());
  renameSync(join(folder, 'r.csv.tmp'), join(folder, 'r.csv'));
}

/** A last line that shows that all before it was read. */
async function saved(save: () => void): Promise<void> {
  rows.push(row(100, 100));
  save();
  await until(() => values().includes(100), 'the last line');
}

const saves: [string, () => void][] = [
  ['by a new file', saveByRename],
  ['in its place', () => writeFileSync(join(folder, 'r.csv'), text())],
];

describe.each(saves)('a file that is written anew %s', (_, save) => {
  it('adds what is new and counts nothing twice', async () => {
    await saved(save);
    expect(values()).toEqual([1, 2, 3, 4, 5, 100]);
    expect(late()).toEqual([]);
  });

  it('may have lines put in, taken out and corrected: those are history, not new parts', async () => {
    rows.splice(1, 0, row(1.5, 1.5));
    rows.splice(3, 1, row(3, 3.3));
    rows.splice(0, 1);
    await saved(save);
    expect(values().sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 1.5, 2, 3, 3.3, 4, 5, 100]);
    expect(late()).toEqual([1.5, 3.3]);
  });

  it('may keep its name for another day', async () => {
    rows = [11, 12, 13].map((n) => row(n, n));
    await saved(save);
    expect(values()).toEqual([1, 2, 3, 4, 5, 11, 12, 13, 100]);
    expect(late()).toEqual([]);
  });
});

it('a file that is seen half written, and again, counts nothing twice', async () => {
  const whole = text();
  const file = join(folder, 'r.csv');
  for (const part of [0, 20, 40]) {
    writeFileSync(file, whole.slice(0, part));
    await pause(40);
  }
  await saved(saveByRename);
  expect(values()).toEqual([1, 2, 3, 4, 5, 100]);
});

it('lock files of office programs are no files of ours', async () => {
  writeFileSync(join(folder, '~$r.csv'), Buffer.from([5, 65, 66, 0, 10]));
  writeFileSync(join(folder, '.r.csv'), `${HEAD}\n${row(50, 50)}\n`);
  await saved(saveByRename);
  expect(values()).toEqual([1, 2, 3, 4, 5, 100]);
  expect(source.health().counters['badLines']).toBe(0);
});
