import { createServer, type Socket } from 'node:net';
import { createLinesSource } from '../../../agent/sources/lines/index.ts';
import { settings } from '../../../agent/sources/lines/settings.ts';
import type { SourceContext } from '../../../agent/sources/source.ts';
import { sourceContract } from '../../contracts/source.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/source-context.ts';

sourceContract('lines', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const nobody = await freePort();
  const source = (at: number, context: SourceContext) =>
    createLinesSource(
      settings.parse({
        url: `tcp://127.0.0.1:${at}`,
        line: { form: '{ch}:{od} {unit}', values: { od: 'od' }, units: { mm: 1 } },
        gauge: 'MIC-7',
      }),
      context,
    );
  return {
    tags: ['od'],
    counters: ['lines', 'readings', 'badLines', 'unknownUnits', 'droppedLines', 'reconnects'],
    unreachable: (context) => source(nobody, context),
    live: (context) => source(port, context),
    ready: (live) => until(() => live.health().state === 'up' && sockets.size > 0, 'up'),
    produce() {
      for (const socket of sockets) if (!socket.destroyed) socket.write('A:+21.984 mm\r\n');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
});
