import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { fileShelf, type Shelf } from '../../../agent/runtime/shelf.ts';
import { createFileSource } from '../../../agent/sources/file/index.ts';
import { lineMemory } from '../../../agent/sources/file/memory.ts';
import { settings } from '../../../agent/sources/file/settings.ts';
import { collect, encode, feed, reducerFor } from '../../support/reducer.ts';
import { testContext, until } from '../../support/source-context.ts';

const T0 = Date.now() - 1_000_000;
const row = (second: number) => `${T0 + 1000 * second},${second}`;
const five = [1, 2, 3, 4, 5].map(row);

let folder: string;
let core: ReturnType<typeof startCore>;

/** The core outlives the source, as a committed state outlives the process. */
function startCore() {
  const reducer = reducerFor({ od: {} });
  const seen = collect();
  return { reducer, seen };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-file-restart-'));
  core = startCore();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (rows: string[]) =>
  writeFileSync(join(folder, 'r.csv'), `${['time,od', ...rows].join('\n')}\n`);
const values = () => core.seen.readings.map((r) => r[2]);
const sorted = () => [...values()].sort((a, b) => Number(a) - Number(b));
const late = () =>
  core.seen.readings.flatMap((r) => (r[3] === QUALITY.UNCERTAIN_LATE ? [r[2]] : []));

/** One life of the source: reads `lines` lines, is killed after `committed` of what it hands over. */
async function live(
  lines: number,
  { committed = Number.POSITIVE_INFINITY, shelf = fileShelf(join(folder, 'kept')) as Shelf } = {},
) {
  let handed = 0;
  const context = testContext(['od'], { shelf });
  context.deliver = (d) => {
    handed += 1;
    if (handed <= committed) {
      feed(
        core.reducer,
        { kind: 'batch', bytes: encode([{ ...d, stream: `s/${d.stream}` }]) },
        core.seen,
      );
    }
    return handed;
  };
  const own = { folder, every: '10ms', settleAfter: '20ms', values: { od: 'od' } };
  const time = { path: 'time', unit: 'ms' };
  const source = createFileSource(settings.parse({ ...own, time }), context);
  source.start();
  await until(() => source.health().counters['lines'] === lines + 1, `${lines} lines`);
  await until(() => source.health().parts[0]?.detail.startsWith(`${lines + 1} `) === true, 'read');
  const said = () => context.events.map((event) => event.text);
  return { said, source, stop: () => source.stop() };
}

async function once(lines: number, committed?: number) {
  const life = await live(lines, committed === undefined ? {} : { committed });
  await life.stop();
  return life;
}

/** What an editor, a spreadsheet or a program does to the file while nobody looks. */
const edits: [string, string[], number[], number[]][] = [
  ['nothing', five, [1, 2, 3, 4, 5], []],
  ['a line at the end', [...five, row(6)], [1, 2, 3, 4, 5, 6], []],
  ['a line put in', [five[0] ?? '', row(1.5), ...five.slice(1)], [1, 1.5, 2, 3, 4, 5], [1.5]],
  ['a line at the top', [row(0.5), ...five], [0.5, 1, 2, 3, 4, 5], [0.5]],
  ['the first lines deleted', [...five.slice(2), row(6)], [1, 2, 3, 4, 5, 6], []],
  ['the order turned round', [...five].reverse(), [1, 2, 3, 4, 5], []],
  ['another day', [11, 12, 13].map(row), [1, 2, 3, 4, 5, 11, 12, 13], []],
  ['a blank line', [...five.slice(0, 2), '', ...five.slice(2)], [1, 2, 3, 4, 5], []],
];

describe.each(edits)('%s while the agent is off', (_, rows, all, history) => {
  it('counts every line once', async () => {
    write(five);
    await once(5);
    write(rows);
    await once(rows.length);
    expect(sorted()).toEqual(all);
    expect(late()).toEqual(history);
    expect(core.reducer.figures.missedParts).toBe(0);
  });

  it('counts every line once, wherever the agent was killed before', async () => {
    for (let committed = 0; committed <= 5; committed += 1) {
      rmSync(join(folder, 'kept'), { recursive: true, force: true });
      core = startCore();
      write(five);
      await once(5, committed);
      write(rows);
      await once(rows.length, committed);
      await once(rows.length);
      const lost = five.slice(committed).filter((line) => !rows.includes(line));
      const expected = all.filter((x) => !lost.includes(row(x)));
      expect(sorted(), `killed after ${committed}`).toEqual(expected);
    }
  });
});

describe('a file that was changed while the agent was off', () => {
  it('is said in words, once', async () => {
    write(five);
    expect((await once(5)).said()).toEqual([]);
    write([...five.slice(0, 2), row(2.5), ...five.slice(3), row(6)]);
    const life = await live(6);
    await until(() => life.said().length > 0, 'the words');
    expect(life.said()).toEqual([
      "file 'r.csv' is another than it was: 5 lines are known and count once, 1 are new, " +
        '1 were put in or corrected (history), 1 are gone from the file and stay recorded',
    ]);
    await life.stop();
    expect((await once(6)).said().filter((text) => text.includes('put in'))).toEqual([]);
  });

  it('that was only added to needs no words', async () => {
    write(five);
    await once(5);
    write([...five, row(6), row(7)]);
    const life = await live(7);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(life.said()).toEqual([]);
    await life.stop();
  });

  it('goes on when nothing can be kept, and says so in its counters', async () => {
    const shelf: Shelf = { load: () => new Map(), put: async () => false };
    write(five);
    const life = await live(5, { shelf });
    expect(values()).toEqual([1, 2, 3, 4, 5]);
    expect(life.source.health().counters['linesNotKept']).toBeGreaterThan(0);
    await life.stop();
  });
});

describe('what is kept of the lines of a file', () => {
  const read = (memory: ReturnType<typeof lineMemory>, lines: string[]) =>
    lines.map((line, i) => memory.number(Buffer.from(line), i + 1)?.number ?? null);
  const many = Array.from({ length: 2500 }, (_, i) => `line ${i}`);

  it('is written in blocks, and only those that changed', () => {
    const memory = lineMemory();
    read(memory, many);
    expect(memory.unsaved().map(([block]) => block)).toEqual([0, 1, 2]);
    expect(memory.unsaved()).toEqual([]);
    memory.number(Buffer.from('one more'), 2501);
    expect(memory.unsaved().map(([block]) => block)).toEqual([2]);
  });

  it('needs no writing when the same file is read again', () => {
    const first = lineMemory();
    read(first, many);
    const kept = first.unsaved().flatMap(([, text]) => text ?? []);
    const second = lineMemory(kept.reverse());
    expect(read(second, many)).toEqual(many.map((_, i) => i + 1));
    expect(second.unsaved()).toEqual([]);
    expect(second.changes()).toBe('');
  });

  it('gives no number twice, also when a restart comes in the middle of a changed file', () => {
    const first = lineMemory();
    read(first, many);
    const records = new Map(first.unsaved());
    const changed = ['put in', ...many];
    const second = lineMemory([...records.values()].flatMap((text) => text ?? []));
    read(second, changed.slice(0, 100));
    for (const [block, text] of second.unsaved()) records.set(block, text);
    const third = lineMemory([...records.values()].flatMap((text) => text ?? []));
    expect(read(third, changed)).toEqual([2501, ...many.map((_, i) => i + 1)]);
  });

  it('tells equal lines apart by how many there are', () => {
    const first = lineMemory();
    expect(read(first, ['a', 'b', 'b'])).toEqual([1, 2, 3]);
    const kept = first.unsaved().flatMap(([, text]) => text ?? []);
    expect(read(lineMemory(kept), ['b', 'b', 'b', 'a'])).toEqual([2, 3, 4, 1]);
  });

  it('is given up for a file of more lines than it holds, and all of its records go', () => {
    const memory = lineMemory();
    read(memory, many);
    memory.unsaved();
    read(
      memory,
      Array.from({ length: 60_000 }, (_, i) => `more ${i}`),
    );
    expect(memory.unsaved()).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
    expect(memory.unsaved()).toEqual([]);
  });
});
