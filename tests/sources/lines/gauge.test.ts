import { spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { createLinesSource, type LinesSource } from '../../../agent/sources/lines/index.ts';
import { settings } from '../../../agent/sources/lines/settings.ts';
import { needsPython } from '../../support/debian.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';

const SCRIPT = fileURLToPath(new URL('../../support/pty_bridge.py', import.meta.url));

/** The other end of the line: a gauge as a test drives it. */
interface Gauge {
  port: number;
  send(text: string): void;
  heard(): string;
  hangUp(): void;
  connections(): number;
}

let server: Server;
let gauge: Gauge;
let context: TestContext;
let source: LinesSource | null;

beforeEach(async () => {
  const sockets: Socket[] = [];
  let heard = '';
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const address = server.address();
  gauge = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    send: (text) => void sockets.at(-1)?.write(Buffer.from(text, 'latin1')),
    heard: () => heard,
    hangUp: () => sockets.at(-1)?.destroy(),
    connections: () => sockets.length,
  };
  context = testContext(['od', 'k7.depth']);
  source = null;
});
afterEach(async () => {
  await source?.stop();
  gauge.hangUp();
  await new Promise((done) => server.close(done));
});

async function begin(line: object, over: object = {}): Promise<LinesSource> {
  const url = `tcp://127.0.0.1:${gauge.port}`;
  const made = createLinesSource(settings.parse({ url, line, ...over }), context);
  source = made;
  made.start();
  await until(() => made.health().state === 'up' && gauge.connections() > 0, 'up');
  return made;
}

const values = { od: 'value' };
const good = () => context.good('od').map((r) => r.value);

describe('a gauge that sends lines', () => {
  it('is read wherever its bytes are cut, whatever ends a line', async () => {
    await begin({ form: '01A{value}', values });
    for (const piece of ['01A+00', '12.345\r', '\n01A-1.5\r01A2\n', '\x0201A3\x03\r']) {
      gauge.send(piece);
      await pause(20);
    }
    await until(() => good().length === 4, 'four results');
    expect(good()).toEqual([12.345, -1.5, 2, 3]);
  });

  it('may say unit, serial number and channel; units are brought to one', async () => {
    const form = '{ch}:{sn}:{value} {unit}';
    await begin(
      { form, values: { od: 'value', '{ch}.depth': 'value' }, units: { mm: 1, in: 25.4 } },
      { gauge: 'MIC-7', operator: 'A. Khan', context: { serial: 'S-{sn}' } },
    );
    gauge.send('k7:81:0,5 IN\nk7:82:12.5 mm\nk7:83:12.5 cm\n');
    await until(() => context.of('od').length === 3, 'three results');
    expect(good()).toEqual([12.7, 12.5]);
    expect(context.of('od')[2]?.quality).toBe(QUALITY.BAD_CONFIG);
    expect(context.good('k7.depth')).toHaveLength(2);
    expect(context.of('od')[0]?.context).toEqual({
      ...{ gauge: 'MIC-7', operator: 'A. Khan', serial: 'S-81' },
    });
    expect(source?.health().counters['unknownUnits']).toBe(1);
  });

  it('sends what is no result: kept with the reason, or passed over', async () => {
    const own = await begin({ form: 'S S {value} g', values, skip: ['S D*'], maxBytes: 20 });
    gauge.send(`S D 1.2 g\nEL\n${'x'.repeat(50)}\nS S 5 g\n`);
    await until(() => good().length === 1, 'the result');
    const { counters } = own.health();
    expect([counters['badLines'], counters['skippedLines']]).toEqual([2, 1]);
    expect(own.deadLetters().map((l) => l.reason)).toEqual([
      expect.stringContaining("'S' is not where"),
      expect.stringContaining('maxBytes'),
    ]);
  });

  it('is asked when it does not send by itself', async () => {
    await begin({ values }, { request: { send: 'M\r', every: '200ms' } });
    await until(() => gauge.heard().length >= 4, 'asked twice');
    expect(gauge.heard().startsWith('M\rM\r')).toBe(true);
  });

  it('gives equal results at one moment as two', async () => {
    await begin({ values });
    gauge.send('5\n5\n5\n');
    await until(() => good().length === 3, 'three');
    expect(new Set(context.of('od').map((r) => r.sourceMs)).size).toBe(3);
  });

  it('is opened again after a loss, and half a line before it is no result', async () => {
    const own = await begin({ values });
    gauge.send('12');
    await pause(50);
    gauge.hangUp();
    await until(() => own.health().state === 'down', 'told');
    expect(own.health().detail).toMatch(/closed/);
    await until(() => own.health().state === 'up' && gauge.connections() === 2, 'back');
    gauge.send('3.5\n');
    await until(() => good().length === 1, 'a result');
    expect(good()).toEqual([3.5]);
    expect(own.health().counters['reconnects']).toBe(1);
  });

  it('that is silent is told, and its line is opened anew', async () => {
    const own = await begin({ values }, { expectEvery: '100ms', gauge: 'MIC-7' });
    await until(() => gauge.connections() === 2, 'opened anew');
    expect(context.events[0]?.text).toMatch(/gauge 'MIC-7' is silent/);
    await until(() => own.health().state === 'degraded', 'degraded');
    gauge.send('5\n');
    await until(() => own.health().state === 'up', 'well again');
  });

  it.skipIf(!needsPython('pty', 'python3'))('hangs on a serial line', async () => {
    const bridge = spawn('/usr/bin/python3', [SCRIPT, String(gauge.port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const path = await new Promise<string>((resolve) => {
      bridge.stdout.once('data', (line: Buffer) => resolve(String(line).trim()));
    });
    const url = `serial://${path}?baud=9600&bits=8&parity=none&stop=1`;
    const request = { send: '?\r', every: '300ms' };
    const own = createLinesSource(settings.parse({ url, line: { values }, request }), context);
    source = own;
    own.start();
    await until(() => own.health().state === 'up', 'up');
    await until(() => gauge.heard().includes('?\r'), 'asked over the line');
    gauge.send('+0021.984\r');
    await until(() => good().length === 1, 'a result');
    expect(good()).toEqual([21.984]);
    bridge.kill();
    await until(() => own.health().state === 'down', 'the plug is pulled');
  });
});
