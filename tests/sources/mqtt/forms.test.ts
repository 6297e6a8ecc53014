import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startCounters } from '../../../agent/sources/mqtt/counters.ts';
import { createDecoder } from '../../../agent/sources/mqtt/decode.ts';
import { PayloadError } from '../../../agent/sources/mqtt/payload.ts';
import { compileEntry, planner } from '../../../agent/sources/mqtt/plan.ts';
import { settings } from '../../../agent/sources/mqtt/settings.ts';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, publisher, subscribed } from '../../support/mqtt.ts';
import { testContext, until } from '../../support/source-context.ts';

const NOW = Date.UTC(2026, 2, 1, 8, 0, 0);

function decoding(topic: Record<string, unknown>) {
  const parsed = settings.parse({ url: 'mqtt://127.0.0.1', topics: [{ topic: 't', ...topic }] });
  const context = testContext(['h', 'd']);
  const plan = planner(parsed.topics.map(compileEntry), context.tagNumber)('t');
  const decoder = createDecoder((d) => void context.deliver(d), startCounters(), 65_536);
  const take = (payload: string | Buffer) => {
    if (plan === null) throw new Error('no plan');
    return decoder.take(plan, Buffer.from(payload), NOW, false);
  };
  return { take, context };
}

const issues = (topic: Record<string, unknown>) =>
  settings.safeParse({ url: 'mqtt://127.0.0.1', topics: [topic] }).error?.issues ?? [];

describe('lines of CSV', () => {
  const form = {
    format: 'csv',
    csv: { delimiter: ';' },
    sequence: 'Nr',
    time: { path: 'Zeit', unit: 'iso' },
    values: { h: 'Hardness', d: '["Depth.mm"]' },
    context: { serial: 'SN' },
  };

  it('reads every line as a part, with decimal commas, quotes and the header', () => {
    const { take, context } = decoding(form);
    const at = '2026-03-01T07:59:0';
    take(
      'Nr;Zeit;Hardness;Depth.mm;SN\r\n' +
        `1;${at}1Z;58,5;"0,82";A-1\r\n` +
        `2;${at}2Z;;0.83;"A;""2"""\r\n\r\n`,
    );
    expect(context.readings.map((r) => [r.tag, r.value, r.sequence, r.context])).toEqual([
      ['h', 58.5, 1, { serial: 'A-1' }],
      ['d', 0.82, 1, { serial: 'A-1' }],
      ['h', Number.NaN, 2, { serial: 'A;"2"' }],
      ['d', 0.83, 2, { serial: 'A;"2"' }],
    ]);
    expect(context.readings[3]?.sourceMs).toBe(NOW - 58_000);
  });

  it('reads lines without a header by the names given', () => {
    const { take, context } = decoding({
      ...{ format: 'csv', csv: { columns: ['n', 'x'] }, sequence: 'n', values: { h: 'x' } },
    });
    take('7,1.5\n8,1.6');
    expect(context.readings.map((r) => [r.sequence, r.value])).toEqual([
      [7, 1.5],
      [8, 1.6],
    ]);
  });

  it.each([
    ['an open quote', 'Nr;Hardness\n1;"58', /line 2: an open quote/],
    ['text after a quote', 'Nr;Hardness\n1;"58"x', /line 2: text after/],
    ['none of the columns', 'a;b\n1;2', /none of the configured values/],
  ])('refuses %s with its line', (_name, text, why) => {
    const { take, context } = decoding(form);
    expect(() => take(text)).toThrow(PayloadError);
    expect(() => take(text)).toThrow(why);
    expect(context.readings).toEqual([]);
  });
});

