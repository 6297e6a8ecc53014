import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSource, type FileSource } from '../../../agent/sources/file/index.ts';
import { lineSplitter } from '../../../agent/sources/file/lines.ts';
import { settings } from '../../../agent/sources/file/settings.ts';
import { compilePattern } from '../../../agent/sources/file/time.ts';
import { collect, encode, feed, reducerFor } from '../../support/reducer.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';

const T = Date.UTC(2026, 2, 1, 8);
const HEAD = 'time;od;serial\n';
const line = (n: number, od = `21,${980 + n}`) => `${T + 1000 * n};${od};S-${n}\n`;

describe('a file drop', () => {
  let folder: string;
  let context: TestContext;
  let source: FileSource;
  const path = (name: string) => join(folder, name);
  const values = () => context.good('od').map((r) => r.value);
  const counter = (name: string) => source.health().counters[name] ?? -1;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-drop-'));
    context = testContext(['od', 'press.force']);
  });
  afterEach(async () => {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const begin = (over: Record<string, unknown> = {}) => {
    source = createFileSource(
      settings.parse({
        ...{ folder, every: '10ms', settleAfter: '50ms', delimiter: ';' },
        ...{ time: { path: 'time', unit: 'ms' }, values: { od: 'od' } },
        ...{ context: { serial: 'serial', from: '{file}' } },
        ...over,
      }),
      context,
    );
    source.start();
  };

  it('reads lines with decimal comma, time, place in the file and context', async () => {
    writeFileSync(path('a.csv'), HEAD + line(1) + line(2));
    writeFileSync(path('other.txt'), HEAD + line(3));
    begin();
    await until(() => values().length === 2, 'two readings');
    expect(context.readings[1]).toMatchObject({
      ...{ value: 21.982, sourceMs: T + 2000, sequence: 3, stream: 'a.csv' },
      context: { serial: 'S-2', from: 'a.csv' },
    });
  });

  it('waits for the end of a line, however it is cut', async () => {
    writeFileSync(path('a.csv'), `${HEAD}${T};21,9`);
    begin();
    await pause(150);
    expect(context.readings).toEqual([]);
    appendFileSync(path('a.csv'), '835;S-1');
    await pause(30);
    appendFileSync(path('a.csv'), `\n${line(1)}`);
    await until(() => values().length === 2, 'two readings');
    expect(values()).toEqual([21.9835, 21.981]);
  });

  it('takes a last line without an end when told to, once the file has settled', async () => {
    writeFileSync(path('a.csv'), HEAD + line(1).trim());
    begin({ lastLine: 'take' });
    await until(() => values().length === 1, 'the reading');
  });

  it('sets bad lines aside with their number, and goes on', async () => {
    const lines = [
      line(1),
      'yesterday;1;S\n',
      `${T};"5;S\n`,
      `${T}\n`,
      '\n',
      line(2),
      line(3, '?'),
    ];
    writeFileSync(path('a.csv'), HEAD + lines.join(''));
    begin();
    await until(() => context.readings.length === 3, 'the good ones');
    expect(source.deadLetters().map((l) => l.topic)).toEqual(['a.csv:3', 'a.csv:4', 'a.csv:5']);
    expect(counter('badLines')).toBe(3);
    expect(context.readings.map((r) => [r.value, r.sequence, r.quality])).toEqual([
      [21.981, 2, 0],
      [21.982, 7, 0],
      [Number.NaN, 8, 24],
    ]);
    expect(source.health().detail).toContain('a.csv:5');
  });

  it('sets an overlong line aside and finds the next one', async () => {
    writeFileSync(path('a.csv'), `${HEAD}${'x'.repeat(200_000)}\n${line(1)}`);
    begin({ maxLineBytes: 100 });
    await until(() => values().length === 1, 'the line behind');
    expect(source.deadLetters()[0]?.reason).toContain('maxLineBytes');
  });

  it('follows a rotated file to its end, and its successor from the beginning', async () => {
    writeFileSync(path('a.csv'), HEAD + line(1));
    begin();
    await until(() => values().length === 1, 'the first');
    appendFileSync(path('a.csv'), line(2));
    renameSync(path('a.csv'), path('a.csv.1'));
    writeFileSync(path('a.csv'), HEAD + line(3));
    await until(() => values().length === 3, 'all three');
    expect([...values()].sort()).toEqual([21.981, 21.982, 21.983]);
    expect(context.readings.every((r) => r.stream === 'a.csv')).toBe(true);
  });

  it('begins again when a file was cut off', async () => {
    writeFileSync(path('a.csv'), HEAD + line(1) + line(2));
    begin();
    await until(() => values().length === 2, 'two');
    truncateSync(path('a.csv'));
    await until(() => counter('truncated') === 1, 'the cut');
    appendFileSync(path('a.csv'), HEAD + line(3));
    await until(() => values().length === 3, 'the third');
  });

  it('moves a finished file after its readings are durable, and never over another', async () => {
    mkdirSync(path('done'));
    writeFileSync(path('done/a.csv'), 'an older one');
    writeFileSync(path('a.csv'), HEAD + line(1));
    begin({ moveTo: 'done' });
    await until(() => values().length === 1, 'the reading');
    await pause(200);
    expect(existsSync(path('a.csv'))).toBe(true);
    source.committed(context.deliveries());
    await until(() => counter('filesMoved') === 1, 'the move');
    expect(readdirSync(path('done')).sort()).toEqual(['a.csv', 'a.csv.1']);
  });

  it('says when a file cannot be moved', async () => {
    writeFileSync(path('a.csv'), HEAD + line(1));
    begin({ moveTo: 'nowhere' });
    await until(() => values().length === 1, 'the reading');
    source.committed(context.deliveries());
    await until(() => source.health().state === 'degraded', 'degraded');
    expect(source.health().detail).toContain('a.csv');
  });

  it('reads JSON lines and tags made of a column', async () => {
    const json = [{ t: T, m: { feature: 'force' }, v: 4.5 }, '{', { t: T + 1, v: 'x' }];
    const text = json.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    writeFileSync(path('a.jsonl'), `${text.join('\n')}\n`);
    begin({
      ...{ format: 'jsonl', pattern: '*.jsonl', context: {} },
      ...{ time: { path: 't', unit: 'ms' }, values: { 'press.{m.feature}': 'v' } },
    });
    await until(() => counter('lines') === 3, 'three lines');
    expect(context.readings.map((r) => [r.tag, r.value])).toEqual([['press.force', 4.5]]);
    expect(counter('badLines')).toBe(1);
  });

  it('gives a file that is read again nothing new to the core, and no missed parts', async () => {
    const rest = Array.from({ length: 6000 }, (_, i) => line(i + 3)).join('');
    writeFileSync(path('a.csv'), `${HEAD}${line(1)}\nbroken\n${line(2)}${rest}`);
    const reducer = reducerFor({ od: {} });
    const out = collect();
    for (const round of [1, 2]) {
      context = testContext(['od'], {
        deliver: (d) => {
          feed(reducer, { kind: 'batch', bytes: encode([d]) }, out);
          return 1;
        },
      });
      begin();
      await until(() => counter('readings') === 6002, `round ${round}`);
      await source.stop();
    }
    expect(reducer.figures).toMatchObject({ readings: 6002, duplicates: 6002, missedParts: 0 });
  });
});

