import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { mqttSource, subscribed } from '../../support/mqtt.ts';
import { collect, encode, feed, reducerFor } from '../../support/reducer.ts';
import { testContext, until } from '../../support/source-context.ts';
import { listening, sparkplugSource } from '../../support/sparkplug.ts';
import { sparkplugBytes, TYPE } from '../../support/sparkplug-bytes.ts';

/** One part of made-up measurements, and what a message says of it in each form. */
interface Part {
  seq: number;
  ts: number;
  h: number;
}
interface Form {
  settings: Record<string, unknown>;
  /** payload of some parts; `turned`: keys, columns or lines in the other order */
  payload(parts: Part[], turned: boolean): string | Buffer;
}

const T0 = Date.now() - 600_000;
const part = (seq: number): Part => ({ seq, ts: T0 + 1000 * seq, h: seq + 0.25 });
const object = (p: Part, turned: boolean) =>
  turned ? { v: { h: p.h }, ts: p.ts, seq: p.seq } : { seq: p.seq, ts: p.ts, v: { h: p.h } };
const counted = { sequence: 'seq', time: { path: 'ts', unit: 'ms' }, values: { h: 'v.h' } };
const plain = { ...counted, values: { h: 'h' } };
const json = (parts: Part[], turned: boolean) => JSON.stringify(object(parts[0] as Part, turned));
const listed = (parts: Part[], turned: boolean) => parts.map((p) => object(p, turned));
const names = (turned: boolean): (keyof Part)[] =>
  turned ? ['h', 'ts', 'seq'] : ['seq', 'ts', 'h'];
const cells = (parts: Part[], turned: boolean) => parts.map((p) => names(turned).map((n) => p[n]));
const csv = (parts: Part[], turned: boolean, delimiter: string) =>
  [names(turned), ...cells(parts, turned)].map((line) => line.join(delimiter)).join('\r\n');

/** Forms that hold one part, and forms that hold several. */
const SINGLE: Record<string, Form> = {
  object: { settings: counted, payload: json },
  'object, numbers as text': {
    settings: { ...plain, time: { path: 'ts', unit: 'iso' } },
    payload: ([p], turned) => {
      const { seq, ts, h } = p as Part;
      const said = { seq: `${seq}`, ts: new Date(ts).toISOString(), h: `${h}`.replace('.', ',') };
      return JSON.stringify(turned ? { h: said.h, ts: said.ts, seq: said.seq } : said);
    },
  },
  gzip: { settings: { ...counted, compressed: true }, payload: (p, t) => gzipSync(json(p, t)) },
  zlib: { settings: { ...counted, compressed: true }, payload: (p, t) => deflateSync(json(p, t)) },
  zstd: {
    settings: { ...counted, compressed: true },
    payload: (p, t) => zstdCompressSync(json(p, t)),
  },
};
const SEVERAL: Record<string, Form> = {
  'array of objects': {
    settings: { ...counted, items: '' },
    payload: (parts, turned) => JSON.stringify(listed(parts, turned)),
  },
  'objects below a key': {
    settings: { ...counted, items: 'data.parts' },
    payload: (parts, turned) => JSON.stringify({ data: { parts: listed(parts, turned) } }),
  },
  'parallel arrays': {
    settings: plain,
    payload: (parts, turned) =>
      JSON.stringify(Object.fromEntries(names(turned).map((n) => [n, parts.map((p) => p[n])]))),
  },
  'columns and rows': {
    settings: { ...plain, table: {} },
    payload: (parts, turned) => {
      const [cols, rows] = [names(turned), cells(parts, turned)];
      return JSON.stringify(turned ? { rows, cols } : { cols, rows });
    },
  },
  csv: { settings: { ...plain, format: 'csv' }, payload: (p, t) => csv(p, t, ',') },
  'csv, semicolons': {
    settings: { ...plain, format: 'csv', csv: { delimiter: ';' } },
    payload: (p, t) => csv(p, t, ';'),
  },
};

/** The messages in the order in which they are sent; the core has to make each part once of all. */
const ORDERS: Record<string, (messages: number[][]) => number[][]> = {
  'in order': (all) => all,
  'turned round': (all) => [...all].reverse().map((parts) => [...parts].reverse()),
  'each twice': (all) => all.flatMap((parts) => [parts, parts]),
  'one late': ([first = [], ...rest]) => [...rest, first],
  'all again': (all) => [...all, ...all],
};

