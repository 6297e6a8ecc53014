import { Worker } from 'node:worker_threads';
import { StoreError, type StoreFailure } from './errors.ts';
import { unpacked } from './packed-points.ts';
import type { Answer, Method, PackedRows, ReaderStart, Request, Started } from './protocol.ts';
import type { Reader } from './store.ts';

/** The reader's questions, answered on its own thread. */
export type AsyncReader = {
  [M in keyof Reader]: (...args: Parameters<Reader[M]>) => Promise<ReturnType<Reader[M]>>;
};

export interface RunningReader {
  reader: AsyncReader;
  /** ends the thread; questions that are still open are rejected */
  close(): Promise<void>;
}

/** Questions that may wait at once. A caller that gets an error asks again later. */
const MOST_WAITING = 256;

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

interface Client {
  worker: Worker;
  waiting: Map<number, Waiting>;
  next: number;
  /** why no more questions are taken */
  ended: Error | undefined;
}

let ahead: Worker | null = null;

/** Begins to load the code of the thread, so that the next `startReader` need not wait for it. */
export function warmReader(): void {
  ahead ??= spawn();
  ahead.unref();
}

/** Starts the reader thread on a store; rejects with `StoreError` when it cannot be opened. */
export async function startReader(file: string): Promise<RunningReader> {
  const worker = ahead ?? spawn();
  ahead = null;
  worker.ref();
  const start: ReaderStart = { file };
  worker.postMessage(start);
  const client: Client = { worker, waiting: new Map(), next: 1, ended: undefined };
  worker.on('error', (error) => end(client, error));
  worker.on('exit', () => end(client, new StoreError('refused', 'the reader thread has ended')));
  const started = await firstMessage(worker);
  if (!started.started) {
    await worker.terminate();
    throw new StoreError(started.failure as StoreFailure, started.message);
  }
  worker.on('message', (answer: Answer) => settle(client, answer));
  return { reader: asking(client), close: () => close(client) };
}

function spawn(): Worker {
  // The package holds JavaScript, the repository TypeScript: the thread's file ends like this one.
  const entry = import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js';
  return new Worker(new URL(entry, import.meta.url), { execArgv: [] });
}

function firstMessage(worker: Worker): Promise<Started> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new StoreError('other', 'the reader thread did not start')));
  });
}

function asking(client: Client): AsyncReader {
  const question =
    <M extends Method>(method: M) =>
    (...args: Parameters<Reader[M]>): Promise<ReturnType<Reader[M]>> =>
      new Promise((resolve, reject) => {
        if (client.ended !== undefined) {
          reject(client.ended);
          return;
        }
        if (client.waiting.size >= MOST_WAITING) {
          reject(new StoreError('refused', 'too many questions wait for the reader thread'));
          return;
        }
        const id = client.next;
        client.next += 1;
        client.waiting.set(id, { resolve, reject });
        const request: Request = { id, method, args };
        client.worker.postMessage(request);
      });
  return {
    head: question('head'),
    points: question('points'),
    signals: question('signals'),
    limits: question('limits'),
    alerts: question('alerts'),
    alert: question('alert'),
    gaps: question('gaps'),
    events: question('events'),
    readings: question('readings'),
    histogram: question('histogram'),
    occasion: question('occasion'),
    buckets: question('buckets'),
    async rows(...query) {
      const { rows, packed } = (await question('rows')(...query)) as unknown as PackedRows;
      return { ...rows, points: unpacked(rows.points, packed) };
    },
    alertEvents: question('alertEvents'),
    alertHistory: question('alertHistory'),
    cursors: question('cursors'),
    audit: question('audit'),
    accounts: question('accounts'),
    damagedParts: question('damagedParts'),
    ahead: question('ahead'),
    rejected: question('rejected'),
  };
}

function settle(client: Client, answer: Answer): void {
  const waiting = client.waiting.get(answer.id);
  client.waiting.delete(answer.id);
  if (answer.ok) waiting?.resolve(answer.value as never);
  else waiting?.reject(new StoreError(answer.failure as StoreFailure, answer.message));
}

function end(client: Client, why: Error): void {
  client.ended ??= why;
  for (const { reject } of client.waiting.values()) reject(client.ended);
  client.waiting.clear();
}

async function close(client: Client): Promise<void> {
  if (client.ended !== undefined) return;
  const exited = new Promise((resolve) => client.worker.once('exit', resolve));
  client.worker.postMessage('close');
  end(client, new StoreError('refused', 'the reader is closed'));
  await exited;
}
