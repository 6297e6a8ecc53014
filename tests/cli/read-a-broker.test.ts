import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Publisher, publisher } from '../support/mqtt.ts';
import { seeChart } from '../support/see-chart.ts';
import { meyar, type Ran } from '../support/terminal.ts';

/** What the guide says, word for word, but for the address and the port of the page. */
const GUIDE = new URL('../../docs/guides/read-a-broker.md', import.meta.url);
const ADDRESS = 'mqtt://10.0.0.5:1883';

describe.skipIf(!needs('mosquitto'))('the guide to a broker', () => {
  let folder = '';
  let broker: Mosquitto;
  let tester: Publisher;
  let measuring: NodeJS.Timeout;
  let agent: AgentProcess | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-guide-'));
    mkdirSync(join(folder, 'data'));
    broker = await startMosquitto();
    tester = await publisher(broker.url);
    let seq = 0;
    measuring = setInterval(() => {
      seq += 1;
      const hardness = 59 + ((seq * 7) % 10) / 10;
      const message = {
        seq,
        ts: Date.UTC(2026, 0, 2, 3, 4, 5) + seq,
        sn: `S${seq}`,
        v: { hardness },
      };
      void tester.send('ravi/k7/result', JSON.stringify(message));
    }, 40);
  });
  afterAll(async () => {
    clearInterval(measuring);
    await agent?.kill('SIGKILL');
    await tester.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leads from an address to a live control chart', async () => {
    const settingsFile = join(folder, 'plant.yaml');
    const guide = readFileSync(GUIDE, 'utf8').replaceAll(ADDRESS, broker.url);
    const ran = new Map<string, Ran>();
    for (const [, kind, text = ''] of guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
      if (kind === 'yaml') writeFileSync(settingsFile, text.replace('port: 8080', 'port: 0'));
      else expect(kind).toBe('sh');
      for (const line of kind === 'sh' ? text.trim().split('\n') : []) {
        const whole = line.replace('plant.yaml', settingsFile);
        const [program, ...words] = whole
          .replace('--data data', `--data ${folder}/data`)
          .split(' ');
        expect(program).toBe('meyar');
        if (words[0] === 'run') {
          expect(words).toEqual(['run', '-c', settingsFile, '--data', join(folder, 'data')]);
          agent = startAgentProcess(settingsFile, join(folder, 'data'));
        } else ran.set(words[0] ?? '', await meyar(...words));
      }
    }
    expect([...ran.keys()]).toEqual(['probe', 'discover', 'check', 'test', 'doctor']);
    const out = (command: string) => ran.get(command)?.out ?? '';
    // A slow disk or an unset clock of this machine is for doctor to find, and not the guide's.
    for (const [command, { code }] of ran) {
      if (command !== 'doctor') expect([command, code]).toEqual([command, 0]);
    }
    expect(out('probe')).toMatch(/ravi\/k7\/result: \d+ × json/);
    for (const says of ['v.hardness: value', 'seq: counter', 'ts: time in ms']) {
      expect(out('probe')).toContain(says);
    }
    const proposed = parse(out('discover').slice(out('discover').indexOf('# a proposal')));
    expect(proposed.sources.broker.topics[0]).toMatchObject({ sequence: 'seq' });
    expect(out('test')).toMatch(/^cells ravi\/k7\/result <- \{"seq":\d+/m);
    expect(out('test')).toMatch(/^hardness \(cells k7.hardness\): 59\.?\d* #\d+/m);
    expect(out('doctor')).toMatch(/broker of 'cells': session.*kept while we were away/);
    await seeChart((await agent?.url) ?? '', 'hardness');
  });
});
