import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { alertBook } from '../alerts/book.ts';
import { systemClock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Writer } from '../store/store.ts';
import { openWriter } from '../store/writer.ts';
import { planCharacteristic } from './characteristic.ts';
import { createLoop, type Loop } from './loop.ts';
import type { CoreOptions, FromCore, ToCore } from './protocol.ts';
import { recover } from './recover.ts';
import { createReducer, type Reducer } from './reducer.ts';

/**
 * The core thread: owns the SPC state and the one database writer. Root of this thread, so the only
 * file of the core that sees the store.
 */
const TICK_MS = 1000;
const RETAIN_EVERY_TICKS = 5;

const port = parentPort;
if (port !== null) {
  const post = (message: FromCore) => port.postMessage(message);
  // The code of the thread may be loaded before anybody knows the settings.
  port.once('message', (message: ToCore) => {
    try {
      if (message.type === 'start') begin(message.options, post);
    } catch (error) {
      post({ type: 'failed', message: messageOf(error) });
    }
  });
}

function begin(options: CoreOptions, post: (message: FromCore) => void): void {
  const writer = openWriter(options.file, {
    ...options.retention,
    monotonic: systemClock.monotonic,
  });
  for (const reader of Object.keys(writer.cursors())) {
    if (!options.readers.includes(reader)) writer.forget(reader);
  }
  const { reducer, replayed, storeId } = recover({
    writer,
    settings: options.settings,
    make: (settings) => reducerOf(settings, writer),
    newStoreId: options.newStoreId,
    nowMs: systemClock.now(),
  });
  const loop = createLoop({
    reducer,
    writer,
    clock: systemClock,
    post,
    later(ms, work) {
      const timer = setTimeout(guarded(post, work), ms);
      return () => clearTimeout(timer);
    },
    options,
  });
  loop.tick(true);
  post({
    type: 'ready',
    ready: {
      numbers: writer.numbers(Object.keys(options.settings.characteristics)),
      head: writer.head(),
      replayed,
      created: writer.opened.created,
      quarantined: writer.opened.quarantined,
      storeId,
      heard: reducer.heard(),
      summaries: reducer.summaries(systemClock.now(), true),
    },
  });
  let ticks = 0;
  const timer = setInterval(
    guarded(post, () => {
      loop.tick(false);
      ticks += 1;
      if (ticks % RETAIN_EVERY_TICKS === 0) loop.retain();
    }),
    TICK_MS,
  );
  port?.on('message', (message: ToCore) => {
    guarded(post, () => drain(loop, port, message))();
    if (!loop.stopped()) return;
    clearInterval(timer);
    writer.close();
    post({ type: 'stopped' });
    port.close();
  });
}

function reducerOf(settings: CoreOptions['settings'], writer: Writer): Reducer {
  const rows = Object.entries(settings.characteristics);
  const numbers = writer.numbers(rows.map(([id]) => id));
  return createReducer({
    characteristics: rows.map(([id, row]) => planCharacteristic(id, row)),
    numbers: rows.map(([id]) => numbers.get(id) ?? -1),
    sources: settings.sources,
    book: alertBook(settings.alerts),
  });
}

/** Takes what waits already along with the first message, into one transaction where possible. */
function drain(loop: Loop, from: MessagePort, first: ToCore): void {
  let next: ToCore | undefined = first;
  while (next !== undefined && !loop.stopped()) {
    const after = receiveMessageOnPort(from)?.message as ToCore | undefined;
    handle(loop, next, after?.type === 'batch');
    next = after;
  }
}

function handle(loop: Loop, message: ToCore, more: boolean): void {
  if (message.type === 'batch') loop.batch(message.id, message.buffer, more);
  else if (message.type === 'event') loop.event(message.event);
  else if (message.type === 'command') loop.command(message.id, message.command, message.actor);
  else if (message.type === 'audit') loop.audit(message.id, message.entry, message.accounts);
  else if (message.type === 'cursor') loop.cursor(message.reader, message.seq);
  else if (message.type === 'summaries') loop.summaries();
  else if (message.type === 'stop') loop.stop();
}

/** A broken invariant ends the thread: the shell says why, and the snapshot restarts it. */
function guarded(post: (message: FromCore) => void, work: () => void): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      post({ type: 'failed', message: messageOf(error) });
      process.exit(1);
    }
  };
}
