import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plants } from '../../agent/plants/index.ts';
import type { Plant } from '../../agent/plants/plant.ts';
import { createPlant } from '../../agent/plants/shell.ts';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';
import { eventually } from '../support/agent-rig.ts';
import { seeChart } from '../support/see-chart.ts';
import { meyar, type Ran } from '../support/terminal.ts';

/** What the guide says, word for word, but for the address and the port of the page. */
const GUIDE = new URL('../../docs/guides/read-a-plc.md', import.meta.url);
const PLC = 'tcp://192.168.0.10:502';

let folder = '';
let plant: Plant;
let address = '';
let agent: AgentProcess | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-guide-'));
  const { wiring } = plants['P1'] ?? { wiring: null };
  if (wiring === null) throw new Error('there is no plant P1');
  plant = createPlant(wiring, { seed: 1, speed: 120, now: () => Date.now() });
  address = (await plant.start())['PLANT_MODBUS'] ?? '';
  plant.produce();
});
afterAll(async () => {
  await agent?.kill('SIGKILL');
  await plant.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The code blocks of the guide in their order. */
function blocks(): { kind: string; text: string }[] {
  const guide = readFileSync(GUIDE, 'utf8').replaceAll(PLC, address);
  const found = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return found.map(([, kind = '', text = '']) => ({ kind, text }));
}

it('the guide leads from an address to a live control chart', async () => {
  const settingsFile = join(folder, 'plant.yaml');
  const ran: { words: string[]; result: Ran }[] = [];
  for (const { kind, text } of blocks()) {
    if (kind === 'yaml') writeFileSync(settingsFile, text.replace('port: 8080', 'port: 0'));
    else expect(kind).toBe('sh');
    for (const line of kind === 'sh' ? text.trim().split('\n') : []) {
      const [program, ...words] = line.replace('plant.yaml', settingsFile).split(' ');
      expect(program).toBe('meyar');
      if (words[0] === 'run') {
        expect(words).toEqual(['run', '-c', settingsFile, '--data', 'data']);
        agent = startAgentProcess(settingsFile, join(folder, 'data'));
      } else {
        // The reader probes again after the next part.
        const { parts } = plant.figures();
        ran.push({ words, result: await meyar(...words) });
        await eventually(() => plant.figures().parts > parts + 1, 'the next part');
      }
    }
  }
  const commands = ran.map(({ words }) => words[0]);
  expect(commands).toEqual(['probe', 'probe', 'check', 'plan', 'test']);
  for (const { words, result } of ran) expect([words[0], result.code]).toEqual([words[0], 0]);
  const [first, second] = ran.map(({ result }) => registersOf(result.out));
  // What the guide points at: the value with its mark at 6, the counter that grows at 0 and 1.
  expect(first?.[6]).toMatch(/ 2[12]\.\d+\*/);
  expect(Number(first?.[0]?.split(/\s+/)[1])).toBe(0);
  expect(counterOf(second)).toBeGreaterThan(counterOf(first));
  expect(ran.at(-1)?.result.out).toMatch(/^od-turned \(machines lathe\.od\): 2[12]\.\d+ #\d+/);
  await seeChart((await agent?.url) ?? '', 'od-turned');
});

/** Lines of the table that probe prints, by address. */
const registersOf = (out: string) =>
  out.split('\n').flatMap((line) => (/^ +\d+ /.test(line) ? [line.trim().slice(2).trim()] : []));

const counterOf = (registers: string[] | undefined) =>
  Number(registers?.[1]?.split(/\s+/)[1] ?? Number.NaN);
