import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CorePort, connectCore, type startCore } from '../../agent/core/client.ts';
import type { FromCore, ToCore } from '../../agent/core/protocol.ts';
import { type ServedCore, serveCore } from '../../agent/core/serve.ts';
import type { Random } from '../../agent/plants/random.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { StoreError } from '../../agent/store/errors.ts';
import { openReader } from '../../agent/store/reader.ts';
import type { AsyncReader, startReader } from '../../agent/store/reader-client.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import type { SimTime } from './time.ts';

/** What goes wrong at the n-th step of the writer: the process ends, or the disk fails for so long. */
export interface Doom {
  kind: 'kill' | 'disk';
  steps: number;
  failMs?: number;
}

/** Wrong forms of the agent, put in at its ports: the oracle must see each of them. */
export interface Mutation {
  /** what the store gives back at a start */
  store?(store: StoreWriter): StoreWriter;
  /** sees every message to the core; `answer` speaks to the shell in the core's name */
  toCore?(message: ToCore, answer: (message: FromCore) => void): void;
  fromCore?(message: FromCore): void;
}

export interface Threads {
  core: typeof startCore;
  reader: typeof startReader;
  /** the process is gone now: the file stays as it is at this moment */
  kill(): void;
  doom(doom: Doom): void;
}

const TICK_MS = 1000;

class Killed extends Error {}

/** Threads of one life of the process, as parts of this one. */
export function simulatedThreads(
  time: SimTime,
  random: Random,
  o: { owner: number; folder: string; next: string; slowMs: () => number; mutation: Mutation },
  killed: () => void,
): Threads {
  const open: { close(): void }[] = [];
  let doom: Doom | null = null;
  let dead = false;

  const kill = () => {
    if (dead) return;
    dead = true;
    time.end(o.owner);
    mkdirSync(o.next);
    for (const side of ['meyar.db', 'meyar.db-wal']) {
      const from = join(o.folder, side);
      if (existsSync(from)) copyFileSync(from, join(o.next, side));
    }
    time.own(0, () => time.after(0, () => buried(o.folder, open)));
    killed();
  };
  let failsUntil = -1;
  const refuse = () => {
    if (time.now() <= failsUntil) throw new StoreError('io', 'disk I/O error');
  };
  const step = () => {
    if (dead) throw new Killed();
    refuse();
    if (doom === null) return;
    doom.steps -= 1;
    if (doom.steps > 0) return;
    const { kind, failMs = 0 } = doom;
    doom = null;
    if (kind === 'disk') failsUntil = time.now() + failMs;
    refuse();
    kill();
    throw new Killed();
  };
  const core: typeof startCore = (options, listener) => {
    const begin = () => {
      const store = openWriter(options.file, {
        ...options.retention,
        monotonic: time.clock.monotonic,
      });
      open.push(store);
      const mutated = o.mutation.store?.(store) ?? store;
      return stepping(mutated, step);
    };
    const port = corePort(time, random, begin, { ...o, dead: () => dead });
    return connectCore(port, options, listener);
  };
  const reader: typeof startReader = async (file) => {
    const own = openReader(file);
    open.push(own);
    const ask =
      (method: keyof typeof own) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          time.after(0.1 + 5 * random.uniform(), () => {
            try {
              resolve((own[method] as (...all: unknown[]) => unknown)(...args));
            } catch (error) {
              reject(error);
            }
          });
        });
    const methods = Object.keys(own) as (keyof typeof own)[];
    const asking = Object.fromEntries(methods.map((method) => [method, ask(method)]));
    return { reader: asking as unknown as AsyncReader, close: async () => {} };
  };
  return {
    core,
    reader,
    kill,
    doom: (given) => {
      doom = given;
    },
  };
}

/** Every step of the writer may be its last, before and after it. */
function stepping(store: StoreWriter, step: () => void): StoreWriter {
  return {
    ...store,
    begin(wallMs) {
      step();
      return store.begin(wallMs);
    },
    frame(kind, bytes) {
      step();
      store.frame(kind, bytes);
    },
    saveState(entries) {
      store.saveState(entries);
      step();
    },
    reopen() {
      step();
      return store.reopen();
    },
    commit() {
      step();
      store.commit();
      step();
    },
  };
}

function buried(folder: string, open: { close(): void }[]): void {
  for (const one of open) {
    try {
      one.close();
    } catch {
      // It failed before; its file is of no use any more.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A message as the other thread gets it; most of them are small and flat. */
function copied(message: FromCore): FromCore {
  if (message.type !== 'committed') return structuredClone(message);
  const { alerts, summaries } = message.committed;
  if (alerts.length + summaries.length > 0) return structuredClone(message);
  return { type: 'committed', committed: { ...message.committed } };
}

interface PortOptions {
  owner: number;
  slowMs: () => number;
  mutation: Mutation;
  dead: () => boolean;
}

/** A thread that is slow: messages wait in order, and a sync of the disk holds up what follows. */
function corePort(
  time: SimTime,
  random: Random,
  open: () => StoreWriter,
  o: PortOptions,
): CorePort {
  const heard: Record<string, (value: never) => void> = {};
  const inbox: ToCore[] = [];
  let core: ServedCore | null = null;
  let store: StoreWriter | null = null;
  let busyUntil = 0;
  let inMs = 0;
  let outMs = 0;
  let waking = false;
  let ended = false;

  /** Whoever asks, the thread works in the name of its own life. */
  const at = (ms: number, work: () => void) => time.own(o.owner, () => time.after(ms, work));

  const post = (message: FromCore) => {
    o.mutation.fromCore?.(message);
    if (message.type === 'committed') busyUntil = Math.max(busyUntil, time.now() + o.slowMs());
    outMs = Math.max(outMs, busyUntil, time.now() + 0.05 + random.uniform());
    const copy = copied(message);
    at(outMs - time.now(), () => heard['message']?.(copy as never));
  };
  const fail = (error: unknown) => {
    if (o.dead() || error instanceof Killed) return;
    ended = true;
    post({ type: 'failed', message: messageOf(error) });
  };
  const guarded = (work: () => void) => () => {
    if (ended || o.dead()) return;
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };
  const later = (ms: number, work: () => void) => {
    const timer = at(Math.max(ms, busyUntil - time.now()), guarded(work));
    return () => {
      timer.work = null;
    };
  };
  const start = (message: ToCore) => {
    if (message.type !== 'start') return;
    store = open();
    core = serveCore({
      store,
      options: message.options,
      clock: time.clock,
      post,
      later,
      passing: (error) => (error instanceof StoreError ? error.message : null),
    });
    setInterval(
      guarded(() => core?.tick()),
      TICK_MS,
    );
  };
  const drain = guarded(() => {
    waking = false;
    for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
      if (core === null) start(next);
      else core.take(next, inbox[0]?.type === 'batch');
      if (core?.stopped() === true && !ended) {
        ended = true;
        store?.close();
        post({ type: 'stopped' });
      }
    }
  });
  return {
    postMessage(message, transfer) {
      if (o.dead()) return;
      const copy = structuredClone(message, { transfer });
      o.mutation.toCore?.(copy, post);
      inMs = Math.max(inMs, time.now() + 0.05 + random.uniform());
      at(inMs - time.now(), () => {
        inbox.push(copy);
        if (waking) return;
        waking = true;
        at(busyUntil - time.now(), drain);
      });
    },
    on(event: string, listener: (value: never) => void) {
      heard[event] = listener;
      return this;
    },
  };
}
