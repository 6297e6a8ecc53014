import { connect } from 'node:net';

/**
 * Sends bytes as they are and gives back all that comes until the server hangs up, as it does after an
 * error and after `Connection: close`. Nothing at all within the time is an empty text.
 */
export function raw(url: URL, bytes: string | Buffer, from = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const options = { port: Number(url.port), host: url.hostname, localAddress: from };
    const socket = connect(options, () => socket.write(bytes));
    let got = '';
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

/** Status of every answer in what came back. */
export const statuses = (got: string): number[] =>
  [...got.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((m) => Number(m[1]));
