import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { widthOf } from './decode.ts';
import { CLOCKS, clockWidth } from './decode-clock.ts';
import type { Table } from './plan.ts';
import {
  checkOrder,
  name,
  order,
  period,
  placeShape,
  plainAddress,
  recordField,
  resolvePlace,
} from './settings-fields.ts';

const counterType = z
  .enum(['uint16', 'uint32'])
  .default('uint32')
  .describe('It wraps at 65 536 or 2^32');

const counter = z
  .strictObject({
    ...placeShape,
    table: z.enum(['holding', 'input']).optional().describe('Register table'),
    type: counterType,
    order: order.optional(),
    copy: plainAddress
      .optional()
      .describe('Address of a second counter, written last: a torn record shows two values'),
  })
  .transform(resolvePlace)
  .superRefine((f, c) => checkOrder(f, c))
  .describe('Part counter of the PLC: the record is taken when it changed');

const status = z.strictObject({
  address: plainAddress.describe('Address of the status register'),
  bits: z
    .record(name, z.int().min(0).max(15))
    .describe('Names of the bits, e.g. { new: 0, bypass: 3 }'),
  require: z
    .array(name)
    .default([])
    .describe('Take the record only while all of these bits are set'),
  context: z.array(name).default([]).describe("Bits that stand in the context as '1' when set"),
});

const time = z
  .strictObject({
    address: plainAddress.describe('Address of its first register, in the table of the record'),
    format: z
      .enum(CLOCKS)
      .describe("unix seconds or ms (uint32, uint64), or 'bcd': YYMM DDhh mmss in three registers"),
    order: order.optional(),
    offsetMinutes: z
      .int()
      .min(-840)
      .max(840)
      .default(0)
      .describe("Minutes the PLC's clock is ahead of UTC, e.g. 300 in Pakistan"),
  })
  .describe("The PLC's own time of the part; readings far from our clock are called uncertain");

const bit = z
  .int()
  .min(0)
  .max(15)
  .default(0)
  .describe('Bit of the register, 0 = least significant');
const signal = z.strictObject({ ...placeShape, bit }).transform(resolvePlace);

const ring = z
  .strictObject({
    table: z.enum(['holding', 'input']).default('holding').describe('Table of head and slots'),
    head: plainAddress.describe('Address of the count of records written so far'),
    type: counterType,
    order: order.optional(),
    slots: z.int().min(2).max(4096).describe('Slots of the ring: record n is in (n - 1) mod slots'),
    first: plainAddress.describe('Address of the first slot'),
    size: z.int().min(1).max(125).describe('Registers of one slot'),
    tail: plainAddress
      .optional()
      .describe('Holding register where we write how far we are, once it is stored'),
  })
  .refine((r) => r.type === 'uint32' || 65_536 % r.slots === 0, {
    message: "with 'type: uint16' slots must divide 65 536, or records move when the count wraps",
    path: ['slots'],
  })
  .describe('Records in a ring; addresses of fields and sequence count from the start of a slot');

const handshake = z
  .strictObject({
    ready: signal.describe('Bit the PLC sets when a record is complete'),
    ack: z
      .strictObject({
        table: z.enum(['holding', 'coil']).optional().describe('Table of the acknowledge'),
        address: placeShape.address,
        bit,
        whole: z
          .boolean()
          .default(false)
          .describe('The register is ours alone: function 6 instead of 22'),
      })
      .transform(resolvePlace)
      .describe('Bit we set when the record is stored, and take back when ready went off'),
    combine: z
      .boolean()
      .default(false)
      .describe(
        'The PLC knows function 23: the acknowledge is written and the next record read in one ' +
          'request; ready, record and ack stand in holding registers, ack.whole is true',
      ),
    timeout: duration('10s').describe('Longest wait for ready to go off after the acknowledge'),
  })
  .describe('Four-phase handshake: the PLC keeps the record until it is stored here');