describe.skipIf(!needs('mosquitto'))('a foreign broker', () => {
  let broker: Mosquitto;
  let folder: string;

  beforeAll(async () => {
    broker = await startMosquitto();
    folder = mkdtempSync(join(tmpdir(), 'meyar-interop-'));
  });
  afterAll(async () => {
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends with the broker's own program, a client that shares no line with ours. */
  const send = (topic: string, payload: string | Buffer, more: string[]) => {
    const file = join(folder, 'payload');
    writeFileSync(file, payload);
    const where = ['-h', '127.0.0.1', '-p', String(broker.port), '-t', topic];
    execFileSync('mosquitto_pub', [...where, '-f', file, ...more]);
  };

  const forms = [
    ...Object.entries(SINGLE).map(([name, form]) => ({ name, form, parts: [[1], [2], [3]] })),
    ...Object.entries(SEVERAL).map(([name, form]) => ({
      name,
      form,
      parts: [
        [1, 2, 3],
        [4, 5],
      ],
    })),
  ];

  it.each(['5', '3.1.1'] as const)(
    'is read correctly for every type x order (MQTT %s)',
    async (version) => {
      const orders = Object.entries(ORDERS).slice(0, version === '5' ? 5 : 2);
      const cases = forms.flatMap(({ name, form, parts }, f) =>
        orders.map(([order, arrange], o) => ({
          ...{ form, turned: o % 2 === 1, name: `${name}, ${order}` },
          ...{ sent: arrange(parts), wanted: parts.flat().map(part) },
          topic: `c/${f}/${o}`,
        })),
      );
      const seen = cases.map(() => ({ reducer: reducerFor({ h: {} }), out: collect() }));
      const context = testContext(['h']);
      context.deliver = (d) => {
        const at = cases.findIndex((one) => one.topic === d.stream);
        const core = seen[at];
        if (core === undefined) throw new Error(`no case for ${d.stream}`);
        const bytes = encode([{ ...d, stream: `s/${d.stream}` }]);
        feed(core.reducer, { kind: 'batch', bytes }, core.out);
        return 1;
      };
      const topics = forms.map(({ form }, f) => ({ topic: `c/${f}/{o}`, ...form.settings }));
      const source = mqttSource(broker.url, context, topics, {
        clientId: `interop-${version}`,
        version: version === '5' ? 5 : version,
      });
      source.start();
      await subscribed(source);
      let messages = 0;
      const committing = setInterval(() => source.committed(1), 5);
      for (const { form, sent, turned, topic } of cases) {
        for (const parts of sent) {
          const how = ['-V', version === '5' ? '5' : 'mqttv311', '-q', String(messages % 2)];
          send(topic, form.payload(parts.map(part), turned), how);
          messages += 1;
        }
      }
      await until(() => source.health().counters['received'] === messages, 'all messages');
      clearInterval(committing);
      source.committed(1);
      await source.stop();
      expect(source.deadLetters()).toEqual([]);
      for (const [i, { name, wanted }] of cases.entries()) {
        const readings = seen[i]?.out.readings ?? [];
        const said = readings.map(([, ms, value, , seq]) => [seq, ms, value]);
        said.sort(([a = 0], [b = 0]) => a - b);
        expect(said, name).toEqual(wanted.map(({ seq, ts, h }) => [seq, ts, h]));
      }
    },
    60_000,
  );

  it('is read correctly for every type of number that Sparkplug has', async () => {
    const types: [keyof typeof TYPE, Record<string, bigint | number>, number][] = [
      ['Int8', { int: 0xfb }, -5],
      ['Int16', { int: 0xfed4 }, -300],
      ['Int32', { int: 0xfffe_7960 }, -100_000],
      ['Int64', { long: -5_000_000_000n }, -5_000_000_000],
      ['UInt8', { int: 200 }, 200],
      ['UInt16', { int: 60_000 }, 60_000],
      ['UInt32', { int: 4_000_000_000 }, 4_000_000_000],
      ['UInt64', { long: 9_007_199_254_740_991n }, Number.MAX_SAFE_INTEGER],
      ['Float', { float: -0.15625 }, -0.15625],
      ['Double', { double: 1e-300 }, 1e-300],
    ];
    const tags = types.map(([name]) => `ravi/edge/press/${name}`);
    const context = testContext(tags);
    const source = sparkplugSource(broker.url, context);
    source.start();
    await listening(source);
    const say = (type: string, seq: number, metrics: object[]) =>
      send(
        `spBv1.0/ravi/${type}/edge${type.startsWith('D') ? '/press' : ''}`,
        sparkplugBytes({ timestamp: T0, seq, metrics }),
        ['-q', '1'],
      );
    const metrics = types.map(([name, value], i) => ({ alias: i, datatype: TYPE[name], ...value }));
    say('NBIRTH', 0, [{ name: 'bdSeq', datatype: TYPE.UInt64, long: 0 }]);
    say(
      'DBIRTH',
      1,
      metrics.map((one, i) => ({ ...one, name: types[i]?.[0] })),
    );
    // With and without their type, in one order and in the other.
    say('DDATA', 2, metrics);
    say('DDATA', 3, metrics.map(({ datatype: _, ...one }) => one).reverse());
    await until(() => context.readings.length === 2 * types.length, 'every type, twice');
    await source.stop();
    for (const [name, , value] of types) {
      const read = context.good(`ravi/edge/press/${name}`).map((r) => r.value);
      expect(read, name).toEqual([value, value]);
    }
  });
});
