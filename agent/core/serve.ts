import { alertBook } from '../alerts/book.ts';
import type { SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Writer } from '../store/store.ts';
import { inputTags, planCycles } from './cycles/plan.ts';
import { planAll } from './groups/plan.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Rescue } from './open.ts';
import type { CoreOptions, FromCore, ToCore } from './protocol.ts';
import { type Recovered, recover } from './recover.ts';
import { createReducer, type Reducer } from './reducer.ts';
import type { Reserve } from './reserve.ts';

/** What the core needs of an open store besides the writer's port. */
export interface CoreStore extends Writer {
  readonly opened: { created: boolean; quarantined: string | null };
  cursors(): Record<string, number>;
  forget(reader: string): void;
  /** opens and verifies the file again after a failure of a write; throws when it still fails */
  reopen?(): { created: boolean; quarantined: string | null };
}

/** What the core runs on: the thread gives the real ones, a simulation its own. */
export interface CoreRig {
  store: CoreStore;
  options: CoreOptions;
  clock: Clock;
  post(message: FromCore): void;
  later(ms: number, work: () => void): () => void;
  /** why the store failed, when that may pass; without it every failure ends the core */
  passing?(error: unknown): string | null;
  reserve?: Reserve;
}

/** The core at work, driven from outside: it has no thread, timer or port of its own. */
export interface ServedCore {
  /** `more`: another batch waits behind this message */
  take(message: ToCore, more: boolean): void;
  /** once a second */
  tick(): void;
  stopped(): boolean;
}

const RETAIN_EVERY_TICKS = 5;
const RETAIN_IDLE_TICKS = 60;

/** Restores the state from the store and says `ready`. */
export function serveCore(rig: CoreRig): ServedCore {
  const { store, options, clock, post, later } = rig;
  for (const reader of Object.keys(store.cursors())) {
    if (!options.readers.includes(reader)) store.forget(reader);
  }
  const restored = () =>
    recover({
      writer: store,
      settings: options.settings,
      make: (settings) => reducerOf(settings, store),
      newStoreId: options.newStoreId,
      nowMs: clock.now(),
    });
  const { reducer, replayed, storeId, mended } = firstRestored(rig, restored);
  const rescue = rescueOf(rig, () => restored().reducer);
  const more = rig.reserve === undefined ? rescue : { ...rescue, reserve: rig.reserve };
  const loop = createLoop({ reducer, writer: store, clock, post, later, options, ...more });
  loop.tick(true);
  if (mended.length > 0) loop.event(sayMended(mended, clock.now()));
  post({
    type: 'ready',
    ready: {
      numbers: store.numbers(idsOf(options.settings)),
      head: store.head(),
      replayed,
      created: store.opened.created,
      quarantined: store.opened.quarantined,
      storeId,
      heard: reducer.heard(),
      summaries: reducer.summaries(clock.now()),
    },
  });
  let ticks = 0;
  let cleaned = -1;
  return {
    take: (message, more) => take(loop, message, more),
    tick() {
      loop.tick(false);
      if (rig.reserve !== undefined) post({ type: 'disk', disk: rig.reserve.disk() });
      ticks += 1;
      // While nothing is written, only age makes work: a look now and then is enough.
      const every = store.head() === cleaned ? RETAIN_IDLE_TICKS : RETAIN_EVERY_TICKS;
      if (ticks % every !== 0) return;
      loop.retain();
      cleaned = store.head();
    },
    stopped: loop.stopped,
  };
}

const MOST_SAID = 10;

/** The record of it: in the journal, and an alert. */
function sayMended(mended: readonly string[], timeMs: number): SourceEvent {
  const more = mended.length > MOST_SAID ? `; and ${mended.length - MOST_SAID} more` : '';
  const text = `a part of the saved state was damaged: ${mended.slice(0, MOST_SAID).join('; ')}`;
  return { source: 'store', kind: 'device', severity: 'warning', text: text + more, timeMs };
}

/** A start on a disk that is full takes the room of the ballast. */
function firstRestored({ store, reserve }: CoreRig, restored: () => Recovered): Recovered {
  try {
    return restored();
  } catch (error) {
    if (reserve?.make(error) !== true || store.reopen === undefined) throw error;
    store.reopen();
    return restored();
  }
}

function rescueOf({ store, passing }: CoreRig, restore: () => Reducer): { rescue?: Rescue } {
  if (passing === undefined) return {};
  return {
    rescue: {
      passing,
      reopen() {
        const found = store.reopen?.();
        if (found?.created === false && found.quarantined === null) return restore();
        // Another file than the one that the readers beside us have open.
        const moved = found?.quarantined ?? null;
        const where = moved === null ? 'was gone' : `was damaged and is now ${moved}`;
        throw new Error(`after a failure of the disk the store ${where}: start the agent again`);
      },
    },
  };
}

/** The reducer for checked settings, with the lasting numbers of their characteristics. */
export function reducerOf(
  settings: CoreOptions['settings'],
  store: Pick<Writer, 'numbers'>,
): Reducer {
  const numbers = store.numbers(idsOf(settings));
  const { characteristics, joins } = planAll(settings.characteristics, settings.groups);
  return createReducer({
    characteristics,
    joins,
    cycles: planCycles(settings.characteristics, settings.cycles, numbers),
    numbers: characteristics.map(({ id }) => numbers.get(id) ?? -1),
    sources: settings.sources,
    book: alertBook(settings.alerts),
  });
}

/** Tags of cycles have numbers like characteristics: their readings are in the journal. */
const idsOf = ({ characteristics, groups = {}, cycles }: CoreOptions['settings']): string[] => [
  ...Object.keys(characteristics),
  ...Object.keys(groups),
  ...inputTags(characteristics, cycles).map(({ id }) => id),
];

function take(loop: Loop, message: ToCore, more: boolean): void {
  if (message.type === 'batch') loop.batch(message.id, message.buffer, more);
  else if (message.type === 'event') loop.event(message.event, message.id);
  else if (message.type === 'command') loop.command(message.id, message.command, message.actor);
  else if (message.type === 'audit') loop.audit(message.id, message.entry, message.accounts);
  else if (message.type === 'cursor') loop.cursor(message.reader, message.seq, message.ahead);
  else if (message.type === 'reject') loop.reject(message.sink, message.rows);
  else if (message.type === 'forgive') loop.forgive(message.ids);
  else if (message.type === 'watched') loop.watched(message.watched);
  else if (message.type === 'stop') loop.stop();
}
