import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';

let agent: AgentProcess | null = null;
afterEach(() => agent?.kill('SIGKILL'));

/** A fault that nobody catches, at a moment of our choice. */
const FAULT = `data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('lost: geheim-4711')})`;

it('a fault that nobody caught is one line of the log, without secrets, and the process ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-fault-'));
  const file = join(folder, 'plant.yaml');
  writeFileSync(
    file,
    `plant: { name: Fault (made up), site: test }
console: { port: 0 }
sources: { bench: { kind: manual } }
characteristics: { od: { name: OD, unit: mm, source: bench, tag: od } }
alerts:
  channels: { hook: { kind: webhook, url: "http://127.0.0.1:9/", secret: "\${HOOK}" } }
`,
  );
  // Bounds of its own, so that the process does not start itself once more without the fault.
  const node = ['--max-semi-space-size=8', '--import', FAULT];
  const env = { ...process.env, HOOK: 'geheim-4711' };
  agent = startAgentProcess(file, join(folder, 'data'), { node, env });
  await agent.url;
  agent.signal('SIGUSR2');
  while (!agent.gone()) await new Promise((resolve) => setTimeout(resolve, 20));
  const lines = agent
    .errors()
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  const last = JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  expect(last).toMatchObject({ event: 'agent-crashed', level: 50 });
  expect(String(last['message'])).toMatch(/^lost: /);
  expect(agent.errors()).not.toContain('geheim-4711');
});
