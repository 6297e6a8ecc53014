import { createServer } from 'node:net';

/** Below those that the system gives to outgoing connections and to whoever asks for any port. */
const [FROM, TO] = [10_000, 32_000];

/**
 * A port nobody listens on now, for a program that must be told one, or that starts again on it.
 * What the system gives for port 0 may be somebody else's a moment later; of these only tests
 * ask, and two of them rarely for the same.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = FROM + Math.floor((TO - FROM) * Math.random());
    if (await isFree(port)) return port;
  }
  throw new Error('no free port found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
