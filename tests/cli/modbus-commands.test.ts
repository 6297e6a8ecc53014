import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Device, poke, startDevice } from '../support/modbus-device.ts';
import { meyar } from '../support/terminal.ts';

let device: Device;

beforeEach(async () => {
  device = await startDevice();
  poke(device, 0, 'uint32', 41);
  poke(device, 6, 'float32', 21.5);
  poke(device, 100, 'float32', 3.25, 'CDAB');
});
afterEach(() => device.close());

const ROW = 'nominal: 5, subgroup: { kind: by-count, size: 1 }, charts: [{ kind: imr }]';

/** A settings file that reads the device, made up for this test. */
function settingsFile(url = device.url): string {
  const file = join(mkdtempSync(join(tmpdir(), 'meyar-cli-')), 'plant.yaml');
  const text = `
plant: { name: Test plant (made up), site: Nowhere }
sources:
  cnc-1:
    kind: modbus
    url: ${url}
    timeout: 200ms
    units:
      - id: 1
        name: cnc
        writes: true
        records:
          - name: result
            every: 100ms
            sequence: { address: 0, type: uint32 }
            fields: { od: { address: 6, type: float32, unit: mm } }
          - name: gauge
            every: 50ms
            sequence: { address: 200, type: uint32 }
            handshake: { ready: { table: coil, address: 0 }, ack: { table: coil, address: 1 } }
            fields: { bore: { address: 202, type: float32 } }
        tags:
          - { name: power, address: 100, type: float32, order: CDAB, every: 1s }
characteristics:
${['od', 'power', 'bore']
  .map((id) => `  ${id}: { name: ${id}, source: cnc-1, tag: cnc.${id}, unit: mm, ${ROW} }`)
  .join('\n')}
`;
  writeFileSync(file, text);
  return file;
}

describe('meyar plan', () => {
  it('prints requests with their cost, and the load of the link', async () => {
    const { code, out } = await meyar('plan', settingsFile(), '--turnaround', '9', '--json');
    expect(code).toBe(0);
    const { requests, links } = JSON.parse(out);
    expect(requests).toHaveLength(3);
    expect(requests[0]).toMatchObject({
      reads: ['cnc.result'],
      bytes: 37,
      ms: 10,
      loadPercent: 10,
    });
    expect(links[0]).toMatchObject({ source: 'cnc-1', requests: 3, loadPercent: 31 });
    expect((await meyar('plan', settingsFile())).out).toContain('FC1 coil 0+1 every 50 ms');
  });

  it('knows slow lines, and says when there is not time enough', async () => {
    const serial = settingsFile('rtu:///dev/ttyUSB0?baud=1200');
    const { code, out } = await meyar('plan', serial);
    expect(code).toBe(1);
    expect(out).toContain('more than there is time for');
  });
});

describe('meyar test', () => {
  it('prints one reading of every tag, and writes nothing', async () => {
    device.coils[0] = 1;
    poke(device, 200, 'uint32', 7);
    poke(device, 202, 'float32', 5.125);
    const { code, out } = await meyar('test', settingsFile(), '--for', '5s', '--json');
    expect(code).toBe(0);
    const rows = JSON.parse(out);
    expect(rows).toMatchObject([
      { characteristic: 'od', tag: 'cnc.od', value: 21.5, quality: 'GOOD', sequence: 41 },
      { characteristic: 'power', value: 3.25, sequence: null },
      { characteristic: 'bore', value: 5.125, sequence: 7 },
    ]);
    expect(device.requests.every((r) => r.code <= 4)).toBe(true);
    expect(device.coils[1]).toBe(0);
  });

  it('shows a float32 as people write it, and the number of the core as JSON', async () => {
    poke(device, 6, 'float32', 0.1);
    poke(device, 100, 'float32', -1234.567, 'CDAB');
    device.coils[0] = 1;
    poke(device, 202, 'float32', 5.1);
    const { out } = await meyar('test', settingsFile(), '--for', '5s');
    expect(out).toContain('od (cnc-1 cnc.od): 0.1 #41 ');
    expect(out).toContain('power (cnc-1 cnc.power): -1234.567 ');
    expect(out).toContain('bore (cnc-1 cnc.bore): 5.1 ');
    const { out: json } = await meyar('test', settingsFile(), '--for', '5s', '--json');
    expect(JSON.parse(json)[0]).toMatchObject({ value: 0.10000000149011612 });
    const { out: probed } = await meyar('probe', 'modbus', device.url, '--address', '6');
    expect(probed).toContain(' 0.1* ');
  });

  it('says what did not come', async () => {
    const file = settingsFile();
    await device.vanish();
    const { code, out } = await meyar('test', file, '--for', '300ms');
    expect(code).toBe(1);
    expect(out).toContain('BAD_LINK');
    expect(out).toContain('no connection');
  });

  it.skipIf(!needs('mbpoll'))('agrees with mbpoll', async () => {
    const { out } = await meyar('test', settingsFile(), '--for', '1s', '--json');
    const ours = JSON.parse(out).find((row: { tag: string }) => row.tag === 'cnc.od');
    // A float of mbpoll is low word first unless told otherwise (-B); its addresses begin at 1.
    const { port } = device;
    const words = `-m tcp -p ${port} -a 1 -r 7 -c 1 -t 4:float -B -1 127.0.0.1`;
    const text = await runProgram('mbpoll', words.split(' '));
    const theirs = Number(/\[7\]:\s*([\d.]+)/.exec(text)?.[1]);
    expect(theirs).toBe(ours.value);
  });
});

describe('meyar probe modbus', () => {
  it('shows what stands there, how fast and how much it answers', async () => {
    device.behave = (r) => {
      if (r.address + r.length > 120 || r.length > 100) return { kind: 'exception', code: 2 };
      return null;
    };
    const { code, out } = await meyar('probe', 'modbus', device.url, '--count', '10', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(out);
    const float = result.registers[6].wide.find(
      (w: { type: string; order: string }) => w.type === 'float32' && w.order === 'ABCD',
    );
    expect(float).toMatchObject({ value: 21.5, plausible: true });
    expect(result.largestBlock).toBe(100);
    expect(result.roundTripMs.median).toBeGreaterThan(0);
    expect([1, 2, 4, 8]).toContain(result.usefulDepth);
    const edge = ['--address', '112', '--count', '16'];
    const { out: text } = await meyar('probe', 'modbus', device.url, ...edge);
    expect(text.match(/refused/g)).toHaveLength(8);
  });

  it('says what is wrong with the url, and that nobody is there', async () => {
    expect((await meyar('probe', 'modbus', 'http://plc')).err).toContain('expected tcp://host');
    const { url } = device;
    await device.vanish();
    expect((await meyar('probe', 'modbus', url)).err).toContain('ECONNREFUSED');
  });
});

/** The device answers from this process: waiting for the program must not block it. */
function runProgram(program: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (_error, stdout) => resolve(stdout));
  });
}
