import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { characteristicSettings } from '../../../agent/core/characteristic.ts';
import { adviseChart } from '../../../agent/evidence/advise/advise.ts';
import {
  type Advice,
  type Demands,
  NO_DEMANDS,
  type Observations,
} from '../../../agent/evidence/advise/observations.ts';
import { models } from '../../support/plant-models.ts';

interface Case {
  name: string;
  reason: string;
  data: { model: string; n: number } | Partial<Observations>;
  demands: Partial<Demands>;
  expected: { chart: string; companion?: string };
}

const folder = join(import.meta.dirname, 'cases');
const cases = globSync('*.json', { cwd: folder })
  .sort()
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case);

const UNKNOWN = { subgroup: null, stream: null, lot: null, part: null, tool: null };

function observe({ data }: Case, seed: number): Observations {
  if (!('model' in data)) return { ...UNKNOWN, ...data } as Observations;
  const model = models[data.model];
  if (model === undefined) throw new Error(`there is no model '${data.model}'`);
  return model(seed, data.n);
}

const advise = (one: Case, seed = 1): Advice =>
  adviseChart(observe(one, seed), { ...NO_DEMANDS, ...one.demands });

function isRight({ expected }: Case, { chart, companion }: Advice): boolean {
  const second = expected.companion === undefined || expected.companion === companion;
  return expected.chart === chart && second;
}

/** Labels that the tree does not give, each with why: they stay in the count. */
const KNOWN_WRONG: Record<string, string> = {
  'printed circuit boards (Montgomery)':
    'its two points out of control raise the ratio above 1.2, and the tree then widens the limits',
};

describe('charts for labelled characteristics', () => {
  it('has the cases it claims', () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
    expect(cases.every((one) => one.reason.length > 20)).toBe(true);
  });

  it.each(cases.map((one) => [one.name, one] as const))('%s', (name, one) => {
    const advice = advise(one);
    const shown = { chart: advice.chart, companion: advice.companion };
    expect(isRight(one, advice), JSON.stringify(shown)).toBe(!(name in KNOWN_WRONG));
    expect(advice.steps.length).toBeGreaterThan(1);
    for (const step of advice.steps) expect(step.sentence).toMatch(/[.!?]$/);
    expect(JSON.stringify(advice)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('writes lines that the settings file takes, for every chart that is drawn live', () => {
    const LATER = ['transformed', 'dnom', 'z-mr'];
    for (const one of cases) {
      const { chart, settings } = advise(one);
      expect(settings.length > 0, chart).toBe(!LATER.includes(chart));
      const row = { name: 'x', source: 's', tag: 't', ...parse(settings.join('\n') || '{}') };
      const checked = characteristicSettings.safeParse(row);
      expect(checked.error?.issues ?? [], `${one.name}: ${settings.join(' ')}`).toEqual([]);
    }
  });

  it('does not hang on the seed: nine of ten are right for other runs of the plants', () => {
    const tried = [2, 3].flatMap((seed) => cases.map((one) => isRight(one, advise(one, seed))));
    const right = tried.filter((ok) => ok).length;
    expect(right / tried.length).toBeGreaterThan(0.9);
  });
});
