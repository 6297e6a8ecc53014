import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../agent/evidence/validation/adapters/index.ts';
import { loadCases } from '../../agent/evidence/validation/cases.ts';
import { runCase } from '../../agent/evidence/validation/run-cases.ts';

/** Reference data with independently computed answers; not part of a user's clone. */
const folder = fileURLToPath(new URL('../../../shared/golden', import.meta.url));

const present = existsSync(folder);
if (!present) {
  const message = `skipped: reference data not found at ${folder}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(message);
}

describe.skipIf(!present)('the engine against independently computed reference data', () => {
  const cases = present ? loadCases(folder) : [];
  const served = cases.filter((one) => adapters[one.content.kind] !== undefined);

  it('serves kinds that exist', () => {
    const kinds = new Set(cases.map((one) => one.content.kind));
    expect(Object.keys(adapters).filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(served.length).toBeGreaterThan(0);
  });

  it.each(served.map((one) => [one.file, one] as const))('%s', (_file, one) => {
    expect(runCase(one)).toEqual({ status: 'passed' });
  });
});
