import {
  counterReader,
  type Decoded,
  decoder,
  type FieldType,
  type Order,
  orderFor,
  readText,
  widthOf,
} from './decode.ts';
import { type Group, isBits } from './plan.ts';
import type { FieldSettings, RecordSettings, TagSettings, UnitSettings } from './settings.ts';

/** One field or tag: where it stands, how it is read, and what was last said about it. */
export interface Member {
  tag: string;
  /** number of the characteristic that reads it, -1 for none */
  number: number;
  address: number;
  length: number;
  /** null for text, which can only be context */
  read: ((view: DataView, at: number) => Decoded) | null;
  readText: ((view: DataView, at: number) => string) | null;
  /** name in the context, or null when it is a value */
  contextName: string | null;
  /** quality of the newest reading handed over; NOT_TOLD before the first */
  told: number;
}

const NOT_TOLD = -1;

/** What makes a record of a group: its counter and its status bits. */
export interface RecordPart {
  stream: string;
  modulus: number;
  address: number;
  copy: number | null;
  counter(view: DataView, at: number): number;
  /** registers the counter takes */
  width: number;
  status: { address: number; require: number; context: { name: string; mask: number }[] } | null;
  statusLittle: boolean;
  /** counter of the newest record of this connection; NaN before the first */
  last: number;
}

/** A tag, or all fields of a record: what one answer must hold together. */
export interface ReadGroup extends Group {
  name: string;
  members: Member[];
  record: RecordPart | null;
}

/** Everything of a unit that somebody reads, as groups for the planner. */
export function groupsOf(unit: UnitSettings, tagNumber: (tag: string) => number): ReadGroup[] {
  const records = unit.records.map((record) => recordGroup(unit, record, tagNumber));
  const tags = unit.tags.map((tag) => tagGroup(unit, tag, tagNumber));
  return [...records, ...tags].filter((g) => g.members.some(isRead));
}

/** A value that some characteristic reads. */
export const isRead = (m: Member): boolean => m.number >= 0 && m.contextName === null;

/** Where an address stands in the data of an answer that starts at `base`: byte, or bit. */
export function placeOf(group: Group, base: number, address: number): number {
  return isBits(group.table) ? address - base : 2 * (address - base);
}

/** The parts of a record that must be readable, or there is no record. */
export function keySpans(record: RecordPart): { address: number; length: number }[] {
  const spans = [{ address: record.address, length: record.width }];
  if (record.copy !== null) spans.push({ address: record.copy, length: record.width });
  if (record.status) spans.push({ address: record.status.address, length: 1 });
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
): ReadGroup {
  const members = Object.entries(settings.fields).map(([name, field]) => {
    const tag = `${unit.name}.${name}`;
    const contextName = field.role === 'context' ? (field.name ?? name) : null;
    return memberOf(unit, tag, contextName, field, contextName === null ? tagNumber(tag) : -1);
  });
  const group: ReadGroup = {
    name: `${unit.name}.${settings.name}`,
    table: settings.sequence.table,
    address: 0,
    length: 0,
    everyMs: settings.every,
    members,
    record: recordPart(unit, settings),
  };
  fitSpan(group);
  return group;
}

function recordPart(unit: UnitSettings, settings: RecordSettings): RecordPart {
  const { sequence, status } = settings;
  const order = (sequence.order as Order | undefined) ?? orderFor(sequence.type, unit.order);
  const bitOf = (name: string) => 1 << (status?.bits[name] ?? 0);
  return {
    stream: `${unit.name}.${settings.name}`,
    modulus: sequence.type === 'uint32' ? 2 ** 32 : 2 ** 16,
    address: sequence.address,
    copy: sequence.copy ?? null,
    counter: counterReader(sequence.type, order),
    width: widthOf(sequence.type),
    status: status
      ? {
          address: status.address,
          require: status.require.reduce((mask, name) => mask | bitOf(name), 0),
          context: status.context.map((name) => ({ name, mask: bitOf(name) })),
        }
      : null,
    statusLittle: orderFor('uint16', unit.order) === 'BA',
    last: Number.NaN,
  };
}

function tagGroup(
  unit: UnitSettings,
  settings: TagSettings,
  tagNumber: (tag: string) => number,
): ReadGroup {
  const tag = `${unit.name}.${settings.name}`;
  const member = memberOf(unit, tag, null, settings, tagNumber(tag));
  return {
    name: tag,
    table: settings.table,
    address: member.address,
    length: member.length,
    everyMs: settings.every,
    members: [member],
    record: null,
  };
}

type AnyField = Omit<FieldSettings, 'role' | 'name'>;

function memberOf(
  unit: UnitSettings,
  tag: string,
  contextName: string | null,
  field: AnyField,
  number: number,
): Member {
  const type: FieldType = field.type;
  const order = (field.order as Order | undefined) ?? orderFor(type, unit.order);
  const { bit, scale, offset, sentinels, length: characters } = field;
  const rule = { type, order, bit, scale, offset, sentinels };
  const text = type === 'string';
  return {
    tag,
    number,
    address: field.address,
    length: widthOf(type, characters),
    read: text ? null : decoder({ ...rule, min: field.min ?? null, max: field.max ?? null }),
    readText: text ? (view, at) => readText(view, at, characters, order) : null,
    contextName,
    told: NOT_TOLD,
  };
}
