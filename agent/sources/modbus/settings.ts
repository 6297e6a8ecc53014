import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { ORDERS_16, ORDERS_32, ORDERS_64, TYPES, widthOf } from './decode.ts';
import { parseTarget } from './transport/target.ts';

const name = z
  .string()
  .regex(/^[^\s.]+$/, "a name has no spaces and no dots, because tags are '<unit>.<field>'");
const address = z
  .int()
  .min(0)
  .max(65_535)
  .describe('Address in the protocol, from 0: register 40001 of many manuals is holding 0');
const table = z
  .enum(['holding', 'input', 'coil', 'discrete'])
  .default('holding')
  .describe('Register table: holding (function 3), input (4), coil (1), discrete (2)');
const order = z
  .enum([...ORDERS_16, ...ORDERS_32, ...ORDERS_64])
  .describe("Byte order of this field, A the most significant byte; the unit's when left out");
const period = (fallback: string, what: string) =>
  duration(fallback)
    .refine((ms) => ms >= 5, "at least '5ms'")
    .describe(what);

const link = z.string().superRefine((url, c) => {
  const target = parseTarget(url);
  if (typeof target === 'string') c.addIssue({ code: 'custom', message: target });
});

const fieldShape = {
  table,
  address,
  type: z.enum(TYPES).default('uint16').describe("Type; 'bit' is one bit of a register"),
  bit: z.int().min(0).max(15).default(0).describe('Bit of the register, 0 = least significant'),
  length: z.int().min(1).max(240).default(16).describe('Characters of a string'),
  order: order.optional(),
  scale: z.number().default(1).describe('value = raw × scale + offset'),
  offset: z.number().default(0).describe('In the unit of the value'),
  unit: z.string().default('').describe('Unit of the value, for people'),
  min: z.number().optional().describe('Smaller values are implausible: bad, not charted'),
  max: z.number().optional().describe('Larger values are implausible: bad, not charted'),
  sentinels: z
    .array(z.number())
    .max(16)
    .default([])
    .describe("Raw values that mean 'not available', before scale and offset"),
};

const recordField = z
  .strictObject({
    ...fieldShape,
    role: z
      .enum(['value', 'context'])
      .default('value')
      .describe('value: measured. context: stands beside the values (spindle, serial, lot …)'),
    name: name.optional().describe('Name in the context; the name of the field when left out'),
  })
  .superRefine((f, c) => {
    checkField(f, c);
    if (f.type === 'string' && f.role === 'value') {
      c.addIssue({ code: 'custom', message: "a string can only have 'role: context'" });
    }
  });

const tag = z
  .strictObject({
    name: name.describe("The tag is '<unit>.<name>'"),
    ...fieldShape,
    every: period('1s', 'Poll period'),
  })
  .superRefine((f, c) => {
    checkField(f, c);
    if (f.type === 'string') {
      c.addIssue({ code: 'custom', path: ['type'], message: 'a tag is a number, not a string' });
    }
  });

const counter = z
  .strictObject({
    table: z.enum(['holding', 'input']).default('holding').describe('Register table'),
    address,
    type: z.enum(['uint16', 'uint32']).default('uint32').describe('It wraps at 65 536 or 2^32'),
    order: order.optional(),
    copy: address
      .optional()
      .describe('Address of a second counter, written last: a torn record shows two values'),
  })
  .superRefine((f, c) => checkOrder(f, c))
  .describe('Part counter of the PLC: the record is taken when it changed');

const status = z.strictObject({
  address,
  bits: z
    .record(name, z.int().min(0).max(15))
    .describe('Names of the bits, e.g. { new: 0, bypass: 3 }'),
  require: z
    .array(name)
    .default([])
    .describe('Take the record only while all of these bits are set'),
  context: z.array(name).default([]).describe("Bits that stand in the context as '1' when set"),
});

const record = z
  .strictObject({
    name: name.describe('Name of the record: its counter is told apart by it'),
    every: period('100ms', 'Poll period; shorter than the shortest time between two parts'),
    sequence: counter,
    status: status.optional().describe('Status register of the record, in the same table'),
    fields: z.record(name, recordField).describe('Fields by name; all come from one request'),
  })
  .superRefine((r, c) => {
    for (const [field, f] of Object.entries(r.fields)) {
      if (f.table === r.sequence.table) continue;
      const message =
        `is in table '${f.table}' but the sequence is in '${r.sequence.table}': ` +
        'one request reads one table';
      c.addIssue({ code: 'custom', path: ['fields', field, 'table'], message });
    }
    for (const bit of [...(r.status?.require ?? []), ...(r.status?.context ?? [])]) {
      if (r.status && !(bit in r.status.bits)) {
        c.addIssue({ code: 'custom', path: ['status'], message: `no bit is named '${bit}'` });
      }
    }
  });

const unit = z
  .strictObject({
    id: z.int().min(0).max(255).default(1).describe('Unit (slave) id behind this address'),
    name: name.describe("Name of the unit, first part of its tags: '<unit>.<field>'"),
    order: z.enum(ORDERS_32).default('ABCD').describe('Byte order of 32-bit values'),
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
    if (names.length === 0) {
      c.addIssue({ code: 'custom', message: `unit '${u.name}' has no records and no tags` });
    }
  });

/** Settings of a Modbus source: one link, its units, what to read from each. */
export const settings = z.object({
  url: link.describe(
    "Where the PLC or gateway answers: 'tcp://host:port' (port 502 when left out), 'tls://', " +
      "'udp://', 'rtu+tcp://', 'ascii+tcp://', 'rtu:///dev/ttyUSB0?baud=19200&parity=even'",
  ),
  standby: link.optional().describe('Tried when the first cannot be reached: written like url'),
  tls: z
    .strictObject({
      ca: z.string().optional().describe("File of the certificate that signed the PLC's"),
      cert: z.string().optional().describe('File of our own certificate, when the PLC asks for it'),
      key: z.string().optional().describe('File of the key of our own certificate'),
      servername: z
        .string()
        .optional()
        .describe("Name in the PLC's certificate, when not the host"),
    })
    .prefault({})
    .describe('Files for tls:// (Modbus/TCP Security), PEM'),
  timeout: duration('1s').describe('Longest wait for an answer'),
  connectTimeout: duration('3s').describe('Longest wait for a connection'),
  depth: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Requests under way at once; more than 1 only for devices known to take it'),
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
    .default(125)
    .describe('Unused registers worth reading to save a request; 0 for devices that refuse holes'),
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

type Refinement = z.core.$RefinementCtx;

function checkField(
  f: { table: string; type: (typeof TYPES)[number]; order?: string | undefined },
  c: Refinement,
): void {
  const bits = f.table === 'coil' || f.table === 'discrete';
  if (bits !== (f.type === 'bool')) {
    const message = bits
      ? `table '${f.table}' has single bits: use 'type: bool'`
      : "'type: bool' is for coil and discrete; use 'type: bit' for a bit of a register";
    c.addIssue({ code: 'custom', path: ['type'], message });
  }
  checkOrder(f, c);
}

function checkOrder(
  f: { type: (typeof TYPES)[number]; order?: string | undefined },
  c: Refinement,
): void {
  if (f.order === undefined) return;
  const width = f.type === 'string' ? 1 : widthOf(f.type);
  if (f.order.length === 2 * width) return;
  const fitting = { 1: ORDERS_16, 2: ORDERS_32, 4: ORDERS_64 }[width] ?? [];
  const message = `'${f.order}' does not fit ${f.type}; possible: ${fitting.join(' ')}`;
  c.addIssue({ code: 'custom', path: ['order'], message });
}
