import { z } from 'zod';
import { PLANT_EVENTS } from '../../model.ts';
import { parseDuration } from '../../runtime/duration.ts';
import { connectionSettings } from './connection.ts';
import { parsePath } from './paths.ts';
import { namesIn, namesOf, shareOf, topicError } from './topics.ts';

const path = z
  .string()
  .refine((text) => parsePath(text) !== undefined, {
    message: "a path is keys and indexes such as 'v.hardness', 'data[0].x' or '[\"odd key\"].y'",
  })
  .describe(
    'where in the message: keys with dots, indexes in brackets; empty = the message itself',
  );

const sequence = z
  .union([
    path,
    z.strictObject({
      path,
      modulus: z
        .int()
        .min(2)
        .describe('the counter starts again at 0 after this many numbers, e.g. 65536'),
    }),
  ])
  .describe('path of the part or message counter; lets lost and repeated messages be recognised');

const time = z
  .strictObject({
    path,
    unit: z
      .enum(['s', 'ms', 'us', 'ns', 'iso'])
      .describe('unit since 1970 UTC, or iso for text such as 2026-03-01T08:00:00Z'),
    step: path
      .optional()
      .describe('path of the time between two values of an array, in the same unit (iso: ms)'),
  })
  .describe('source time of the message; without it the time of receipt is used');

const csv = z
  .strictObject({
    delimiter: z.string().length(1).default(',').describe('sign between two fields'),
    columns: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(1000)
      .optional()
      .describe('names of the columns; the first line names them when left out'),
  })
  .describe('for format: csv; paths are then names of columns');

const table = z
  .strictObject({
    columns: path.default('cols').describe('path of the list of column names'),
    rows: path.default('rows').describe('path of the list of rows'),
  })
  .describe('the message is {cols: [...], rows: [[...]]}; paths are then names of columns');

const topic = z
  .strictObject({
    topic: z
      .string()
      .superRefine((text, check) => {
        const message = topicError(text);
        if (message !== undefined) check.addIssue({ code: 'custom', message });
      })
      .describe('topic with {name} for a level to capture, + for any level, # for all the rest'),
    stream: z
      .string()
      .default('{topic}')
      .describe('name of the counter that repeated messages are recognised by; may use {name}'),
    format: z
      .enum(['json', 'csv', 'number'])
      .default('json')
      .describe('json: an object or array; csv: lines; number: one number as text'),
    csv: csv.prefault({}),
    table: table.optional(),
    compressed: z
      .boolean()
      .default(false)
      .describe('payloads may be gzip, zlib or zstd; told by their first bytes'),
    maxInflated: z
      .int()
      .min(64)
      .max(67_108_864)
      .default(1_048_576)
      .describe('largest contents of a compressed payload in bytes'),
    items: path
      .optional()
      .describe('path of an array whose elements are each read like a message of their own'),
    sequence: sequence.optional(),
    time: time.optional(),
    values: z
      .record(z.string().min(1), path)
      .describe('tag name (may use {name}) : path of its value, or of an array of values'),
    context: z
      .record(z.string().min(1).max(32), z.string())
      .default({})
      .describe('name (part, serial, lot …) : path in the message, or text that uses {name}'),
    retained: z
      .enum(['ignore', 'use'])
      .default('ignore')
      .describe('what to do with a retained message: it is an old snapshot, not a new part'),
    expectEvery: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, {
        message: "a duration is a number and a unit: '500ms', '30s', '5m'",
      })
      .transform((text) => parseDuration(text) ?? 0)
      .optional()
      .describe('a message is expected at least this often; silence of three times this is told'),
  })
  .superRefine((entry, check) => {
    const problem = (key: string, message: string) =>
      check.addIssue({ code: 'custom', path: [key], message });
    const tags = Object.keys(entry.values).length;
    if (tags === 0) problem('values', 'name at least one tag');
    if (entry.format === 'number') {
      if (tags > 1) problem('values', 'a payload that is one number has one tag');
      if (entry.items ?? entry.sequence ?? entry.time) {
        problem('format', 'a payload that is one number has no items, sequence or time');
      }
    }
    const many = entry.items !== undefined || entry.table !== undefined || entry.format === 'csv';
    if (many && entry.sequence === undefined && needsPaths(entry.context)) {
      problem('sequence', 'items with a context need a sequence to be told apart');
    }
    if (entry.table !== undefined && (entry.items !== undefined || entry.format !== 'json')) {
      problem('table', 'a table stands alone: without items, and with format: json');
    }
    if (entry.format === 'csv' && entry.items !== undefined) {
      problem('items', 'every line of csv is an item already');
    }
    if (shareOf(entry.topic) !== '' && entry.sequence === undefined) {
      problem('topic', SHARED_ORDER);
    }
    const known = namesOf(entry.topic);
    for (const text of [entry.stream, ...Object.keys(entry.values)]) {
      const unknown = namesIn(text).find((name) => !known.has(name));
      if (unknown !== undefined) problem('topic', `no level of the topic is called {${unknown}}`);
    }
    for (const [name, text] of Object.entries(entry.context)) {
      const unknown = namesIn(text).find((one) => !known.has(one));
      if (unknown !== undefined) problem('topic', `no level of the topic is called {${unknown}}`);
      if (!text.includes('{') && parsePath(text) === undefined) {
        problem('context', `the path of '${name}' is not valid`);
      }
    }
  });

const event = z
  .strictObject({
    topic: z
      .string()
      .superRefine((text, check) => {
        const message = topicError(text);
        if (message !== undefined) check.addIssue({ code: 'custom', message });
      })
      .describe('topic, with {name} for a level to capture'),
    kind: z.enum(PLANT_EVENTS).describe('what such a message says has happened'),
    text: z
      .string()
      .min(1)
      .describe('path in the JSON message, or text that uses {name}; {topic} when nothing fits'),
    machine: z.string().min(1).optional().describe('path, or text that uses {name}'),
    by: z.string().min(1).optional().describe('path, or text that uses {name}'),
    characteristic: z.string().min(1).optional().describe('id of the characteristic it is about'),
    time: time.omit({ step: true }).optional().describe('when it happened; else on receipt'),
  })
  .describe('messages that say what happened in the plant');

const SHARED_ORDER =
  'a shared subscription breaks the order of parts, which charts and rules remember; ' +
  'give a sequence, or subscribe without $share';

/** Settings of one MQTT source: one broker, one client, its topics. */
export const settings = connectionSettings.extend({
  newSessionOnChange: z
    .boolean()
    .default(false)
    .describe(
      'a changed list of topics begins a new session at the broker (client id + a hash); what the ' +
        'old one still held is lost, and topics that left the list are no longer delivered',
    ),
  topics: z
    .array(topic)
    .min(1)
    .refine((list) => new Set(list.map((entry) => entry.topic)).size === list.length, {
      message: 'the same topic stands here twice; put all its values into one entry',
    })
    .describe('what to subscribe to, and where in the messages the values are'),
  events: z.array(event).max(100).default([]).describe('tool changes, lots, shifts, maintenance'),
});

export type MqttSettings = z.output<typeof settings>;
export type EventSettings = MqttSettings['events'][number];
export type TopicSettings = MqttSettings['topics'][number];

const needsPaths = (context: Record<string, string>) =>
  Object.values(context).some((text) => !text.includes('{'));
