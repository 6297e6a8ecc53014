import { expect, it } from 'vitest';
import { SKIPPED_SHOTS as CHENAB } from '../../agent/plants/chenab/chenab.ts';
import { SKIPPED_SHOTS as INDUS } from '../../agent/plants/indus/indus.ts';
import { SKIPPED_CELLS, SKIPPED_SCREWS } from '../../agent/plants/margalla/margalla.ts';
import { said } from '../cli/terminal.ts';

// Fast enough to come past the last skipped part, slow enough for the agent to hear the first ones.
const RUN = ['--speed', '400', '--for', '6s', '--port', '0', '--json'];

it.concurrent.each([
  ['P2', INDUS.length],
  ['P3', CHENAB.length],
  ['P4', SKIPPED_CELLS.length + SKIPPED_SCREWS.length],
])(
  '%s: the agent misses exactly the parts that the plant skipped',
  async (name, skipped) => {
    const { code, out } = await said(['demo', name, ...RUN]);
    const result = JSON.parse(out) as Record<string, number>;
    expect(code).toBe(0);
    expect(result['missedParts']).toBe(skipped);
    expect(result['readings']).toBeGreaterThan(0);
    expect(result['points']).toBeGreaterThan(0);
    expect(result['signals']).toBeGreaterThan(0);
  },
  30_000,
);
