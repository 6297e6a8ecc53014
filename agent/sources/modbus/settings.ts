import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { tlsSettings } from '../../runtime/tls.ts';
import { ORDERS_32 } from './decode.ts';
import { name, tag } from './settings-fields.ts';
import { record } from './settings-records.ts';
import { parseTarget } from './transport/target.ts';

const link = z.string().superRefine((url, c) => {
  const target = parseTarget(url);
  if (typeof target === 'string') c.addIssue({ code: 'custom', message: target });
});

const unit = z
  .strictObject({
    id: z.int().min(0).max(255).default(1).describe('Unit (slave) id behind this address'),
    name: name.describe("Name of the unit, first part of its tags: '<unit>.<field>'"),
    base: z
      .union([z.literal(0), z.literal(1)])
      .default(0)
      .describe('First address: 0 as in the protocol, or 1 as in many manuals'),
    writes: z
      .boolean()
      .default(false)
      .describe('Allow writing the addresses named as ack and tail, and no others'),
    order: z.enum(ORDERS_32).default('ABCD').describe('Byte order of 32-bit values'),
    heartbeat: z
      .strictObject({
        tag: name.describe('One of the tags of this unit: a number that its program moves'),
        polls: z
          .int()
          .min(2)
          .max(10_000)
          .default(5)
          .describe('Polls of it without a change after which its program stands still'),
      })
      .optional()
      .describe('Values of a unit whose program stands still are suspect, and people are told'),
    suspectWhile: z
      .array(
        z.strictObject({
          tag: name.describe('Tag or field of this unit that says how the device is'),
          is: z.array(z.number()).min(1).max(32).default([1]).describe('Values that mean: unsound'),
          of: z
            .array(name)
            .min(1)
            .optional()
            .describe('Tags and fields that are suspect then; all of the unit when left out'),
        }),
      )
      .max(32)
      .default([])
      .describe('Status of the device that makes its values suspect, e.g. a failed master check'),
    records: z.array(record).default([]).describe('Result blocks with a part counter'),
    tags: z.array(tag).default([]).describe('Values sampled by the clock'),
  })
  .superRefine((u, c) => {
    const seen = new Set<string>();
    const names = [
      ...u.records.flatMap((r) => Object.keys(r.fields)),
      ...u.tags.map((t) => t.name),
    ];
    for (const n of names) {
      if (seen.has(n)) {
        c.addIssue({ code: 'custom', message: `two fields are named '${u.name}.${n}'` });
      }
      seen.add(n);
    }
    checkTrust(u, names, c);
    const writer = u.records.find((r) => r.handshake !== undefined || r.ring?.tail !== undefined);
    if (writer !== undefined && !u.writes) {
      const message = `record '${writer.name}' writes to the PLC: say 'writes: true' to allow it`;
      c.addIssue({ code: 'custom', path: ['writes'], message });
    }
    if (names.length === 0) {
      c.addIssue({ code: 'custom', message: `unit '${u.name}' has no records and no tags` });
    }
  });

interface Watching {
  name: string;
  tags: { name: string }[];
  heartbeat?: { tag: string } | undefined;
  suspectWhile: { tag: string; of?: string[] | undefined }[];
}

/** Names that tell of trust must be read by the clock, or come with the record they are about. */
function checkTrust(u: Watching, names: string[], c: z.core.$RefinementCtx): void {
  const unknown = (path: PropertyKey[], field: string, known: string[]) => {
    if (known.includes(field)) return;
    const message = `'${u.name}' has no '${field}' here; it has ${known.join(', ') || 'none'}`;
    c.addIssue({ code: 'custom', path, message });
  };
  const tags = u.tags.map((t) => t.name);
  if (u.heartbeat) unknown(['heartbeat', 'tag'], u.heartbeat.tag, tags);
  u.suspectWhile.forEach(({ tag: watched, of }, i) => {
    unknown(['suspectWhile', i, 'tag'], watched, names);
    of?.forEach((field, j) => {
      unknown(['suspectWhile', i, 'of', j], field, names);
    });
  });
}

/** Settings of a Modbus source: one link, its units, what to read from each. */
export const settings = z.object({
  url: link.describe(
    "Where the PLC or gateway answers: 'tcp://host:port' (port 502 when left out), 'tls://', " +
      "'udp://', 'rtu+tcp://', 'ascii+tcp://', 'rtu:///dev/ttyUSB0?baud=19200&parity=even'",
  ),
  standby: link.optional().describe('Tried when the first cannot be reached: written like url'),
  tls: tlsSettings.prefault({}).describe('Files for tls:// (Modbus/TCP Security), PEM'),
  timeout: duration('1s').describe('Longest wait for an answer'),
  learnTimeout: z
    .boolean()
    .default(true)
    .describe(
      'Give an answer up after four times what 97 % of its unit take at most: 30 ms at least, ' +
        'timeout at most; false for devices that take much longer now and then',
    ),
  connectTimeout: duration('3s').describe('Longest wait for a connection'),
  depth: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Requests under way at once; more than 1 only for devices known to take it'),
  overtake: z
    .boolean()
    .default(true)
    .describe(
      'Several units: the others are asked while one is late. Ends by itself for ten minutes at ' +
        'a gateway that loses such requests; not on serial lines, whose answers carry no number',
    ),
  pauseAfterConnect: duration('0ms').describe('Rest between connecting and the first request'),
  quiet: duration('50ms').describe(
    'RTU and ASCII: rest of the line after an answer that did not come or was damaged',
  ),
  lengthNonce: z
    .enum(['off', 'after-timeout', 'always'])
    .default('after-timeout')
    .describe(
      'RTU and ASCII: a register more is read where a late answer could be taken for the right one',
    ),
  pauseBetween: duration('0ms').describe('Rest between an answer and the next request'),
  maxRegisters: z.int().min(2).max(125).default(125).describe('Most registers in one request'),
  maxBits: z.int().min(8).max(2000).default(2000).describe('Most coils or inputs in one request'),
  maxHole: z
    .int()
    .min(0)
    .max(125)
    .optional()
    .describe(
      'Unused registers worth reading to save a request; 0 for devices that ' +
        'refuse holes; reckoned from the speed of the line when left out',
    ),
  units: z
    .array(unit)
    .min(1)
    .superRefine((units, c) => {
      for (const key of ['id', 'name'] as const) {
        const values = units.map((u) => u[key]);
        const twice = values.find((v, i) => values.indexOf(v) !== i);
        if (twice !== undefined) {
          c.addIssue({ code: 'custom', message: `two units have the ${key} '${twice}'` });
        }
      }
    })
    .describe('Devices on this link, told apart by their unit id'),
});

export type Settings = z.output<typeof settings>;
export type UnitSettings = Settings['units'][number];
export type RecordSettings = UnitSettings['records'][number];
export type TagSettings = UnitSettings['tags'][number];
export type FieldSettings = RecordSettings['fields'][string];
