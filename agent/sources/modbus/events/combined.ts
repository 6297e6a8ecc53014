import type { ReadGroup } from '../groups.ts';
import type { Look } from '../outbox.ts';
import type { RecordSettings } from '../settings.ts';
import { counterOf, type HandshakeParts } from './handshake.ts';
import type { Routine, Talk } from './talk.ts';

type HandshakeSettings = NonNullable<RecordSettings['handshake']>;

/** Requests of one cycle at most: two parts are taken over in it, and others wait meanwhile. */
const TRIPS = 4;

interface State {
  settings: HandshakeSettings;
  group: ReadGroup;
  parts: HandshakeParts;
  /** where the ready bit and the record stand together */
  span: { address: number; length: number };
  acked: boolean | null;
  ackedMs: number;
  pending: { delivery: number; counter: number } | null;
  told: boolean;
}

/**
 * The four phases in fewer requests, for a PLC that knows function 23: the ready bit comes with the
 * record, and the acknowledge is written with the request that looks for what follows. The record
 * is looked at once more before it is acknowledged, as always.
 */
export function combinedRoutine(
  group: ReadGroup,
  settings: HandshakeSettings,
  parts: HandshakeParts,
): Routine {
  const span = combinedSpan(group, settings);
  const s: State = {
    ...{ settings, group, parts, span },
    ...{ acked: null, ackedMs: 0, pending: null, told: false },
  };
  return {
    writes: true,
    poll: { table: 'holding', ...span },
    reconnected() {
      s.acked = null;
      s.pending = null;
    },
    async cycle(talk) {
      const { ack } = settings;
      s.acked ??= await talk.bit({ ...ack, table: 'holding' });
      let look: Look | null = await talk.read('holding', span.address, span.length);
      for (let trip = 0; look !== null && trip < TRIPS; trip += 1) look = await step(s, look, talk);
    },
    async leave(talk) {
      if (s.acked !== false) await talk.write(6, 'holding', settings.ack.address, [0]);
    },
  };
}

/** The registers from the ready bit to the end of the record, or the other way round. */
export function combinedSpan(
  group: Pick<ReadGroup, 'address' | 'length'>,
  { ready }: HandshakeSettings,
): { address: number; length: number } {
  const address = Math.min(group.address, ready.address);
  const end = Math.max(group.address + group.length, ready.address + 1);
  return { address, length: end - address };
}

/** What follows from one look; the next look when something was written, null to wait. */
async function step(s: State, look: Look, talk: Talk): Promise<Look | null> {
  const { ready, timeout } = s.settings;
  const word = look.view.getUint16(2 * (ready.address - s.span.address));
  const isReady = ((word >> ready.bit) & 1) === 1;
  if (!isReady) {
    s.pending = null;
    return s.acked ? write(s, talk, false) : null;
  }
  if (s.acked) {
    if (talk.nowMs() - s.ackedMs < timeout) return null;
    if (!s.told) s.parts.stuck();
    s.told = true;
    return write(s, talk, false);
  }
  const counter = counterOf(s.group, look);
  if (counter === null) {
    talk.soon();
    return null;
  }
  if (s.pending === null || s.pending.counter !== counter) {
    const delivery = s.parts.take(s.group, look, counter, s.group.record?.modulus ?? 0);
    s.pending = { delivery, counter };
  }
  return talk.committed() >= s.pending.delivery ? write(s, talk, true) : null;
}

async function write(s: State, talk: Talk, on: boolean): Promise<Look | null> {
  const { address, bit } = s.settings.ack;
  // Unknown until the PLC has answered.
  s.acked = null;
  const look = await talk.exchange(s.span, address, [on ? 1 << bit : 0]);
  if (look === null) return null;
  s.acked = on;
  s.ackedMs = talk.nowMs();
  if (on) s.pending = null;
  else s.told = false;
  talk.soon();
  return look;
}
