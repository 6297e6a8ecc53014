import { expect, it } from 'vitest';
import { createPatience } from '../../../agent/sources/modbus/patience.ts';
import { newUnit, unitAnswered, unitFailed } from '../../../agent/sources/modbus/units.ts';

const FAILED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

it('a probe of something sick is short, as round trips go, but one of eight is patient', () => {
  const waits = FAILED.map((failures) => createPatience().waitMs(failures, 1000, 10));
  expect(waits).toEqual([80, 80, 1000, 80, 80, 80, 80, 80, 80, 80, 1000, 80]);
  expect(createPatience().waitMs(2, 1000, 0.1)).toBe(50);
  expect(createPatience().waitMs(2, 40, 0.1)).toBe(40);
  expect(createPatience().waitMs(2, 1000, 400)).toBe(1000);
});

it('answers teach how long is waited for the next; a few that were late, or lost, do not', () => {
  const patience = createPatience();
  expect(patience.waitMs(0, 1000, 10)).toBe(1000);
  for (let i = 0; i < 59; i += 1) patience.answered(10 + (i % 5));
  expect(patience.waitMs(0, 1000, 10)).toBe(1000);
  patience.answered(10);
  expect(patience.waitMs(0, 1000, 10)).toBe(4 * 14);
  expect(patience.waitMs(1, 1000, 10)).toBe(2 * 4 * 14);
  expect(patience.waitMs(2, 1000, 10)).toBe(4 * 14);
  expect(patience.waitMs(0, 20, 10)).toBe(20);
  for (let i = 0; i < 1000; i += 1) patience.answered(i % 100 === 50 ? 300 : 10);
  expect(patience.waitMs(0, 1000, 10)).toBe(40);
  for (let i = 0; i < 1000; i += 1) patience.answered(1);
  expect(patience.waitMs(0, 1000, 10)).toBe(30);
});

it('a unit that became slow as a whole is waited for again', () => {
  const patience = createPatience();
  for (let i = 0; i < 300; i += 1) patience.answered(10);
  for (let i = 0; i < 300; i += 1) patience.answered(35);
  expect(patience.waitMs(0, 1000, 10)).toBe(140);
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
