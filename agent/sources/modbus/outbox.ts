import { type Delivery, emptyDelivery } from '../../batch.ts';
import { FIRST_BAD_QUALITY, QUALITY } from '../../model.ts';
import type { SourceContext } from '../source.ts';
import { isRead, placeOf, type ReadGroup } from './groups.ts';
import type { Member } from './members.ts';
import { contextOf, judgeRecord, type RecordVerdict } from './record.ts';
import { createSuspicion } from './suspicion.ts';

/** Where and when an answer was read. */
export interface Look {
  view: DataView;
  /** address of its first register or bit */
  base: number;
  received: Uint8Array;
  sourceMs: number;
  receiveMs: number;
  /** monotonic time of the answer */
  nowMs: number;
}

/** Turns answers and failures into deliveries. One delivery object serves all. */
export interface Outbox {
  /** hands over the sampled tags of one answer; a bad value only when it was not bad before */
  tags(unit: string, groups: readonly ReadGroup[], look: Look, everyMs: number): void;
  /** hands over the record when its counter changed, and says what it saw */
  record(group: ReadGroup, look: Look): RecordVerdict;
  /**
   * hands over a record whose counter is known (NaN for none), whatever was seen before; returns
   * the number of the delivery, 0 when nobody reads any of it
   */
  part(group: ReadGroup, look: Look, counter: number, modulus: number): number;
  /** says once that these tags cannot be read, and why */
  outage(unit: string, members: Iterable<Member>, quality: number): void;
  figures(): { readings: number; records: number; lastDataMs: number | null };
}

export function createOutbox(context: SourceContext): Outbox {
  const d = emptyDelivery({ polled: true });
  const suspicion = createSuspicion(context);
  let readings = 0;
  let records = 0;
  let lastDataMs: number | null = null;

  const send = (
    stream: string,
    text: string,
    modulus: number,
    look: Omit<Look, 'view' | 'base'>,
  ) => {
    d.stream = stream;
    d.context = text;
    d.modulus = modulus;
    d.raw = look.received;
    d.receiveMs = look.receiveMs;
    readings += d.count;
    const number = context.deliver(d);
    d.raw = NOTHING;
    suspicion.tell();
    return number;
  };

  const part: Outbox['part'] = (group, look, counter, modulus) => {
    const { record } = group;
    d.count = 0;
    const time = record?.time;
    const ownMs = time
      ? time.read(look.view, placeOf(group, look.base, time.address), look.receiveMs)
      : look.sourceMs;
    const timed = !Number.isNaN(ownMs);
    for (const member of group.members) {
      suspicion.watch(member, look.view, placeOf(group, look.base, member.address));
    }
    for (const member of group.members) {
      if (!isRead(member) || !member.read) continue;
      const at = placeOf(group, look.base, member.address);
      const { value, quality } = suspicion.read(member, look.view, at);
      const shown = timed || quality !== QUALITY.GOOD ? quality : QUALITY.UNCERTAIN_CLOCK;
      put(d, member, value, shown, timed ? ownMs : look.sourceMs, counter);
    }
    if (d.count === 0 || !record) return 0;
    records += 1;
    lastDataMs = look.receiveMs;
    return send(record.stream, contextOf(group, record, look.view, look.base), modulus, look);
  };

  return {
    tags(unit, groups, look, everyMs) {
      d.count = 0;
      const due = groups.filter((g) => g.record === null && isDue(g, look.nowMs, everyMs));
      for (const group of due) {
        const member = group.members[0];
        if (member) suspicion.watch(member, look.view, placeOf(group, look.base, group.address));
      }
      for (const group of due) {
        const member = group.members[0];
        if (!member?.read || !isRead(member)) continue;
        const at = placeOf(group, look.base, group.address);
        const { value, quality } = suspicion.read(member, look.view, at);
        if (quality >= FIRST_BAD_QUALITY && quality === member.told) continue;
        put(d, member, value, quality, look.sourceMs, Number.NaN);
      }
      if (d.count === 0) {
        suspicion.tell();
        return;
      }
      lastDataMs = look.receiveMs;
      send(unit, '', 0, look);
    },
    record(group, look) {
      const { record } = group;
      if (!record) return 'same';
      const verdict = judgeRecord(group, record, look.view, look.base);
      if (verdict !== 'new') return verdict;
      const counter = record.counter(look.view, placeOf(group, look.base, record.address));
      record.last = counter;
      return part(group, look, counter, record.modulus) > 0 ? 'new' : 'same';
    },
    part,
    outage(unit, members, quality) {
      const nowMs = context.clock.now();
      d.count = 0;
      for (const member of members) {
        if (!isRead(member) || !isNews(member.told, quality)) continue;
        put(d, member, Number.NaN, quality, nowMs, Number.NaN);
      }
      if (d.count === 0) return;
      send(unit, '', 0, { received: NOTHING, sourceMs: nowMs, receiveMs: nowMs, nowMs: 0 });
    },
    figures: () => ({ readings, records, lastDataMs }),
  };
}

const NOTHING = new Uint8Array(0);

/** A tag that rides on a faster request is handed over at its own period. */
function isDue(group: ReadGroup, nowMs: number, hostEveryMs: number): boolean {
  if (group.everyMs <= hostEveryMs) return true;
  if (nowMs < group.nextMs - hostEveryMs / 2) return false;
  group.nextMs = Math.max(group.nextMs + group.everyMs, nowMs + group.everyMs / 2);
  return true;
}

/** Reasons that come and go with the connection: one of them per outage is enough. */
const PASSING: readonly number[] = [
  QUALITY.BAD_DEVICE,
  QUALITY.BAD_BUSY,
  QUALITY.BAD_TIMEOUT,
  QUALITY.BAD_LINK,
];

function isNews(told: number, quality: number): boolean {
  if (told < FIRST_BAD_QUALITY) return true;
  return !PASSING.includes(quality) && told !== quality;
}

function put(
  d: Delivery,
  member: Member,
  value: number,
  quality: number,
  sourceMs: number,
  sequence: number,
): void {
  const i = d.count;
  d.tag[i] = member.number;
  d.value[i] = value;
  d.quality[i] = quality;
  d.sourceMs[i] = sourceMs;
  d.sequence[i] = sequence;
  d.count = i + 1;
  member.told = quality;
}
