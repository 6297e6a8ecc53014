import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a process of the bench from a file beside this one; resolves after its first message. */
export async function forked(file: string, args: readonly string[]): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL(`./${file}`, import.meta.url)), args);
  await answer(child);
  return child;
}

/** The next message of a process; rejects when it ends instead. */
export async function answer(child: ChildProcess): Promise<unknown> {
  const abort = new AbortController();
  const gone = once(child, 'exit', { signal: abort.signal }).then(() => {
    throw new Error('a process of the bench ended');
  });
  gone.catch(() => {});
  const [message] = await Promise.race([once(child, 'message'), gone]);
  abort.abort();
  return message;
}

/** Runs work and then, last begun first, what it left to be ended, also when it fails half-way. */
export async function withCleanUp<T>(
  work: (later: (end: () => unknown) => void) => Promise<T>,
): Promise<T> {
  const ends: (() => unknown)[] = [];
  try {
    return await work((end) => void ends.push(end));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
