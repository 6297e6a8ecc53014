import { writeSync } from 'node:fs';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { systemClock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import { createTidy } from '../runtime/tidy.ts';
import { passing, StoreError } from '../store/errors.ts';
import { openSpace } from '../store/space.ts';
import type { Space } from '../store/store.ts';
import { openWriter, type StoreWriter } from '../store/writer.ts';
import { rememberChecked } from './checked.ts';
import type { CoreOptions, FromCore, ShellPulse, ToCore } from './protocol.ts';
import { createReserve } from './reserve.ts';
import { type ServedCore, serveCore } from './serve.ts';

/**
 * The core thread: owns the SPC state and the one database writer. Root of this thread, so the only
 * file of the core that sees the store.
 */
const TICK_MS = 1000;
/** With less than this left an error of the disk is one of room, whatever it is called. */
const NOTHING_LEFT = 64 * 1024;

const port = parentPort;
if (port !== null) {
  const post = (message: FromCore) => port.postMessage(message);
  // The code of the thread may be loaded before anybody knows the settings.
  port.once('message', (message: ToCore) => {
    try {
      if (message.type === 'start') begin(message.options, port, post);
    } catch (error) {
      post({ type: 'failed', message: messageOf(error), refused: error instanceof StoreError });
    }
  });
}

function begin(options: CoreOptions, from: MessagePort, post: (message: FromCore) => void): void {
  if (options.checked !== undefined) rememberChecked(options.checked);
  const space = openSpace(options.file, options.space.ballastBytes);
  const { store, scarce } = openWithRoom(options, space);
  const core = serveCore({
    store,
    options,
    clock: systemClock,
    post,
    later(ms, work) {
      const timer = setTimeout(guarded(post, work), ms);
      return () => clearTimeout(timer);
    },
    passing,
    reserve: createReserve({
      ...{ space, scarce, clock: systemClock, minFreeBytes: options.space.minFreeBytes },
      isFull: (error) => isFull(error, space),
    }),
  });
  const watch = options.shell === undefined ? () => {} : watchShell(options.shell);
  const tidy = createTidy();
  const timer = setInterval(guarded(post, tick), TICK_MS);
  function tick(): void {
    watch();
    core.tick();
    tidy(systemClock.monotonic());
  }
  from.on('message', (message: ToCore) => {
    guarded(post, () => drain(core, from, message))();
    if (!core.stopped()) return;
    clearInterval(timer);
    store.close();
    post({ type: 'stopped' });
    from.close();
  });
}

/** A shell that hangs cannot end the process by itself, and a service manager may not be there. */
function watchShell({ pulse, seconds }: ShellPulse): () => void {
  let last = 0;
  let silent = 0;
  return () => {
    const now = Atomics.load(pulse, 0);
    // Looks are counted, not time: after a sleep of the whole machine nobody is to blame.
    silent = now > 0 && now === last ? silent + 1 : 0;
    last = now;
    if (silent < seconds) return;
    writeSync(2, `meyar: the main thread made no progress for ${seconds} s: the process ends\n`);
    process.kill(process.pid, 'SIGKILL');
  };
}

/** The room of the ballast is for this too: a start on a full disk. */
function openWithRoom(options: CoreOptions, space: Space): { store: StoreWriter; scarce: boolean } {
  const open = () =>
    openWriter(options.file, { ...options.retention, monotonic: systemClock.monotonic });
  try {
    return { store: open(), scarce: false };
  } catch (error) {
    if (isFull(error, space) && space.release()) return { store: open(), scarce: true };
    throw error;
  }
}

/** Where there is no room for the shared memory of the log, SQLite calls it an error of the disk. */
function isFull(error: unknown, space: Space): boolean {
  if (!(error instanceof StoreError)) return false;
  if (error.failure === 'full') return true;
  return error.failure === 'io' && space.look().freeBytes < NOTHING_LEFT;
}

/** Takes what waits already along with the first message, into one transaction where possible. */
function drain(core: ServedCore, from: MessagePort, first: ToCore): void {
  let next: ToCore | undefined = first;
  while (next !== undefined && !core.stopped()) {
    const after = receiveMessageOnPort(from)?.message as ToCore | undefined;
    core.take(next, after?.type === 'batch');
    next = after;
  }
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
