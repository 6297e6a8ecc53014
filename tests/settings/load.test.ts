import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSettings, sayProblems } from '../../agent/settings/load.ts';

const GOOD = `plant: { name: Test (made up), site: here }
sources:
  press:
    kind: modbus
    url: tcp://127.0.0.1:502
    units:
      - id: 1
        name: p
        tags:
          - { name: force, address: 0, type: float32, every: 1s }
characteristics:
  force:
    name: Force
    unit: N
    lsl: 80
    usl: 120
    source: press
    tag: p.force
`;

const problemsOf = (text: string, env = {}) => {
  const { problems } = readSettings(text, 'plant.yaml', env);
  return sayProblems(problems, 'plant.yaml').split('\n');
};

describe('a settings file', () => {
  it('is read with its defaults', () => {
    const { settings, problems } = readSettings(GOOD, 'plant.yaml', {});
    expect(problems).toEqual([]);
    expect(settings?.console.host).toBe('127.0.0.1');
    expect(settings?.store.commitEvery).toBe(20);
    expect(settings?.characteristics['force']?.name).toBe('Force');
  });

  it('that ships as the demo has nothing wrong', () => {
    const file = fileURLToPath(new URL('../../config/ravi-auto-shafts.yaml', import.meta.url));
    expect(readSettings(readFileSync(file, 'utf8'), file, {}).problems).toEqual([]);
  });

  it('names the nearest key for an unknown one, at its line and column', () => {
    const text = GOOD.replace('    unit: N', '    unitt: N\n    unit: N');
    expect(problemsOf(text)).toEqual([
      "plant.yaml:14:5: characteristics.force: unknown key 'unitt' — did you mean 'unit'?",
    ]);
  });

  it('finds the nearest key inside the settings of a kind', () => {
    const text = GOOD.replace('adress', 'address').replace('address: 0', 'adress: 0');
    const [first, second] = problemsOf(text);
    expect(`${first}\n${second}`).toMatch(/plant\.yaml:10:\d+: .*unknown key 'adress'/);
    expect(`${first}\n${second}`).toContain("did you mean 'address'?");
  });

  it('reports every problem at once, in the order of the file', () => {
    const text = GOOD.replace('lsl: 80', 'lsl: wide').replace('site: here', 'sitee: here');
    const lines = problemsOf(text);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.map((l) => Number(l.split(':')[1]))).toEqual(
      lines.map((l) => Number(l.split(':')[1])).sort((a, b) => a - b),
    );
    expect(lines.join('\n')).toContain('number expected, but it is "wide"');
    expect(lines.join('\n')).toContain("did you mean 'site'?");
  });

  it('says which source a characteristic could mean', () => {
    const [line] = problemsOf(GOOD.replace('source: press', 'source: pres'));
    expect(line).toMatch(
      /plant\.yaml:\d+:\d+: .*there is no source 'pres' — did you mean 'press'\?/,
    );
  });

  it('refuses a tag that two characteristics want: one of them would stay silent', () => {
    const row = GOOD.slice(GOOD.indexOf('  force:')).replace('  force:', '  again:');
    const [line] = problemsOf(GOOD + row);
    expect(line).toMatch(/plant\.yaml:25:10: .*'p\.force' of 'press' is read by 'force' already/);
  });

  it('names the kinds when one is unknown', () => {
    const lines = problemsOf(GOOD.replace('kind: modbus', 'kind: modbuss'));
    expect(lines.join('\n')).toMatch(/plant\.yaml:4:\d+: .*kind/);
  });

  it('points at broken YAML', () => {
    expect(problemsOf('plant: { name: x\nsources: [')[0]).toMatch(/^plant\.yaml:\d+:\d+: /);
  });

  it('says that an empty file lacks everything instead of failing', () => {
    expect(problemsOf('').join('\n')).toContain('plant: is missing');
  });
});

describe('variables', () => {
  const withUrl = (url: string) => GOOD.replace('tcp://127.0.0.1:502', url);

  it('come from the environment, with defaults', () => {
    const read = (env: Record<string, string>) =>
      readSettings(withUrl('${PLC:-tcp://10.0.0.9:1502}'), 'p.yaml', env).settings?.sources[
        'press'
      ];
    expect(JSON.stringify(read({}))).toContain('10.0.0.9');
    expect(JSON.stringify(read({ PLC: 'tcp://10.0.0.7:502' }))).toContain('10.0.0.7');
  });

  it('that are not set are a problem at their place', () => {
    expect(problemsOf(withUrl('${PLC}')).join('\n')).toContain(
      'plant.yaml:5:10: variable PLC is not set — set PLC in the environment',
    );
  });

  it('stand for numbers where they are not quoted', () => {
    const text = GOOD.replace('lsl: 80', 'lsl: ${LOW:-81.5}');
    expect(readSettings(text, 'p.yaml', {}).settings?.characteristics['force']?.lsl).toBe(81.5);
  });

  it('bring secrets from files beside the settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-settings-'));
    writeFileSync(join(folder, 'plc'), 'tcp://10.1.1.1:502\n');
    const { settings } = readSettings(withUrl('${file:plc}'), join(folder, 'plant.yaml'), {});
    expect(JSON.stringify(settings?.sources['press'])).toContain('10.1.1.1');
    const missing = readSettings(withUrl('${file:none}'), join(folder, 'plant.yaml'), {});
    expect(missing.problems[0]?.message).toContain("secret file 'none' cannot be read");
  });
});