describe('columns and rows', () => {
  const form = { table: {}, sequence: 'n', values: { h: 'hardness' } };

  it('reads each row as a part', () => {
    const { take, context } = decoding(form);
    take('{"cols":["n","hardness"],"rows":[[3,58.1],[4,"58,2"],[5]]}');
    expect(context.readings.map((r) => [r.sequence, r.value])).toEqual([
      [3, 58.1],
      [4, 58.2],
    ]);
  });

  it.each(['{"rows":[[1]]}', '{"cols":["n"],"rows":{}}', '{"cols":["n"],"rows":[1]}', '[]'])(
    'refuses %s',
    (text) => {
      const { take } = decoding(form);
      expect(() => take(text)).toThrow(PayloadError);
    },
  );

  it('reads no name as anything but a column', () => {
    const { take, context } = decoding({ ...form, values: { h: 'hardness', d: 'toString' } });
    take('{"cols":["__proto__","n","hardness"],"rows":[[{"toString":5},1,2]]}');
    expect(context.readings.map((r) => r.tag)).toEqual(['h']);
  });
});

describe('compressed payloads', () => {
  const form = { values: { h: 'x' }, compressed: true, maxInflated: 1000 };
  const text = '{"x":4.5}';

  it.each([
    ['gzip', gzipSync(text)],
    ['zlib', deflateSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['plain', Buffer.from(text)],
  ])('reads %s', (_name, payload) => {
    const { take, context } = decoding(form);
    take(payload);
    expect(context.readings[0]?.value).toBe(4.5);
    expect(Buffer.from(context.raw[0] ?? []).equals(payload)).toBe(true);
  });

  it('stops at the cap: a small message does not fill the memory', () => {
    const { take } = decoding(form);
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => take(bomb)).toThrow(/maxInflated/);
  });

  it('refuses what is damaged, and what it was not told to expect', () => {
    const { take } = decoding(form);
    expect(() => take(gzipSync(text).subarray(0, 15))).toThrow(PayloadError);
    const plain = decoding({ values: { h: 'x' } });
    expect(() => plain.take(gzipSync(text))).toThrow(PayloadError);
  });
});

describe('settings of forms', () => {
  const values = { h: 'x' };
  it.each([
    ['a shared topic without a sequence', { topic: '$share/g/a', values }, 'order of parts'],
    ['a share without a topic', { topic: '$share/g', values, sequence: 's' }, '$share/GROUP'],
    ['csv with items', { topic: 'a', format: 'csv', items: 'b', values }, 'an item already'],
    ['a table with items', { topic: 'a', table: {}, items: 'b', values }, 'stands alone'],
  ])('refuse %s', (_name, topic, text) => {
    expect(issues(topic).some((issue) => issue.message.includes(text))).toBe(true);
  });
});

describe.skipIf(!needs('mosquitto'))('sessions and shares at a broker', () => {
  async function rig(use: (broker: Mosquitto) => Promise<void>) {
    const broker = await startMosquitto();
    try {
      await use(broker);
    } finally {
      await broker.close();
    }
  }

  it('takes its part of a shared subscription', () =>
    rig(async (broker) => {
      const context = testContext(['k7.h']);
      const topic = {
        ...{ topic: '$share/agents/ravi/{station}/result', sequence: 'seq' },
        values: { '{station}.h': 'h' },
      };
      const source = mqttSource(broker.url, context, [topic]);
      source.start();
      await subscribed(source);
      const out = await publisher(broker.url);
      await out.send('ravi/k7/result', '{"seq":1,"h":58}');
      await until(() => context.good('k7.h').length === 1, 'the reading');
      await out.close();
      await ending(source, context).close();
    }));

  it.each([
    [false, 2],
    [true, 1],
  ])('newSessionOnChange %s: a topic that left the list', (newSessionOnChange, received) =>
    rig(async (broker) => {
      const context = testContext(['a', 'b']);
      const entry = (name: string) => ({ topic: name, sequence: 'seq', values: { [name]: 'x' } });
      const over = { newSessionOnChange };
      const first = mqttSource(broker.url, context, [entry('a'), entry('b')], over);
      first.start();
      await subscribed(first);
      await ending(first, context).close();
      const second = mqttSource(broker.url, context, [entry('a')], over);
      second.start();
      await subscribed(second);
      const out = await publisher(broker.url);
      await out.send('b', '{"seq":1,"x":1}');
      await out.send('a', '{"seq":1,"x":1}');
      await until(() => context.good('a').length === 1, 'the reading');
      expect(second.health().counters['received']).toBe(received);
      await out.close();
      await ending(second, context).close();
    }),
  );
});
