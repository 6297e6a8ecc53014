import { describe, expect, it } from 'vitest';
import { judge, runLane } from '../../chaos/modbus-parts.ts';
import { PATTERNS } from '../../support/modbus-plc.ts';

describe.concurrent('parts while connections, the PLC and the source fail: none lost, none double', () => {
  it.each(PATTERNS)('%s', async (pattern) => {
    const tallies = await Promise.all([1, 2, 3].map((lane) => runLane(pattern, 150, 100 + lane)));
    for (const tally of tallies) {
      expect(judge(pattern, tally)).toEqual([]);
      expect(tally.taken.size).toBeGreaterThan(60);
    }
    expect(tallies.reduce((n, tally) => n + tally.restarts, 0)).toBeGreaterThan(0);
  });
});
