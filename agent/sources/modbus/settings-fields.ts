import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { ORDERS_16, ORDERS_32, ORDERS_64, TYPES, widthOf } from './decode.ts';
import { PACKINGS } from './decode-text.ts';
import type { Table } from './plan.ts';

/** A name that becomes part of a tag. */
export const name = z
  .string()
  .regex(/^[^\s.]+$/, "a name has no spaces and no dots, because tags are '<unit>.<field>'");

/** An address as a number. */
export const plainAddress = z.int().min(0).max(65_535);

const address = z
  .union([
    plainAddress,
    z
      .string()
      .regex(/^[0134](\d{4}|\d{5})$/, "an address is a number, or as in manuals '40001', '400001'")
      .refine((text) => Number(text.slice(1)) >= 1, 'registers of manuals begin at 1: 40001')
      .refine((text) => Number(text.slice(1)) <= 65_536, 'there are 65 536 addresses'),
  ])
  .describe(
    "Address in the protocol, counted from the unit's base; or as manuals write it, in quotes: " +
      "'40001' or '400001' is holding 0, '30001' input 0, '10001' discrete 0, '00001' coil 0",
  );

/** Where something stands; `table` is left out when the address says it. */
export const placeShape = {
  table: z
    .enum(['holding', 'input', 'coil', 'discrete'])
    .optional()
    .describe('Register table: holding (function 3), input (4), coil (1), discrete (2)'),
  address,
};

const NOTATION: Record<string, Table> = { 0: 'coil', 1: 'discrete', 3: 'input', 4: 'holding' };

/** Table and address as numbers; `notated`: counted from 1 in a manual, whatever the base. */
export function resolvePlace<T extends { table?: Table | undefined; address: number | string }>(
  place: T,
  c: z.core.$RefinementCtx,
): Omit<T, 'table' | 'address'> & { table: Table; address: number; notated: boolean } {
  const { table, address: written } = place;
  if (typeof written === 'number') {
    return { ...place, table: table ?? 'holding', address: written, notated: false };
  }
  const said = NOTATION[written[0] ?? ''] ?? 'holding';
  if (table !== undefined && table !== said) {
    const message = `'${written}' is in table '${said}', not '${table}'`;
    c.addIssue({ code: 'custom', path: ['address'], message });
  }
  return { ...place, table: said, address: Number(written.slice(1)) - 1, notated: true };
}

/** Byte order of one field. */
export const order = z
  .enum([...ORDERS_16, ...ORDERS_32, ...ORDERS_64])
  .describe("Byte order of this field, A the most significant byte; the unit's when left out");

/** A poll period. */
export const period = (fallback: string, what: string) =>
  duration(fallback)
    .refine((ms) => ms >= 5, "at least '5ms'")
    .describe(what);

const fieldShape = {
  ...placeShape,
  type: z
    .enum(TYPES)
    .default('uint16')
    .describe(
      "Type; 'bit' is one bit of a register; bcd types have four decimal digits a register",
    ),
  bit: z.int().min(0).max(15).default(0).describe('Bit of the register, 0 = least significant'),
  byte: z
    .enum(['low', 'high'])
    .default('low')
    .describe('Byte of the register that an 8-bit number is'),
  bits: z
    .string()
    .regex(/^\d{1,2}-\d{1,2}$/, "bits are 'from-to', e.g. '4-7', 0 = least significant")
    .optional()
    .describe("Only these bits of an unsigned number, e.g. '4-7'"),
  length: z.int().min(1).max(240).default(16).describe('Characters of a string'),
  packing: z
    .enum(PACKINGS)
    .default('two')
    .describe('Characters of a string: two a register, or one in its high or its low byte'),
  order: order.optional(),
  scale: z.number().default(1).describe('value = raw × scale + offset'),
  offset: z.number().default(0).describe('In the unit of the value'),
  unit: z.string().default('').describe('Unit of the value, for people'),
  min: z.number().optional().describe('Smaller values are implausible: bad, not charted'),
  max: z.number().optional().describe('Larger values are implausible: bad, not charted'),
  stuckAfter: z
    .int()
    .min(3)
    .max(1_000_000)
    .optional()
    .describe(
      'So many equal values in a row are a sensor that hangs: bad, told, not charted; more are ' +
        'needed where equal values are common',
    ),
  clamp: z
    .strictObject({
      min: z.number().optional().describe('Lowest value that is taken as it is, in the unit'),
      max: z.number().optional().describe('Highest value that is taken as it is, in the unit'),
    })
    .optional()
    .describe('Values beyond these are set to them and called uncertain'),
  sentinels: z
    .array(z.number())
    .max(16)
    .default([])
    .describe("Raw values that mean 'not available', before scale and offset"),
};

