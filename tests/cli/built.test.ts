import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/agent-rig.ts';
import { type CliRun, cli, startCli } from '../support/cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SETTINGS = `plant: { name: Bench (made up), site: test }
console: { port: 0 }
sources:
  bench: { kind: manual }
characteristics:
  width:
    { name: Width, unit: mm, lsl: 4.9, usl: 5.1, source: bench, tag: width, rules: nelson,
      subgroup: { kind: by-count, size: 1 }, limits: { kind: fixed, center: 5, sigma: 0.02 } }
  depth:
    { name: Depth, unit: mm, source: bench, tag: depth, charts: [{ kind: ewma }],
      subgroup: { kind: by-count, size: 1 }, limits: { kind: fixed, center: 5, sigma: 0.02 } }
`;
/** Mistakes that kinds, unions, refinements and durations find. */
const WRONG = [
  SETTINGS.replace('usl: 5.1', 'usl: 4').replace('nelson', 'nelsen'),
  SETTINGS.replace('{ kind: manual }', '{ kind: manuel }').replace('ewma }', 'ewma, lambda: 2 }'),
  SETTINGS.replace('unit: mm, source', 'maxGap: soon, colour: red, unit: mm, source'),
];

/** What people install is this, not the sources that every other test is about. */
describe('the agent as it is built', () => {
  let folder: string;
  let main: string;
  beforeAll(() => {
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    // Under the project: it looks upwards for its packages.
    folder = mkdtempSync(join(ROOT, 'dist', 'built-'));
    main = join(folder, 'agent', 'main.js');
    execFileSync(process.execPath, ['scripts/build-agent.mjs', join(folder, 'agent')], {
      cwd: ROOT,
    });
    writeFileSync(join(folder, 'plant.yaml'), SETTINGS);
    for (const [i, text] of WRONG.entries()) writeFileSync(join(folder, `wrong-${i}.yaml`), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds no character that takes two bytes of memory', () => {
    const built = globSync('*.js', { cwd: join(folder, 'agent') });
    expect(built).toEqual(expect.arrayContaining(['worker.js', 'reader-thread.js']));
    for (const file of built) {
      expect(/[^\0-\xff]/.test(readFileSync(join(folder, 'agent', file), 'utf8'))).toBe(false);
    }
  });

  it('says the same of settings as the sources do', async () => {
    const demo = join(ROOT, 'config/ravi-auto-shafts.yaml');
    const wrong = WRONG.map((_, i) => join(folder, `wrong-${i}.yaml`));
    for (const file of [join(folder, 'plant.yaml'), demo, ...wrong]) {
      const args = ['check', file];
      const [built, sources] = await Promise.all([cli(args, {}, main), cli(args)]);
      expect(built).toEqual(sources);
      expect(`${file} ${built.code}`).toBe(`${file} ${wrong.includes(file) ? 2 : 0}`);
    }
    expect((await cli(['schema'], {}, main)).out).toBe((await cli(['schema'])).out);
  });

  it('runs: what is typed in is charted, also after a restart', async () => {
    const args = ['run', '-c', join(folder, 'plant.yaml'), '--data', join(folder, 'data')];
    let run = startCli(args, {}, main);
    let url = await urlOf(run);
    for (const characteristic of ['width', 'depth']) {
      expect(await enter(url, characteristic, 5.2)).toEqual({
        status: 201,
        said: expect.any(String),
      });
      await eventually(async () => (await points(url, characteristic)).length > 0, 'a point');
    }
    const before = await points(url, 'width');
    expect(before).toEqual([expect.objectContaining({ value: 5.2, cl: 5 })]);
    expect(await (await fetch(`${url}/api/alerts`)).text()).toContain('nelson-1');
    // A value that is none: said in the words of the schema.
    expect(await enter(url, 'width', 'much')).toMatchObject({ status: 400 });
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    run = startCli(args, {}, main);
    url = await urlOf(run);
    expect(await points(url, 'width')).toEqual(before);
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.err()).not.toContain('Warning');
  });
});

async function urlOf(run: CliRun): Promise<string> {
  const found = () => /http:\/\/[^\s,]+/.exec(run.out())?.[0];
  await eventually(() => found() !== undefined, 'the address of the page');
  return found() ?? '';
}

async function enter(url: string, characteristic: string, value: number | string) {
  const entry = { gauge: 'caliper-7', operator: 'Sana', reason: 'check' };
  const body = JSON.stringify({ characteristic, value, ...entry });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/readings`, { method: 'POST', headers, body });
  return { status: answer.status, said: await answer.text() };
}

async function points(url: string, characteristic: string): Promise<object[]> {
  const answer = await fetch(`${url}/api/characteristics/${characteristic}/points`);
  return (await answer.json()) as object[];
}
