import { Worker } from 'node:worker_threads';
import type { AccountChange, Actor, AuditEntry, SourceEvent, Stretch } from '../model.ts';
import { InputError } from '../runtime/errors.ts';
import type { Refused } from '../store/store.ts';
import type {
  Command,
  Committed,
  CoreOptions,
  CoreReady,
  DiskState,
  FromCore,
  Recording,
  ToCore,
} from './protocol.ts';

/** The shell's end of the seam to the core thread. */
export interface CoreClient {
  ready: CoreReady;
  batch(buffer: ArrayBuffer, id: number): void;
  /** `id`: somebody waits for its commit; it goes on the count of the batches */
  event(event: SourceEvent, id?: number): void;
  /** `actor`: who asked for it; it is in the audit log in the same transaction */
  command(command: Command, actor?: Actor): Promise<Answer>;
  /** a row of the audit log (null: none) and accounts; resolves when both are committed */
  audit(entry: AuditEntry | null, accounts?: readonly AccountChange[]): Promise<Answer>;
  cursor(reader: string, seq: number, ahead?: readonly Stretch[]): void;
  /** rows that a sink could not deliver; kept no later than a cursor that is sent after them */
  reject(sink: string, rows: Refused[]): void;
  /** rejected rows that were taken in the end, or dropped */
  forgive(ids: readonly number[]): void;
  /** whether somebody looks at the page */
  watched(watched: boolean): void;
  /** commits, snapshots and ends the thread */
  stop(): Promise<void>;
  /** ends the thread at once, whatever it does; what is not committed was not acknowledged */
  abandon(): void;
}

export type Answer = Extract<FromCore, { type: 'answer' }>;

export interface CoreListener {
  committed(committed: Committed): void;
  /** the store stopped or began again to take writes, or still does not */
  recording(recording: Recording): void;
  /** once a second */
  disk?(disk: DiskState): void;
  /** the core ended by itself; the agent cannot go on */
  failed(message: string): void;
}

let ahead: Worker | null = null;

/** Begins to load the code of the thread, so that the next `startCore` need not wait for it. */
export function warmCore(): void {
  ahead ??= spawn();
  ahead.unref();
}

/** What the client needs of the thread: a worker has it, and so has a simulated one. */
export interface CorePort {
  postMessage(message: ToCore, transfer: ArrayBuffer[]): void;
  on(event: 'message', heard: (message: FromCore) => void): unknown;
  on(event: 'error', heard: (error: unknown) => void): unknown;
  on(event: 'exit', heard: (code: number) => void): unknown;
  terminate?(): unknown;
}

/** Starts the core thread; resolves when the store is open and the state restored. */
export function startCore(options: CoreOptions, listener: CoreListener): Promise<CoreClient> {
  const worker = ahead ?? spawn();
  ahead = null;
  worker.ref();
  return connectCore(worker, options, listener);
}

/** Starts the core at the other end of a port. */
export function connectCore(
  worker: CorePort,
  options: CoreOptions,
  listener: CoreListener,
): Promise<CoreClient> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let nextCommand = 1;
  let stopping = false;
  let ended = false;
  const send = (message: ToCore, transfer: ArrayBuffer[] = []) =>
    worker.postMessage(message, transfer);

  const ask = (message: (id: number) => ToCore) =>
    new Promise<Answer>((answer) => {
      const id = nextCommand;
      nextCommand += 1;
      if (ended) {
        answer({ type: 'answer', id, error: 'the core has ended' });
        return;
      }
      waiting.set(id, answer);
      send(message(id));
    });

  return new Promise((resolve, reject) => {
    let started = false;
    let onStopped = () => {};
    // Told once, though a thread that fails says why, and then that it ends.
    const fail = (message: string, refused = false) => {
      if (ended) return;
      ended = true;
      for (const [id, answer] of waiting) answer({ type: 'answer', id, error: message });
      waiting.clear();
      if (!started) reject(refused ? new InputError(message) : new Error(message));
      else if (!stopping) listener.failed(message);
      onStopped();
    };
    const client = (ready: CoreReady): CoreClient => ({
      ready,
      batch: (buffer, id) => send({ type: 'batch', id, buffer }, [buffer]),
      event: (event, id) => send({ type: 'event', event, ...(id === undefined ? {} : { id }) }),
      command: (command, actor) =>
        ask((id) => ({ type: 'command', id, command, ...(actor === undefined ? {} : { actor }) })),
      audit: (entry, accounts = []) => ask((id) => ({ type: 'audit', id, entry, accounts })),
      cursor: (reader, seq, ahead = []) => send({ type: 'cursor', reader, seq, ahead }),
      reject: (sink, rows) => send({ type: 'reject', sink, rows }),
      forgive: (ids) => send({ type: 'forgive', ids }),
      watched: (watched) => send({ type: 'watched', watched }),
      abandon() {
        fail('the core was given up');
        void worker.terminate?.();
      },
      stop: () =>
        new Promise((done) => {
          stopping = true;
          if (ended) {
            done();
            return;
          }
          onStopped = done;
          send({ type: 'stop' });
        }),
    });
    worker.on('message', (message: FromCore) => {
      if (message.type === 'ready') {
        started = true;
        resolve(client(message.ready));
      } else if (message.type === 'committed') listener.committed(message.committed);
      else if (message.type === 'recording') listener.recording(message.recording);
      else if (message.type === 'disk') listener.disk?.(message.disk);
      else if (message.type === 'answer') {
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
      } else if (message.type === 'stopped') onStopped();
      else fail(message.message, message.refused);
    });
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => fail(`the core thread ended with code ${code}`));
    send({ type: 'start', options });
  });
}

function spawn(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./worker.${extension}`, import.meta.url));
}