const words = z
  .record(z.string().regex(/^-?\d+$/, 'a whole number'), z.string().max(100))
  .optional()
  .describe('Words for raw numbers, e.g. { 0: off, 1: on }; other numbers stay numbers');

/** A field of a record. */
export const recordField = z
  .strictObject({
    ...fieldShape,
    words,
    role: z
      .enum(['value', 'context'])
      .default('value')
      .describe('value: measured. context: stands beside the values (spindle, serial, lot …)'),
    name: name.optional().describe('Name in the context; the name of the field when left out'),
  })
  .transform(resolvePlace)
  .superRefine((f, c) => {
    checkField(f, c);
    if (f.type === 'string' && f.role === 'value') {
      c.addIssue({ code: 'custom', message: "a string can only have 'role: context'" });
    }
    if (f.words !== undefined && f.role === 'value') {
      c.addIssue({ code: 'custom', path: ['words'], message: "words need 'role: context'" });
    }
  });

/** A value sampled by the clock. */
export const tag = z
  .strictObject({
    name: name.describe("The tag is '<unit>.<name>'"),
    ...fieldShape,
    every: period('1s', 'Poll period'),
  })
  .transform(resolvePlace)
  .superRefine((f, c) => {
    checkField(f, c);
    if (f.type === 'string') {
      c.addIssue({ code: 'custom', path: ['type'], message: 'a tag is a number, not a string' });
    }
  });

interface Checked {
  table: Table;
  type: (typeof TYPES)[number];
  bits?: string | undefined;
  order?: string | undefined;
  clamp?: { min?: number | undefined; max?: number | undefined } | undefined;
}

function checkField(f: Checked, c: z.core.$RefinementCtx): void {
  const bits = f.table === 'coil' || f.table === 'discrete';
  if (bits !== (f.type === 'bool')) {
    const message = bits
      ? `table '${f.table}' has single bits: use 'type: bool'`
      : "'type: bool' is for coil and discrete; use 'type: bit' for a bit of a register";
    c.addIssue({ code: 'custom', path: ['type'], message });
  }
  if (f.bits !== undefined) {
    const [from = 0, to = 0] = f.bits.split('-').map(Number);
    const size = f.type === 'uint16' ? 16 : f.type === 'uint32' ? 32 : 0;
    if (from > to || to >= size) {
      const message = `bits '${f.bits}' do not fit ${f.type}: use uint16 or uint32, lowest bit first`;
      c.addIssue({ code: 'custom', path: ['bits'], message });
    }
  }
  checkOrder(f, c);
}

/** Does the byte order have as many letters as the type has bytes? */
export function checkOrder(f: Pick<Checked, 'type' | 'order'>, c: z.core.$RefinementCtx): void {
  if (f.order === undefined) return;
  const width = f.type === 'string' ? 1 : widthOf(f.type);
  if (f.order.length === 2 * width) return;
  const fitting = { 1: ORDERS_16, 2: ORDERS_32, 4: ORDERS_64 }[width] ?? [];
  const message = `'${f.order}' does not fit ${f.type}; possible: ${fitting.join(' ')}`;
  c.addIssue({ code: 'custom', path: ['order'], message });
}
