import { expect, it } from 'vitest';
import { jitterLines } from '../../chaos/modbus-jitter.ts';

it('a dead unit, lost and late answers, and cuts move the others by 10 ms at most, p99', async () => {
  const { lines, problems } = await jitterLines(1, 15_000);
  expect(problems).toEqual([]);
  expect(lines.every((line) => / ms of \d{3,5} readings$/.test(line))).toBe(true);
});