describe('the parts of a file drop', () => {
  it('divides lines the same, however the bytes are cut', () => {
    const text = 'a\r\nbc\n\nlonger than ten\nd\nlast';
    for (let size = 1; size <= text.length; size += 1) {
      const lines: [string, boolean][] = [];
      const splitter = lineSplitter(10, (bytes, whole) => void lines.push([String(bytes), whole]));
      for (let at = 0; at < text.length; at += size) {
        splitter.push(Buffer.from(text.slice(at, at + size)));
      }
      expect(splitter.pending()).toBe(4);
      splitter.finish();
      expect(lines.map(([line]) => line)).toEqual(['a', 'bc', '', 'longer tha', 'd', 'last']);
      expect(lines.map(([, whole]) => whole)).toEqual([true, true, true, false, true, true]);
    }
  });

  it('reads times of a form, and only days that exist', () => {
    const read = compilePattern('DD.MM.YYYY hh:mm:ss') ?? (() => 0);
    expect(read('01.03.2026 08:00:05')).toBe(new Date(2026, 2, 1, 8, 0, 5).getTime());
    for (const wrong of ['31.02.2026 08:00:00', '1.3.26 08:00:00', '01.03.2026 25:00:00', '']) {
      expect(read(wrong), wrong).toBeNaN();
    }
    expect(compilePattern('DD.MM')).toBeNull();
    expect(compilePattern('YYYY-MM-DD DD')).toBeNull();
  });

  it('joins date and time of day', async () => {
    const time = { path: ['Datum', 'Zeit'], pattern: 'DD.MM.YYYY hh:mm' };
    const base = { folder: '/x', values: { a: 'b' } };
    expect(settings.safeParse({ ...base, time }).success).toBe(true);
    expect(settings.safeParse({ ...base, time: { ...time, pattern: 'hh:mm' } }).success).toBe(
      false,
    );
    expect(settings.safeParse(base).success).toBe(false);
  });
});
