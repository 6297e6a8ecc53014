import type { ReadGroup } from '../groups.ts';
import type { Look, Outbox } from '../outbox.ts';
import type { RecordSettings } from '../settings.ts';
import { counterOf } from './handshake.ts';
import { ahead } from './signal.ts';
import type { Routine } from './talk.ts';

type FifoSettings = NonNullable<RecordSettings['fifo']>;

/** Reads of one cycle at most, so that a queue which never ends does not hold up the link. */
const READS = 16;

/**
 * A queue of function 24 that holds whole records. What was lost with an answer that did not come
 * shows in the counters of the records; a queue that holds part of a record is thrown away, because
 * nothing tells which part.
 */
export function fifoRoutine(
  group: ReadGroup,
  settings: FifoSettings,
  take: Outbox['part'],
  torn: () => void,
): Routine {
  let last = Number.NaN;
  const { address, size } = settings;
  const modulus = group.record?.modulus ?? 0;
  return {
    writes: false,
    poll: { table: 'holding', address, length: 1 },
    reconnected() {},
    async cycle(talk) {
      for (let read = 0; read < READS; read += 1) {
        const look = await talk.queue(address);
        const words = look.view.byteLength / 2;
        if (words % size !== 0) {
          torn();
          return;
        }
        const records = split(look, size).map((slot) => ({
          slot,
          counter: counterOf(group, slot),
        }));
        // A queue that is not emptied by reading still shows what was taken before.
        const known = records.findLastIndex(({ counter }) => counter === last);
        const news = records.slice(known + 1);
        for (const { slot, counter } of news) {
          if (counter === null) continue;
          if (ahead(counter, last, modulus) > modulus / 2) slot.sourceMs = look.receiveMs + 0.001;
          take(group, slot, counter, modulus);
          last = counter;
        }
        if (news.length === 0) return;
      }
      talk.soon();
    },
  };
}

/** The records of a queue. No time of their own: the core knows numbers that come twice. */
function split(look: Look, size: number): Look[] {
  const { buffer, byteOffset, byteLength } = look.view;
  return Array.from({ length: byteLength / (2 * size) }, (_, i) => {
    const view = new DataView(buffer, byteOffset + 2 * size * i, 2 * size);
    return { ...look, view, base: 0, sourceMs: look.receiveMs };
  });
}
