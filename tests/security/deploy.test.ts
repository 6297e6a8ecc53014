import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';
import { needs } from '../support/debian.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const UNIT = join(ROOT, 'deploy/meyar.service');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Words between node and the program, in the unit and in the container. */
const unitFlags = () => {
  const line = /^ExecStart=\/usr\/bin\/node ((?:.*\\\n)*.*)$/m.exec(read('deploy/meyar.service'));
  const words = (line?.[1] ?? '').replaceAll('\\\n', ' ').split(/\s+/);
  return words.filter((word) => word.startsWith('--') && word !== '--data');
};
const imageFlags = () => {
  const list = /ENTRYPOINT (\[[\s\S]*?\])/.exec(read('deploy/Containerfile'))?.[1] ?? '[]';
  const words = JSON.parse(list.replaceAll('\\\n', ' ')) as string[];
  return words.filter((word) => word.startsWith('--'));
};

describe.skipIf(!needs('systemd-analyze'))('the unit of systemd', () => {
  it('exposes at most 1.5 by the reckoning of systemd-analyze', () => {
    const words = ['security', '--offline=true', '--no-pager', UNIT];
    const said = execFileSync('systemd-analyze', words, { encoding: 'utf8' });
    const level = Number(/Overall exposure level for meyar\.service: ([\d.]+)/.exec(said)?.[1]);
    console.log(`exposure of deploy/meyar.service: ${level}`);
    expect(level).toBeLessThanOrEqual(1.5);
  });
});

describe.each([
  ['unit', unitFlags, '/var/lib/meyar/'],
  ['container', imageFlags, '/data/'],
])('the flags of the %s', (_name, flags, data) => {
  let folder: string;
  let agent: AgentProcess | null = null;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'meyar-deploy-')));
    for (const name of ['etc', 'data', 'outside']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'outside', 'secret'), 'not for the agent');
  });
  afterEach(async () => {
    await agent?.kill('SIGKILL');
    agent = null;
    rmSync(folder, { recursive: true, force: true });
  });
  /** The same flags, for the folders of this test. */
  const here = () => {
    const moved = flags().map((flag) =>
      flag
        .replace('/opt/meyar/', ROOT.endsWith('/') ? ROOT : `${ROOT}/`)
        .replace('/etc/meyar/', `${folder}/etc/`)
        .replace(data, `${folder}/data/`),
    );
    return [...moved, `--allow-fs-read=${realpathSync(join(ROOT, 'node_modules'))}/`];
  };
  const settings = (name: string) => `
plant: { name: ${name}, site: Lahore }
console: { port: 0 }
sources: { bench: { kind: manual, plausible: 1000 } }
characteristics:
  od: { name: OD, source: bench, tag: od, unit: mm, nominal: 22, lsl: 21, usl: 23, decimals: 3 }
`;
  const start = (name: string) => {
    const file = join(folder, 'etc', 'plant.yaml');
    writeFileSync(file, settings(name));
    agent = startAgentProcess(file, join(folder, 'data'), { node: here() });
    return agent;
  };

  it('let the whole agent work: it starts, takes a value and stores it', async () => {
    const running = start('Rig');
    const url = await running.url;
    const body = { characteristic: 'od', value: 22, operator: 'Ali', gauge: 'M-1' };
    const headers = { 'content-type': 'application/json' };
    const post = { method: 'POST', headers, body: JSON.stringify(body) };
    expect((await fetch(`${url}/api/readings`, post)).status).toBe(201);
    expect(running.errors()).not.toMatch(/restricted|ERR_ACCESS_DENIED/);
  });

  it('do not let it read elsewhere', async () => {
    const running = start(`"\${file:${join(folder, 'outside', 'secret')}}"`);
    await expect(running.url).rejects.toThrow(/restricted|cannot be read/);
    expect(running.errors()).not.toContain('not for the agent');
  });

  it('let no other folder be read or written, by itself or by a Node that it starts', () => {
    const script = join(folder, 'etc', 'try.mjs');
    const tries = [
      `(await import('node:fs')).readFileSync('/etc/passwd')`,
      `(await import('node:fs')).readFileSync('${folder}/etc/../outside/secret')`,
      `(await import('node:fs')).writeFileSync('${folder}/outside/x', 'x')`,
      `(await import('node:fs')).writeFileSync('${folder}/etc/plant.yaml', 'x')`,
    ];
    const lines = tries.map(
      (one) => `try { ${one}; console.log('done'); } catch (e) { console.log(e.code); }`,
    );
    lines.push(
      `if (process.argv[2] !== 'child') console.log((await import('node:child_process'))` +
        `.execFileSync(process.execPath, [import.meta.filename, 'child'], { encoding: 'utf8' }))`,
    );
    writeFileSync(script, `console.log('__proto__' in {});\n${lines.join('\n')}`);
    const said = execFileSync(process.execPath, [...here(), script], { encoding: 'utf8' });
    const denied = tries.map(() => 'ERR_ACCESS_DENIED');
    expect(said.trim().split('\n')).toEqual(['false', ...denied, expect.any(String), ...denied]);
  });
});

it('code that runs can start a worker without these rules: the line against it is the unit', () => {
  const script = `new (require('node:worker_threads').Worker)(
    "console.log(require('node:fs').readFileSync('/etc/passwd').length > 0)", { eval: true, execArgv: [] })`;
  const words = ['--permission', '--allow-worker', '--no-warnings', '-e', script];
  // When this fails, Node binds every worker: docs/security.md may promise more, and jobs may be workers.
  expect(execFileSync(process.execPath, words, { encoding: 'utf8' }).trim()).toBe('true');
});

describe('the container', () => {
  it('is nobody, owns nothing, writes to its data only, and has a health check', () => {
    const image = read('deploy/Containerfile');
    const stages = image.split(/^FROM /m);
    expect(stages.at(-1)).toMatch(/^USER 65532:65532$/m);
    expect(image).toMatch(/^HEALTHCHECK /m);
    expect(image).toContain('npm ci --ignore-scripts');
    const { services } = parse(read('deploy/compose.yaml')) as {
      services: { meyar: Record<string, unknown> };
    };
    expect(services.meyar).toMatchObject({
      user: '65532:65532',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(services.meyar['privileged']).toBe(undefined);
  });
});
