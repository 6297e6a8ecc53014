import type { ReadGroup } from '../groups.ts';
import type { Outbox } from '../outbox.ts';
import { isBits } from '../plan.ts';
import type { RecordSettings } from '../settings.ts';
import { counterOf } from './handshake.ts';
import type { Routine, Talk } from './talk.ts';

type EdgeSettings = NonNullable<RecordSettings['on']>;

/** A record seen at the edge that still shows the counter before is read again this often. */
const STALE_RETRIES = 3;

interface State {
  /** the trigger at the last look; null before the first of a connection */
  level: number | null;
  counter: number;
  retries: number;
}

/**
 * The record is read when a bit rises or falls, or a register changes. Two edges between two looks
 * are one; a record with a counter of its own shows what was missed that way.
 */
export function edgeRoutine(
  group: ReadGroup,
  settings: EdgeSettings,
  take: Outbox['part'],
): Routine {
  const state: State = { level: null, counter: Number.NaN, retries: 0 };
  const { table, address } = settings;
  return {
    mayWrite: [],
    poll: { table, address, length: 1 },
    reconnected() {
      // What was missed meanwhile is read once more when a counter can tell whether it is new.
      if (group.record?.counted) state.level = null;
    },
    async cycle(talk) {
      const level = await readLevel(settings, talk);
      const first = state.level === null;
      const fires = first
        ? group.record?.counted === true
        : edge(settings.edge, state.level, level);
      if (fires && !(await takeRecord(state, group, take, talk, first))) return;
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
  first: boolean,
): Promise<boolean> {
  const look = await talk.read(group.table, group.address, group.length);
  const counter = counterOf(group, look);
  if (counter === null || (counter === state.counter && !first)) {
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
  return true;
}
