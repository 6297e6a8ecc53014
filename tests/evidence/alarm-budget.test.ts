import { describe, expect, it } from 'vitest';
import { alarmBudget, type BudgetItem, type Choice } from '../../agent/evidence/alarm-budget.ts';

const choice = (
  words: string,
  arl0: number | null,
  arl1: number | null,
  partsPerPoint = 1,
): Choice => ({
  words,
  settings: [`# ${words}`],
  partsPerPoint,
  charts: [{ chart: 'imr', arl0, arl0Error: null, arl1, reason: null }],
});

const item = (characteristic: string, now: Choice, ...alternatives: Choice[]): BudgetItem => ({
  characteristic,
  partsPerHour: 300,
  delta: 1,
  now,
  alternatives: () => alternatives,
});

describe('alarm budget', () => {
  it.each([
    ['limits', 370.4, 6.5],
    ['I + MR', 105.2, 22.8],
    ['Western Electric', 91.75, 26.2],
    ['Nelson', 73.6, 32.6],
    ['AIAG', 54.2, 44.3],
  ])('2400 points a shift under %s, as published', (name, arl0, printed) => {
    const result = alarmBudget([item('a', choice(name, arl0, 10))], 1000, 8);
    expect(result.now[0]?.pointsPerShift).toBe(2400);
    expect(result.falseNow).toBeCloseTo(printed, 1);
    expect(result).toMatchObject({ met: true, changes: [] });
    expect(result.summary.join(' ')).toContain('change nothing');
  });

  it('counts the delay in parts: half an interval, then whole ones', () => {
    const [load] = alarmBudget([item('a', choice('x', 400, 3, 30))], 10, 8).now;
    expect(load?.delayParts).toBeCloseTo(75, 10);
    expect(load?.delayHours).toBeCloseTo(0.25, 10);
  });

  it('meets the budget where that costs least', () => {
    const busy = item('busy', choice('all rules', 50, 5), choice('limits', 400, 6));
    const calm = item('calm', choice('all rules', 2000, 5), choice('limits', 8000, 50));
    const result = alarmBudget([busy, calm], 8, 8);
    expect(result.falseNow).toBeCloseTo(48 + 1.2, 10);
    expect(result.changes.map((change) => change.characteristic)).toEqual(['busy']);
    expect(result.falseProposed).toBeCloseTo(6 + 1.2, 10);
    expect(result.met).toBe(true);
    expect(result.changes[0]?.sentence).toBe(
      'busy: limits instead of all rules. False alarms 48 → 6 a shift; ' +
        'a change of 1 sigma is found after about 5.5 parts instead of 4.5 parts.',
    );
  });

  it('says so when nothing offered is enough, and still proposes the least', () => {
    const result = alarmBudget([item('a', choice('now', 10, 2), choice('less', 20, 3))], 1, 8);
    expect(result.met).toBe(false);
    expect(result.falseProposed).toBe(120);
    expect(result.summary.join(' ')).toContain('meet the budget');
  });

  it('leaves out, by name, what cannot be counted', () => {
    const unknown = choice('now', null, null);
    const [chart] = unknown.charts;
    if (chart !== undefined) chart.reason = 'no run length';
    const busy = item('busy', choice('all', 10, 2), choice('less', 1000, 3));
    const result = alarmBudget([item('odd', unknown, choice('x', 5, 5)), busy], 5, 8);
    expect(result.notCounted).toEqual([
      { characteristic: 'odd', chart: 'imr', reason: 'no run length' },
    ]);
    expect(result.changes.map((change) => change.characteristic)).toEqual(['busy']);
    expect(result.summary.join(' ')).toContain('Not counted, and not changed: odd (imr).');
  });

  it('never proposes what cannot find the shift; a chart that never rings costs nothing', () => {
    const blind = alarmBudget([item('a', choice('now', 10, 2), choice('blind', null, null))], 1, 8);
    expect(blind.changes).toEqual([]);
    expect(alarmBudget([item('a', choice('off', null, null))], 1, 8)).toMatchObject({
      falseNow: 0,
      met: true,
      now: [{ delayParts: null }],
    });
    expect(alarmBudget([], 1, 8)).toMatchObject({ falseNow: 0, met: true });
  });
});
