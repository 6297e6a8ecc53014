import { placeOf, type ReadGroup, type RecordPart } from './groups.ts';
import type { Member } from './members.ts';

/**
 * What one look at a record says: `new` a part to hand over; `same` nothing happened; `torn` the
 * PLC was writing while we read; `waiting` its status says that the record is not complete;
 * `empty` the counter is 0 because nothing was measured since the PLC started.
 */
export type RecordVerdict = 'new' | 'same' | 'torn' | 'waiting' | 'empty';

/** A counter that goes to 0 from within this many of its end has wrapped, not started again. */
const WRAP_ZONE = 1000;

/** Judges the record in an answer that starts at address `base`. Changes nothing. */
export function judgeRecord(
  group: ReadGroup,
  record: RecordPart,
  view: DataView,
  base: number,
): RecordVerdict {
  const counter = record.counter(view, placeOf(group, base, record.address));
  if (record.copy !== null) {
    const copy = record.counter(view, placeOf(group, base, record.copy));
    if (copy !== counter) return 'torn';
  }
  if (counter === record.last) return 'same';
  if (record.status) {
    const bits = statusBits(group, record, view, base);
    if ((bits & record.status.require) !== record.status.require) return 'waiting';
  }
  if (counter === 0 && !(record.modulus - record.last <= WRAP_ZONE)) return 'empty';
  return 'new';
}

/** Text that stands beside the values of a record: context fields and status bits, as JSON. */
export function contextOf(
  group: ReadGroup,
  record: RecordPart,
  view: DataView,
  base: number,
): string {
  const context: Record<string, string> = {};
  let any = false;
  for (const member of group.members) {
    if (member.contextName === null) continue;
    const text = textOf(member, view, placeOf(group, base, member.address));
    if (text === '') continue;
    context[member.contextName] = text;
    any = true;
  }
  if (record.status) {
    const bits = statusBits(group, record, view, base);
    for (const { name, mask } of record.status.context) {
      if ((bits & mask) === 0) continue;
      context[name] = '1';
      any = true;
    }
  }
  return any ? JSON.stringify(context) : '';
}

function statusBits(group: ReadGroup, record: RecordPart, view: DataView, base: number): number {
  const address = record.status?.address ?? record.address;
  return view.getUint16(placeOf(group, base, address), record.statusLittle);
}

function textOf(member: Member, view: DataView, at: number): string {
  if (member.readText) return member.readText(view, at);
  const value = member.read?.(view, at).value ?? Number.NaN;
  if (Number.isNaN(value)) return '';
  const word = member.words?.[String(value)];
  if (word !== undefined) return word;
  // Seven digits are what a float32 holds; more would show its rounding.
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
}
