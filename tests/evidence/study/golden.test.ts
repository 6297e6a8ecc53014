import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { IndexName } from '../../../agent/evidence/study/indices.ts';
import type { StudyWish } from '../../../agent/evidence/study/result.ts';
import { computeStudy } from '../../../agent/evidence/study/study.ts';

/** Reference capability cases with independently computed answers; not part of a user's clone. */
const folder = fileURLToPath(new URL('../../../../shared/golden/capability', import.meta.url));
const files = existsSync(folder) ? readdirSync(folder) : [];

interface Case {
  input: {
    data?: (number | null)[];
    subgroups?: number[][];
    sigmaMethod: string;
    lsl: number | null;
    usl: number | null;
    target?: number | null;
    confidence?: number;
  };
  expected: Record<string, unknown> & {
    ci?: Record<string, [number, number]>;
    lowerBound?: Record<string, number>;
    ppm?: Record<'observed' | 'within' | 'overall', Record<string, number | null> | null>;
  };
}

function studyOf({ input }: Case) {
  const groups = input.subgroups ?? null;
  const values = Float64Array.from(groups?.flat() ?? input.data ?? [], (x) => x ?? Number.NaN);
  const ends: number[] = [0];
  for (const group of groups ?? []) ends.push((ends.at(-1) ?? 0) + group.length);
  const wish: StudyWish = {
    ...{ lsl: input.lsl, usl: input.usl, target: input.target ?? null, nominal: null },
    ...{ natural: 'none', distribution: 'normal', hint: null, nonNormalMethod: 'percentile' },
    ...{ confidence: input.confidence ?? 0.95, rules: 'shewhart', estimator: input.sigmaMethod },
  };
  const bounds = groups === null ? null : Int32Array.from(ends);
  const data = { file: '', name: 'x', values, bounds, missing: 0, notes: [] };
  return computeStudy(data, wish).study;
}

const near = (actual: unknown, expected: unknown, what: string) => {
  if (typeof expected !== 'number') return expect(actual ?? null, what).toBe(expected);
  expect(Math.abs((actual as number) - expected), what).toBeLessThanOrEqual(
    1e-8 * Math.max(1, Math.abs(expected)),
  );
};

describe.skipIf(files.length === 0)('a study against reference data', () => {
  it.each(files)('%s', (file) => {
    const one = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Case;
    const { expected, input } = one;
    const study = studyOf(one);
    const names = 'cp cpl cpu cpk pp ppl ppu ppk cpm cpmStar'.split(' ') as IndexName[];
    for (const name of names) near(study.indices[name].value, expected[name] ?? null, name);
    near(study.sigmaWithin, expected['sigmaWithin'], 'sigmaWithin');
    near(study.sigmaOverall, expected['sigmaOverall'], 'sigmaOverall');
    for (const kind of ['observed', 'within', 'overall'] as const) {
      for (const [side, ppm] of Object.entries(expected.ppm?.[kind] ?? {})) {
        near(study.ppm[kind]?.[side as 'total'], ppm, `ppm ${kind} ${side}`);
      }
    }
    // One-sided studies use the exact bound instead of Bissell's.
    if (input.lsl === null || input.usl === null) return;
    for (const name of ['pp', 'ppk', 'cpm'] as const) {
      const interval = expected.ci?.[name];
      if (!Array.isArray(interval)) continue;
      near(study.indices[name].lower95, interval[0], `${name} lower`);
      near(study.indices[name].upper95, interval[1], `${name} upper`);
    }
    for (const [name, bound] of Object.entries(expected.lowerBound ?? {})) {
      near(study.indices[name as IndexName].bound95, bound, `${name} bound`);
    }
  });
});
