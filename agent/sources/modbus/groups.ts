import { counterReader, type Order, orderFor, widthOf } from './decode.ts';
import { type ClockFormat, clockReader, clockWidth } from './decode-clock.ts';
import { fromZero } from './events/shift.ts';
import { type Member, memberOf } from './members.ts';
import { type Group, isBits } from './plan.ts';
import type { RecordSettings, TagSettings, UnitSettings } from './settings.ts';
import { isRelative, tableOf } from './settings-records.ts';
import { type Trust, trustOf } from './trust.ts';

/** What makes a record of a group: its counter and its status bits. */
export interface RecordPart {
  stream: string;
  modulus: number;
  address: number;
  copy: number | null;
  counter(view: DataView, at: number): number;
  /** registers the counter takes */
  width: number;
  /** has a counter of its own; in a ring the head may count instead */
  counted: boolean;
  status: { address: number; require: number; context: { name: string; mask: number }[] } | null;
  statusLittle: boolean;
  /** the PLC's own time of the part; NaN when it cannot be */
  time: ClockPart | null;
  /** counter of the newest record of this connection; NaN before the first */
  last: number;
}

interface ClockPart {
  address: number;
  length: number;
  read(view: DataView, at: number, nowMs: number): number;
}

/** A tag, or all fields of a record: what one answer must hold together. */
export interface ReadGroup extends Group {
  name: string;
  members: Member[];
  record: RecordPart | null;
  /** settings of a record that is more than one request: ring, handshake, edge, queue */
  event: RecordSettings | null;
  /** the addresses named as ack and tail may be written */
  writes: boolean;
  order: UnitSettings['order'];
  /** a tag: not handed over again before this monotonic time */
  nextMs: number;
}

/** Everything of a unit that somebody reads, as groups for the planner. */
export function groupsOf(unit: UnitSettings, tagNumber: (tag: string) => number): ReadGroup[] {
  const trust = trustOf(unit);
  const records = unit.records.map((record) => recordGroup(unit, record, tagNumber, trust));
  const tags = unit.tags.map((tag) => tagGroup(unit, tag, tagNumber, trust));
  const all = [...records, ...tags];
  if (!all.some((g) => g.members.some(isRead))) return [];
  return all.filter((g) => g.members.some((m) => isRead(m) || m.watches.length > 0));
}

/** A value that some characteristic reads. */
export const isRead = (m: Member): boolean => m.number >= 0 && m.contextName === null;

/** Where an address stands in the data of an answer that starts at `base`: byte, or bit. */
export function placeOf(group: Group, base: number, address: number): number {
  return isBits(group.table) ? address - base : 2 * (address - base);
}

/** The parts of a record that must be readable, or there is no record. */
export function keySpans(record: RecordPart): { address: number; length: number }[] {
  const spans = record.counted ? [{ address: record.address, length: record.width }] : [];
  if (record.copy !== null) spans.push({ address: record.copy, length: record.width });
  if (record.status) spans.push({ address: record.status.address, length: 1 });
  if (record.time) spans.push(record.time);
  return spans;
}

/** Sets address and length of a group to what its members and its counter need. */
export function fitSpan(group: ReadGroup): void {
  const spans = [...group.members, ...(group.record ? keySpans(group.record) : [])];
  group.address = Math.min(...spans.map((s) => s.address));
  group.length = Math.max(...spans.map((s) => s.address + s.length)) - group.address;
}

function recordGroup(
  unit: UnitSettings,
  settings: RecordSettings,
  tagNumber: (tag: string) => number,
  trust: Trust,
): ReadGroup {
  const base = isRelative(settings) ? 0 : unit.base;
  const members = Object.entries(settings.fields).map(([name, field]) => {
    const tag = `${unit.name}.${name}`;
    const contextName = field.role === 'context' ? (field.name ?? name) : null;
    const number = contextName === null ? tagNumber(tag) : -1;
    return memberOf(unit, tag, contextName, field, number, base, trust);
  });
  const group: ReadGroup = {
    name: `${unit.name}.${settings.name}`,
    table: tableOf(settings),
    address: 0,
    length: 0,
    everyMs: settings.every,
    members,
    record: recordPart(unit, settings, base),
    event: isEvent(settings) ? fromZero(settings, unit.base) : null,
    writes: unit.writes,
    order: unit.order,
    nextMs: 0,
  };
  fitSpan(group);
  return group;
}

/** Is the record more than one request that is sent again and again? */
const isEvent = (r: RecordSettings) => Boolean(r.ring ?? r.handshake ?? r.on ?? r.fifo);

const NO_SEQUENCE = {
  address: 0,
  notated: true,
  type: 'uint16',
  copy: undefined,
  order: undefined,
} as const;

function clockPart(
  unit: UnitSettings,
  time: RecordSettings['time'],
  base: number,
): ClockPart | null {
  if (time === undefined) return null;
  const format: ClockFormat = time.format;
  const order = time.order as Order | undefined;
  return {
    address: time.address - base,
    length: clockWidth(format),
    read: clockReader(format, order, unit.order, time.offsetMinutes),
  };
}

function recordPart(unit: UnitSettings, settings: RecordSettings, base: number): RecordPart {
  const { status } = settings;
  const sequence = settings.sequence ?? NO_SEQUENCE;
  const order = (sequence.order as Order | undefined) ?? orderFor(sequence.type, unit.order);
  const bitOf = (name: string) => 1 << (status?.bits[name] ?? 0);
  return {
    stream: `${unit.name}.${settings.name}`,
    modulus: settings.sequence === undefined ? 0 : sequence.type === 'uint32' ? 2 ** 32 : 2 ** 16,
    address: sequence.address - (sequence.notated ? 0 : base),
    copy: sequence.copy === undefined ? null : sequence.copy - base,
    counter: counterReader(sequence.type, order),
    width: widthOf(sequence.type),
    counted: settings.sequence !== undefined,
    status: status
      ? {
          address: status.address - base,
          require: status.require.reduce((mask, name) => mask | bitOf(name), 0),
          context: status.context.map((name) => ({ name, mask: bitOf(name) })),
        }
      : null,
    statusLittle: orderFor('uint16', unit.order) === 'BA',
    time: clockPart(unit, settings.time, base),
    last: Number.NaN,
  };
}

function tagGroup(
  unit: UnitSettings,
  settings: TagSettings,
  tagNumber: (tag: string) => number,
  trust: Trust,
): ReadGroup {
  const tag = `${unit.name}.${settings.name}`;
  const member = memberOf(unit, tag, null, settings, tagNumber(tag), unit.base, trust);
  return {
    name: tag,
    table: settings.table,
    address: member.address,
    length: member.length,
    everyMs: settings.every,
    mayRide: true,
    members: [member],
    record: null,
    event: null,
    writes: false,
    order: unit.order,
    nextMs: 0,
  };
}
