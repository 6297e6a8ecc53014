import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../../agent/sources/source.ts';
import { startDevice } from '../../support/modbus-device.ts';
import { type LineFault, startLine, startTls, startUdp } from '../../support/modbus-lines.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';
import { makeSource } from './rig.ts';

/** Two tags far apart: two requests of the same shape, the dangerous case without ids. */
const TAGS = ['cnc.a', 'cnc.b'];
const UNITS = [
  {
    id: 1,
    name: 'cnc',
    tags: [
      { name: 'a', address: 0, every: '10ms' },
      { name: 'b', address: 500, every: '10ms' },
    ],
  },
];

async function reading(
  settings: Record<string, unknown>,
  test: (context: TestContext, source: Source) => Promise<void>,
): Promise<void> {
  const context = testContext(TAGS);
  const basic = { timeout: '60ms', connectTimeout: '2s', quiet: '20ms', units: UNITS };
  const source = makeSource({ ...basic, ...settings }, context);
  source.start();
  try {
    await test(context, source);
  } finally {
    await source.stop();
  }
}

const bothRead = (context: TestContext, n: number) =>
  until(() => TAGS.every((tag) => context.good(tag).length >= n), `${n} readings of both`);

function expectRight(context: TestContext): void {
  for (const r of context.readings) {
    if (r.quality === 0) expect(r.value).toBe(r.tag === 'cnc.a' ? 100 : 200);
  }
}

const FAULTS: [string, LineFault][] = [
  ['no answer', { kind: 'silent' }],
  ['a wrong checksum', { kind: 'wrong-check' }],
  ['half a frame', { kind: 'half' }],
  ['noise before the frame', { kind: 'noise' }],
  ['the answer of another unit', { kind: 'wrong-unit' }],
  ['an answer that is late by little', { kind: 'late', ms: 70 }],
  ['an answer that is late by much', { kind: 'late', ms: 190 }],
  ['an exception', { kind: 'exception', code: 4 }],
];

describe.concurrent.each(['rtu', 'ascii'] as const)('%s frames over a socket', (framing) => {
  it.each(FAULTS)('%s: no value is ever wrong', async (_name, fault) => {
    const device = await startLine(framing);
    device.registers[0] = 100;
    device.registers[500] = 200;
    device.behave = (r) => (r.nth % 9 === 4 ? fault : null);
    await reading({ url: device.url }, async (context) => {
      await bothRead(context, 40);
      expectRight(context);
    });
    await device.close();
  });

  it('every answer late: nothing is taken for another, and it recovers', async () => {
    const device = await startLine(framing);
    device.registers[0] = 100;
    device.registers[500] = 200;
    device.behave = (r) => (r.nth < 4 ? { kind: 'late', ms: 150 } : null);
    await reading({ url: device.url }, async (context) => {
      await bothRead(context, 10);
      expectRight(context);
    });
    await device.close();
  });

  it('never more than one request under way', async () => {
    const device = await startLine(framing);
    let open = 0;
    device.behave = () => {
      open += 1;
      expect(open).toBe(1);
      setTimeout(() => (open = 0), 4);
      return { kind: 'late', ms: 5 };
    };
    await reading({ url: device.url, depth: 8 }, (context) => bothRead(context, 10));
    await device.close();
  });

  it('a device that refuses a register more is asked for exactly what is wanted', async () => {
    const device = await startLine(framing);
    device.registers[0] = 100;
    device.registers[500] = 200;
    device.behave = (r) => {
      if (r.nth === 3) return { kind: 'late', ms: 90 };
      return r.length > 1 ? { kind: 'exception', code: 2 } : null;
    };
    await reading({ url: device.url }, async (context) => {
      await bothRead(context, 30);
      expectRight(context);
    });
    await device.close();
  });
});

describe.concurrent('other ways in', () => {
  it('udp: answers that come twice are dropped', async () => {
    const device = await startUdp(2);
    device.registers[0] = 100;
    device.registers[500] = 200;
    await reading({ url: device.url }, async (context, source) => {
      await bothRead(context, 10);
      expectRight(context);
      expect(source.health().counters['lateFrames']).toBeGreaterThan(5);
    });
    await device.close();
  });

  it('tls: both sides show certificates; a wrong one is said', async () => {
    const files = certificates();
    const read = (file: string) => readFileSync(file);
    const device = await startTls({
      cert: read(files.cert),
      key: read(files.key),
      ca: read(files.cert),
      requestCert: true,
      rejectUnauthorized: true,
    });
    device.registers[0] = 100;
    device.registers[500] = 200;
    const tls = { ca: files.cert, cert: files.cert, key: files.key, servername: 'localhost' };
    await reading({ url: device.url, tls }, async (context) => {
      await bothRead(context, 5);
      expectRight(context);
    });
    await reading({ url: device.url }, async (_context, source) => {
      await until(() => source.health().state === 'down', 'down');
      expect(source.health().detail).toMatch(/certificate/);
    });
    await reading({ url: device.url, tls: { ca: 'no-such-file' } }, async (_context, source) => {
      await until(() => source.health().state === 'down', 'down');
      expect(source.health().detail).toContain('no-such-file');
    });
    await device.close();
  });

  it('a standby takes over, and the first is tried again when the standby is lost', async () => {
    const [first, second] = [await startDevice(), await startDevice()];
    for (const device of [first, second]) {
      device.registers[0] = 100;
      device.registers[500] = 200;
    }
    await first.vanish();
    await reading({ url: first.url, standby: second.url }, async (context) => {
      await bothRead(context, 3);
      expect(second.connections).toBe(1);
      await first.listen();
      await second.vanish();
      const before = context.good('cnc.a').length;
      await until(() => context.good('cnc.a').length > before + 2, 'the first again');
      expect(first.connections).toBe(1);
    });
    await first.close();
  });

  it('rests after connecting when told to', async () => {
    const device = await startDevice();
    await reading({ url: device.url, pauseAfterConnect: '80ms' }, async () => {
      await until(() => device.connections === 1, 'the connection');
      await pause(30);
      expect(device.requests).toHaveLength(0);
      await until(() => device.requests.length > 0, 'a request');
    });
    await device.close();
  });

  it('a serial line that is not there is said and retried', async () => {
    await reading({ url: 'rtu:///dev/no-such-line?baud=9600' }, async (context, source) => {
      await until(() => source.health().state === 'down', 'down');
      expect(source.health().detail).toContain('no-such-line');
      expect(context.of('cnc.a').map((r) => r.quality)).toEqual([21]);
    });
  });
});

function certificates(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-tls-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...words.split(' '), ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { cert, key };
}
