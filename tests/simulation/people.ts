import type { Channel, Notice } from '../../agent/alerts/channels/channel.ts';
import type { ConsoleView } from '../../agent/console/view.ts';
import type { Random } from '../../agent/plants/random.ts';
import { HoldError, RetryError } from '../../agent/runtime/errors.ts';
import type { SimTime } from './time.ts';
import type { Trace } from './trace.ts';

/** A server that takes notices, and people who read them and answer. */
export interface People {
  up: boolean;
  /** notices by key, and how often each came */
  taken: Map<string, number>;
  /** alerts whose answer the agent said it has */
  answered: Set<number>;
  /** who reads the page now, null while the agent is away */
  page: ConsoleView | null;
  channel(name: string): Channel;
}

const OUT_OF_FIVE = 3;

export function createPeople(time: SimTime, random: Random, trace: Trace): People {
  const seen = new Set<number>();
  const people: People = {
    up: true,
    taken: new Map(),
    answered: new Set(),
    page: null,
    channel: (name) => ({
      everyNotice: name === 'program',
      send: (notice, signal) => send(notice, signal),
      async close() {},
    }),
  };

  const send = (notice: Notice, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = () => reject(new RetryError('stopped'));
      signal.addEventListener('abort', stop, { once: true });
      time.after(5 + 200 * random.uniform(), () => {
        signal.removeEventListener('abort', stop);
        if (!people.up) {
          reject(random.uniform() < 0.1 ? new HoldError('no', 60_000) : new RetryError('off'));
          return;
        }
        trace('notice', notice.key);
        people.taken.set(notice.key, (people.taken.get(notice.key) ?? 0) + 1);
        if (notice.event.transition === 'raised') read(notice.event.alert.id);
        if (random.uniform() < 0.01) reject(new RetryError('answer lost'));
        else resolve();
      });
    });

  /** Some alerts are answered, an hour later at most. */
  const read = (alert: number) => {
    if (seen.has(alert) || 5 * random.uniform() > OUT_OF_FIVE) return;
    seen.add(alert);
    time.own(0, () => time.after(3_600_000 * random.uniform() ** 2, () => void answer(alert)));
  };

  const answer = async (alert: number) => {
    const { page } = people;
    if (page === null) return;
    const words = { by: 'A. Person', cause: 'tool', action: 'changed', comment: '' };
    try {
      await page.acknowledge(alert, words, { who: 'A. Person', role: 'operator', address: '' });
    } catch {
      // Closed meanwhile, or the agent went away before it could say yes.
      return;
    }
    trace('answered', String(alert));
    people.answered.add(alert);
  };
  return people;
}
