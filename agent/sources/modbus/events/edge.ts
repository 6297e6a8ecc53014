import type { ReadGroup } from '../groups.ts';
import type { Outbox } from '../outbox.ts';
import { isBits } from '../plan.ts';
import type { RecordSettings } from '../settings.ts';
import { counterOf } from './handshake.ts';
import type { Routine, Talk } from './talk.ts';

type EdgeSettings = NonNullable<RecordSettings['on']>;

/** A record seen at the edge that still shows the counter before is read again this often. */
const STALE_RETRIES = 3;
/** Two edges between two looks are none: a counter shows the part all the same, this often. */
const LOOK_ANYWAY_MS = 1000;

interface State {
  /** the trigger at the last look; null before the first of a connection */
  level: number | null;
  counter: number;
  retries: number;
  /** with a counter the record is read now and then without an edge */
  lookAgainMs: number;
}

/**
 * The record is read when a bit rises or falls, or a register changes. Two edges between two looks
 * are none; a record with a counter of its own is read once a second all the same.
 */
export function edgeRoutine(
  group: ReadGroup,
  settings: EdgeSettings,
  take: Outbox['part'],
): Routine {
  const state: State = { level: null, counter: Number.NaN, retries: 0, lookAgainMs: 0 };
  const { table, address } = settings;
  return {
    writes: false,
    poll: { table, address, length: 1 },
    reconnected() {
      // What was missed meanwhile is read once more when a counter can tell whether it is new.
      if (group.record?.counted) state.level = null;
    },
    async cycle(talk) {
      const level = await readLevel(settings, talk);
      const fires = state.level !== null && edge(settings.edge, state.level, level);
      const counted = group.record?.counted === true;
      const anyway = counted && (state.level === null || talk.nowMs() >= state.lookAgainMs);
      if ((fires || anyway) && !(await takeRecord(state, group, take, talk, !fires))) return;
      state.level = level;
    },
  };
}

async function readLevel({ table, address, bit }: EdgeSettings, talk: Talk): Promise<number> {
  const { view } = await talk.read(table, address, 1);
  if (isBits(table)) return view.getUint8(0) & 1;
  const word = view.getUint16(0);
  return bit === undefined ? word : (word >> bit) & 1;
}

function edge(kind: EdgeSettings['edge'], before: number | null, now: number): boolean {
  if (kind === 'change') return now !== before;
  return kind === 'rising' ? now !== 0 && before === 0 : now === 0 && before !== 0;
}

/** False: the PLC has not written the record yet, look again. */
async function takeRecord(
  state: State,
  group: ReadGroup,
  take: Outbox['part'],
  talk: Talk,
  mayBeSame: boolean,
): Promise<boolean> {
  const look = await talk.read(group.table, group.address, group.length);
  const counter = counterOf(group, look);
  if (counter === null || (counter === state.counter && !mayBeSame)) {
    // The edge may be seen one scan before the data: they are read again, but not for ever.
    state.retries += 1;
    if (counter === null || state.retries <= STALE_RETRIES) {
      talk.soon();
      return false;
    }
  } else if (counter !== state.counter && !(group.record?.counted && counter === 0)) {
    take(group, look, counter, group.record?.modulus ?? 0);
  }
  state.counter = counter;
  state.retries = 0;
  state.lookAgainMs = talk.nowMs() + LOOK_ANYWAY_MS;
  return true;
}
