import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../agent/settings/load.ts';

const page = readFileSync(new URL('../../docs/cycles.md', import.meta.url), 'utf8');
const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
const file = (text: string) => `plant: { name: Press (made up), site: test }\n${text}`;
const problems = (text: string) =>
  readSettings(file(text), 'plant.yaml', {}).problems.map((p) => `${p.message} ${p.hint}`);

describe('cycles in the settings', () => {
  it('the example of the page is sound: one tag, three features', () => {
    expect(problems(example)).toEqual([]);
    const { settings } = readSettings(file(example), 'plant.yaml', {});
    const features = Object.values(settings?.characteristics ?? {}).map((row) => row.feature?.kind);
    expect(features).toEqual(['max', 'area', 'settling-time']);
  });

  it.each([
    ['cycle: stroke }', 'cycle: strike }', "did you mean 'stroke'?"],
    ['source: press\n    trigger', 'source: pres\n    trigger', "did you mean 'press'?"],
    ['unit: kN·s', 'unit: kN', 'in the unit of the signal times seconds'],
    ['unit: s,', 'unit: ms,', 'write unit: s'],
    ['band: 2', 'bnad: 2', "did you mean 'band'?"],
    ['kind: while', 'kind: whyle', 'kind'],
  ])('%s as %s is told: %s', (right, wrong, said) => {
    expect(example).toContain(right);
    expect(problems(example.replace(right, wrong)).join('\n')).toContain(said);
  });
});
