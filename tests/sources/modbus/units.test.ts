import { expect, it } from 'vitest';
import {
  newUnit,
  probeTimeout,
  unitAnswered,
  unitFailed,
} from '../../../agent/sources/modbus/units.ts';

it('a probe of something sick is short, as round trips go, but every fourth is patient', () => {
  const waits = [2, 3, 4, 5, 6, 7, 8, 9].map((failures) => probeTimeout(failures, 1000, 10));
  expect(waits).toEqual([80, 80, 80, 1000, 80, 80, 80, 1000]);
  expect(probeTimeout(2, 1000, 0.1)).toBe(50);
  expect(probeTimeout(2, 40, 0.1)).toBe(40);
  expect(probeTimeout(2, 1000, 400)).toBe(1000);
});

it('rests a unit after two failures, longer each time, at most 30 s, and forgets on an answer', () => {
  const unit = newUnit(1, 'u', [], () => 1);
  expect(unitFailed(unit, 0, 'no answer', false)).toBe(false);
  const rests: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    expect(unitFailed(unit, 1000, 'no answer', false)).toBe(true);
    rests.push(unit.holdUntilMs - 1000);
  }
  expect(rests).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000]);
  expect(unitAnswered(unit)).toBe(true);
  expect(unitAnswered(unit)).toBe(false);
  expect(unitFailed(unit, 0, 'no answer', false)).toBe(false);
  expect(unitFailed(unit, 0, 'exception 11', true)).toBe(true);
  expect(unit.holdUntilMs).toBe(200);
});
