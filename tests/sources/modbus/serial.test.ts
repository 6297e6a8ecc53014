import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSerial } from '../../../agent/sources/modbus/transport/serial.ts';
import { needsPython } from '../../support/debian.ts';
import { startLine } from '../../support/modbus-lines.ts';
import { testContext, until } from '../../support/source-context.ts';
import { makeSource } from './rig.ts';

const SCRIPT = fileURLToPath(new URL('../../support/pty_bridge.py', import.meta.url));

describe.skipIf(!needsPython('pty', 'python3'))('a serial line', () => {
  it.each(['rtu', 'ascii'] as const)('%s frames over a pseudo terminal', async (framing) => {
    const device = await startLine(framing);
    device.registers[3] = 321;
    device.behave = (r) => (r.nth === 5 ? { kind: 'wrong-check' } : null);
    const port = new URL(device.url.replace(`${framing}+tcp`, 'http')).port;
    const bridge = spawn('/usr/bin/python3', [SCRIPT, port], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const path = await new Promise<string>((resolve) => {
      bridge.stdout.once('data', (line: Buffer) => resolve(String(line).trim()));
    });
    const context = testContext(['cnc.x']);
    const tags = [{ name: 'x', address: 3, every: '20ms' }];
    const source = makeSource(
      {
        url: `${framing}://${path}?baud=115200&parity=none`,
        timeout: '300ms',
        units: [{ id: 1, name: 'cnc', tags }],
      },
      context,
    );
    source.start();
    try {
      await until(() => context.good('cnc.x').length >= 10, 'ten readings');
      expect(context.good('cnc.x').every((r) => r.value === 321)).toBe(true);
      expect(source.health().counters['garbled']).toBe(1);
    } finally {
      await source.stop();
      bridge.kill();
      await device.close();
    }
  });
});

it('says what to do when the library for serial lines is not installed', async () => {
  const line = { baud: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;
  const reason = await new Promise<string>((onDown) => {
    const events = { onUp() {}, onData() {}, onDown };
    openSerial('/dev/ttyUSB0', line, events, () => {
      throw new Error('Cannot find module');
    });
  });
  expect(reason).toContain("optional library 'serialport'");
});
