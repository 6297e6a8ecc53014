import { placeOf, type ReadGroup } from '../groups.ts';
import type { Look, Outbox } from '../outbox.ts';
import type { RecordSettings } from '../settings.ts';
import { setBit } from './signal.ts';
import type { Routine, Talk } from './talk.ts';

type HandshakeSettings = NonNullable<RecordSettings['handshake']>;

interface State {
  /** our acknowledge bit as we believe it stands; null when it must be read */
  acked: boolean | null;
  ackedMs: number;
  /** handed over and not acknowledged yet */
  pending: { delivery: number; counter: number } | null;
  /** a stuck PLC was told of */
  told: boolean;
}

/** What the routine needs of the rest of the source. */
export interface HandshakeParts {
  take: Outbox['part'];
  /** the PLC did not take back its ready bit in time */
  stuck(): void;
}

/**
 * Four phases: ready 1 → the record is read and stored → acknowledge 1 → ready 0 → acknowledge 0.
 * What to do follows from the two bits, so that it goes on right after a restart of either side. A
 * record that comes twice because the acknowledge was lost is known by its counter.
 */
export function handshakeRoutine(
  group: ReadGroup,
  settings: HandshakeSettings,
  parts: HandshakeParts,
): Routine {
  const state: State = { acked: null, ackedMs: 0, pending: null, told: false };
  const { ready, ack } = settings;
  return {
    writes: true,
    poll: { table: ready.table, address: ready.address, length: 1 },
    reconnected() {
      state.acked = null;
      state.pending = null;
    },
    async cycle(talk) {
      const isReady = await talk.bit(ready);
      state.acked ??= await talk.bit(ack);
      if (isReady) await whileReady(state, group, settings, parts, talk);
      else {
        state.pending = null;
        if (state.acked) await acknowledge(state, settings, talk, false);
      }
    },
    async leave(talk) {
      if (state.acked !== false) await setBit(talk, ack, ack.whole, false);
    },
  };
}

async function whileReady(
  state: State,
  group: ReadGroup,
  settings: HandshakeSettings,
  parts: HandshakeParts,
  talk: Talk,
): Promise<void> {
  if (state.acked) {
    if (talk.nowMs() - state.ackedMs < settings.timeout) return;
    if (!state.told) parts.stuck();
    state.told = true;
    await acknowledge(state, settings, talk, false);
    return;
  }
  const look = await talk.read(group.table, group.address, group.length);
  const counter = counterOf(group, look);
  if (counter === null) return talk.soon();
  const { pending } = state;
  if (pending === null || pending.counter !== counter) {
    const delivery = parts.take(group, look, counter, group.record?.modulus ?? 0);
    state.pending = { delivery, counter };
  }
  const { delivery } = state.pending ?? { delivery: 0 };
  // Still the record that was stored, and it is durable: only now the PLC may forget it.
  if (talk.committed() >= delivery) await acknowledge(state, settings, talk, true);
}

async function acknowledge(
  state: State,
  { ack }: HandshakeSettings,
  talk: Talk,
  on: boolean,
): Promise<void> {
  // Unknown until the PLC has answered.
  state.acked = null;
  await setBit(talk, ack, ack.whole, on);
  state.acked = on;
  state.ackedMs = talk.nowMs();
  if (on) state.pending = null;
  else state.told = false;
  talk.soon();
}

/** The counter of a record, null while its two counters differ because the PLC is writing. */
export function counterOf(group: ReadGroup, look: Look): number | null {
  const { record } = group;
  if (!record?.counted) return Number.NaN;
  const counter = record.counter(look.view, placeOf(group, look.base, record.address));
  if (record.copy === null) return counter;
  const copy = record.counter(look.view, placeOf(group, look.base, record.copy));
  return copy === counter ? counter : null;
}
