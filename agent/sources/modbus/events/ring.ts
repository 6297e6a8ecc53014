import { counterReader, type Order, orderFor, widthOf } from '../decode.ts';
import type { ReadGroup } from '../groups.ts';
import type { Look, Outbox } from '../outbox.ts';
import type { RecordSettings } from '../settings.ts';
import { ahead } from './signal.ts';
import type { Routine, Talk } from './talk.ts';

type RingSettings = NonNullable<RecordSettings['ring']>;

/** Reads of one cycle at most, so that a fast PLC does not keep the others waiting. */
const READS = 32;

interface Ring {
  settings: RingSettings;
  group: ReadGroup;
  modulus: number;
  width: number;
  slotsAtOnce: number;
  /** number of the newest record taken; NaN when nothing is known */
  last: number;
  /** the PLC began to count anew: the next record says so by its time */
  anew: boolean;
  /** delivery and number of the newest record handed over; it goes into `tail` once durable */
  handed: { delivery: number; number: number } | null;
  read(view: DataView, at: number): number;
  take: Outbox['part'];
}

/**
 * A ring of records in the PLC. `head` counts the records written: number n stands in slot
 * (n - 1) mod slots. What the PLC wrote over while it was read is thrown away; the core sees the
 * gap in the numbers and counts it as missed.
 */
export function ringRoutine(
  group: ReadGroup,
  settings: RingSettings,
  order: 'ABCD' | 'CDAB' | 'BADC' | 'DCBA',
  maxRegisters: number,
  take: Outbox['part'],
): Routine {
  const width = widthOf(settings.type);
  const ring: Ring = {
    settings,
    group,
    modulus: settings.type === 'uint32' ? 2 ** 32 : 2 ** 16,
    width,
    slotsAtOnce: Math.max(1, Math.floor(maxRegisters / settings.size)),
    last: Number.NaN,
    anew: false,
    handed: null,
    read: counterReader(settings.type, (settings.order as Order) ?? orderFor(settings.type, order)),
    take,
  };
  const { table, head, tail } = settings;
  return {
    writes: tail !== undefined,
    poll: { table, address: head, length: width },
    reconnected() {},
    cycle: (talk) => cycle(ring, talk),
  };
}

async function cycle(ring: Ring, talk: Talk): Promise<void> {
  let head = await readHead(ring, talk);
  if (Number.isNaN(ring.last)) ring.last = await beginning(ring, talk, head);
  else if (ahead(head, ring.last, ring.modulus) > ring.modulus / 2) {
    ring.last = Math.max(0, head - usable(ring));
    ring.anew = true;
    ring.handed = null;
  }
  for (let reads = 0; head !== ring.last; reads += 1) {
    if (reads === READS) {
      talk.soon();
      break;
    }
    head = await takeSome(ring, talk, head);
  }
  await giveBack(ring, talk);
}

/** Slots that are safe to read: the PLC may be writing into the oldest one. */
const usable = (ring: Ring) => ring.settings.slots - 1;

async function readHead(ring: Ring, talk: Talk): Promise<number> {
  const { view } = await talk.read(ring.settings.table, ring.settings.head, ring.width);
  return ring.read(view, 0);
}

/** Where to go on when nothing is known: at the PLC's own tail, else with the oldest slot. */
async function beginning(ring: Ring, talk: Talk, head: number): Promise<number> {
  const oldest = Math.max(0, head - usable(ring));
  const { tail } = ring.settings;
  if (tail === undefined) return oldest;
  const { view } = await talk.read('holding', tail, ring.width);
  const number = ring.read(view, 0);
  return ahead(head, number, ring.modulus) <= usable(ring) ? number : oldest;
}

/** Reads slots that stand in a row, then the head again, and hands over what was not spoilt. */
async function takeSome(ring: Ring, talk: Talk, head: number): Promise<number> {
  const { settings, modulus } = ring;
  const behind = ahead(head, ring.last, modulus);
  const skipped = Math.max(0, behind - usable(ring));
  const first = (ring.last + skipped + 1) % modulus;
  const slot = ((first + modulus - 1) % modulus) % settings.slots;
  const count = Math.min(behind - skipped, ring.slotsAtOnce, settings.slots - slot);
  const address = settings.first + slot * settings.size;
  const look = await talk.read(settings.table, address, count * settings.size);
  const after = await readHead(ring, talk);
  for (let i = 0; i < count; i += 1) {
    const number = (first + i) % modulus;
    if (ahead(after, number, modulus) >= usable(ring)) continue;
    hand(ring, look, i, number);
  }
  ring.last = (first + count - 1) % modulus;
  return ahead(after, ring.last, modulus) > modulus / 2 ? ring.last : after;
}

function hand(ring: Ring, look: Look, index: number, number: number): void {
  const bytes = 2 * ring.settings.size;
  const { buffer, byteOffset } = look.view;
  const view = new DataView(buffer, byteOffset + index * bytes, bytes);
  // The same time as received says 'no time of its own': numbers handed over twice are then known
  // by the core. A time beyond it says that the PLC counts anew.
  const sourceMs = ring.anew ? look.receiveMs + 0.001 : look.receiveMs;
  ring.anew = false;
  const delivery = ring.take(
    ring.group,
    { ...look, view, base: 0, sourceMs },
    number,
    ring.modulus,
  );
  if (delivery > 0) ring.handed = { delivery, number };
}

/** Tells the PLC how far we are, once it is durable. */
async function giveBack(ring: Ring, talk: Talk): Promise<void> {
  const { handed, settings } = ring;
  if (settings.tail === undefined || handed === null || talk.committed() < handed.delivery) return;
  ring.handed = null;
  const { number } = handed;
  if (ring.width === 1) await talk.write(6, 'holding', settings.tail, [number]);
  else await talk.write(16, 'holding', settings.tail, wordsOf(ring, number));
}

/** The two registers of a number, in the order in which the ring's own counter is read. */
function wordsOf(ring: Ring, number: number): number[] {
  const big = new DataView(new ArrayBuffer(4));
  big.setUint32(0, number);
  const words = [big.getUint16(0), big.getUint16(2)];
  for (const candidate of [
    words,
    words.toReversed(),
    words.map(swap),
    words.toReversed().map(swap),
  ]) {
    const view = new DataView(new ArrayBuffer(4));
    candidate.forEach((word, i) => {
      view.setUint16(2 * i, word);
    });
    if (ring.read(view, 0) === number) return candidate;
  }
  return words;
}

const swap = (word: number) => ((word & 0xff) << 8) | (word >> 8);
