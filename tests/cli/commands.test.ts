import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { commands } from '../../agent/cli/index.ts';
import { version } from '../../agent/cli/version.ts';
import { cli } from '../support/cli.ts';
import { said } from './terminal.ts';

const DEMO = fileURLToPath(new URL('../../config/ravi-auto-shafts.yaml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meyar-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('help', () => {
  it('lists every command with one line', async () => {
    const { code, out } = await said(['--help']);
    expect(code).toBe(0);
    for (const [name, load] of Object.entries(commands)) {
      expect(out).toContain(`  ${name.padEnd(8)} ${(await load()).summary}`);
    }
    expect(await said(['help'])).toEqual(await said(['-h']));
  });

  it('without a command is shown too, and the exit code says that one is missing', async () => {
    const { code, out } = await said([]);
    expect(code).toBe(2);
    expect(out).toContain('usage: meyar COMMAND');
  });

  it.each(Object.keys(commands))(
    '%s --help shows usage, every option and an example',
    async (name) => {
      const { code, out, err } = await said([name, '--help']);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain(`usage: meyar ${name}`);
      expect(out).toMatch(new RegExp(`^example: meyar ${name}\\b`, 'm'));
      for (const option of Object.keys((await commands[name]?.())?.options ?? {})) {
        expect(out, `--${option} is explained`).toContain(`--${option}`);
      }
      // An example is copied whole, so it is never broken.
      const lines = out.split('\n').filter((line) => !line.startsWith('example:'));
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
    },
  );

  it('--version names the version of the package', async () => {
    expect(await said(['--version'])).toEqual({ code: 0, out: `meyar ${version()}`, err: '' });
  });
});

describe('what was typed wrong', () => {
  const wrong: [string[], string][] = [
    [['rnu'], "meyar: there is no command 'rnu' — did you mean 'meyar run'?"],
    [['dmeo', '--port', '0'], "meyar: there is no command 'dmeo' — did you mean 'meyar demo'?"],
    [['frobnicate'], "meyar: there is no command 'frobnicate' — see 'meyar --help'"],
    [['run', '--confg', 'x'], "meyar run: there is no option '--confg' — did you mean '--config'?"],
    [['demo', '--xyzzy'], "meyar demo: there is no option '--xyzzy' — see 'meyar demo --help'"],
    [['check'], 'meyar check: usage: meyar check FILE [--json]'],
    [['check', 'a', 'b'], 'meyar check: usage: meyar check FILE [--json]'],
    [['run', 'plant.yaml'], 'meyar run: usage: meyar run -c FILE [--data DIR] [--log LEVEL]'],
    [['demo', 'P9'], "meyar demo: there is no plant 'P9' — did you mean P1?"],
    [['demo', '--seed', '-1'], '--seed -1: a number from 0 to 4294967296 is needed'],
    [
      ['run', '-c', DEMO, '--log', 'loud'],
      '--log loud: one of debug, info, warn, error, silent is needed',
    ],
  ];
  it.each(wrong)('%j', async (args, message) => {
    const { code, out, err } = await said(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('reaches the shell as exit code and stderr', async () => {
    const { code, out, err } = await cli(['rnu']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe("meyar: there is no command 'rnu' — did you mean 'meyar run'?\n");
  });
});

describe('check', () => {
  const broken = join(folder, 'broken.yaml');
  writeFileSync(
    broken,
    readFileSync(DEMO, 'utf8')
      .replace('lsl: 21.967', 'lsl: 23')
      .replace('source: lab', 'source: lap'),
  );

  it('says what a sound file holds', async () => {
    const { code, out, err } = await said(['check', DEMO]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/nothing wrong: 3 sources, \d+ characteristics, \d+ sinks, \d+ channels?$/);
    const json = await said(['check', DEMO, '--json']);
    expect([json.code, JSON.parse(json.out)]).toEqual([0, { ok: true, problems: [] }]);
  });

  it('prints every problem with its place, for people and for machines', async () => {
    const people = await said(['check', broken]);
    expect([people.code, people.out]).toEqual([2, '']);
    const json = await said(['check', broken, '--json']);
    expect([json.code, json.err]).toEqual([2, '']);
    const { ok, problems } = JSON.parse(json.out) as {
      ok: boolean;
      problems: { file: string; line: number; column: number; message: string; hint: string }[];
    };
    expect(ok).toBe(false);
    expect(problems.length).toBeGreaterThanOrEqual(1);
    const lines = people.err.split('\n');
    expect(lines.slice(0, -1)).toEqual(
      problems.map(
        ({ file, line, column, message, hint }) =>
          `${file}:${line}:${column}: ${message}${hint === '' ? '' : ` — ${hint}`}`,
      ),
    );
    expect(lines.at(-1)).toBe(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    );
    expect(people.err).toContain('usl (22) must be above lsl (23)');
  });

  it('a file that is not there is bad input', async () => {
    const { code, err } = await said(['check', join(folder, 'none.yaml')]);
    expect(code).toBe(2);
    expect(err).toMatch(/none\.yaml: cannot be read/);
  });
});

describe('demo', () => {
  it('--json prints exactly one object: what was measured and what came of it', async () => {
    const args = ['demo', '--for', '5s', '--speed', '200', '--port', '0', '--json'];
    const { code, out, err } = await cli(args);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(result)).toEqual([
      'readings',
      'points',
      'signals',
      'alerts',
      'missedParts',
      'sinks',
    ]);
    expect(result['readings']).toBeGreaterThan(40);
    expect(result['points']).toBeGreaterThan(10);
    expect(result['missedParts']).toBe(0);
    expect(result['sinks']).toEqual({});
    expect(err).toMatch(
      /^Meyar demo: Ravi Auto Shafts \(made up\)\. Open http:\/\/127\.0\.0\.1:\d+/,
    );
  });
});