const edge = z
  .strictObject({
    ...placeShape,
    bit: z.int().min(0).max(15).optional().describe('Bit of a register; the whole when left out'),
    edge: z.enum(['rising', 'falling', 'change']).default('rising').describe('What is waited for'),
  })
  .transform(resolvePlace)
  .describe('The record is read when this coil or register changes');

const fifo = z
  .strictObject({
    address: plainAddress.describe('Address of the queue (function 24)'),
    size: z.int().min(1).max(31).describe('Registers of one record in the queue'),
  })
  .describe('Records in a queue; addresses of fields and sequence count from the record');

/** A result block, and how the PLC says that there is a new one. */
export const record = z
  .strictObject({
    name: name.describe('Name of the record: its counter is told apart by it'),
    every: period('100ms', 'Poll period; shorter than the shortest time between two parts'),
    sequence: counter.optional(),
    ring: ring.optional(),
    handshake: handshake.optional(),
    on: edge.optional(),
    fifo: fifo.optional(),
    status: status.optional().describe('Status register of the record, in the same table'),
    time: time.optional(),
    fields: z.record(name, recordField).describe('Fields by name; all come from one request'),
  })
  .superRefine((r, c) => {
    checkPattern(r, c);
    const table = tableOf(r);
    const say = (path: PropertyKey[], message: string) =>
      c.addIssue({ code: 'custom', path, message });
    for (const [field, f] of Object.entries(r.fields)) {
      if (f.table === table) continue;
      const what = r.sequence ? 'the sequence is' : 'the record is';
      const message = `is in table '${f.table}' but ${what} in '${table}': `;
      say(['fields', field, 'table'], `${message}one request reads one table`);
    }
    for (const word of [...(r.status?.require ?? []), ...(r.status?.context ?? [])]) {
      if (r.status && !(word in r.status.bits)) say(['status'], `no bit is named '${word}'`);
    }
  });

type Record = z.output<typeof record>;
type Pattern = Pick<Record, 'sequence' | 'ring' | 'fifo' | 'on' | 'handshake' | 'fields' | 'time'>;

/** The table that holds the record itself. */
export function tableOf(r: Pick<Record, 'sequence' | 'ring' | 'fields'>): Table {
  return r.sequence?.table ?? r.ring?.table ?? Object.values(r.fields)[0]?.table ?? 'holding';
}

/** What is counted from the start of a slot rather than from the unit's base. */
export const isRelative = (r: Pick<Record, 'ring' | 'fifo'>): boolean => Boolean(r.ring ?? r.fifo);

function checkPattern(r: Pattern, c: z.core.$RefinementCtx): void {
  const say = (path: PropertyKey[], message: string) =>
    c.addIssue({ code: 'custom', path, message });
  const patterns = (['ring', 'handshake', 'on', 'fifo'] as const).filter((p) => r[p] !== undefined);
  if (patterns.length > 1)
    say([], `a record has one of ring, handshake, on, fifo, not ${patterns}`);
  if (r.sequence === undefined && r.ring === undefined && r.on === undefined) {
    say(['sequence'], 'a part counter is needed: without it parts could be missed or come twice');
  }
  if (r.handshake?.combine) {
    const { ready, ack } = r.handshake;
    const holding = [tableOf(r), ready.table, ack.table].every((t) => t === 'holding');
    if (!holding || !ack.whole) {
      const path = ['handshake', 'combine'];
      say(path, "needs ready, ack and the record in holding registers, and 'whole: true' at ack");
    }
  }
  if (r.ring && r.sequence) say(['sequence'], 'the head of the ring counts: leave this out');
  const size = r.ring?.size ?? r.fifo?.size;
  if (size === undefined) return;
  for (const [field, f] of Object.entries(r.fields)) {
    if (f.address + widthOf(f.type, f.length, f.packing) <= size) continue;
    say(['fields', field, 'address'], `does not fit into a record of ${size} registers`);
  }
  if (r.time && r.time.address + clockWidth(r.time.format) > size) {
    say(['time', 'address'], `does not fit into a record of ${size} registers`);
  }
}
