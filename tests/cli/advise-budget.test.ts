import { describe, expect, it } from 'vitest';
import type { AlarmBudget } from '../../agent/evidence/alarm-budget.ts';
import { meyar } from '../support/terminal.ts';

const FILE = 'config/ravi-auto-shafts.yaml';
const RATES = '80,hardness=1.5,roundness=1.5,roughness=1.5,case-depth=0.25,keyway-width=1';
const advise = (...more: string[]) =>
  meyar('advise', '-c', FILE, '--parts-per-hour', RATES, ...more);

describe('meyar advise with an alarm budget', () => {
  it('counts the configured charts and meets the budget', async () => {
    const { code, out } = await advise('--budget', '0.5', '--json');
    const result = JSON.parse(out) as AlarmBudget;
    expect(code).toBe(0);
    expect(result.now).toHaveLength(10);
    const speed = result.now.find((one) => one.characteristic === 'scan-speed');
    // 80 an hour for 8 h, a point every 10.
    expect(speed?.pointsPerShift).toBe(64);
    expect(speed?.charts.map((chart) => chart.chart)).toEqual(['xbar-s', 'cusum']);
    expect(speed?.charts[1]?.arl0).toBeCloseTo(465.4, 0);
    expect(result.falseNow).toBeGreaterThan(0.5);
    expect(result.falseProposed).toBeLessThanOrEqual(0.5);
    const turned = result.changes.find((one) => one.characteristic === 'od-turned');
    expect(turned?.settings.join(' ')).not.toContain('ewma');
  });

  it('prints sentences and lines for the settings file', async () => {
    const { out } = await advise('--budget', '2', '--delta', 'auto');
    expect(out).toMatch(/1413 points a shift of 8 h on 12 charts/);
    expect(out).toMatch(/rules: /);
    expect(out).toMatch(/as proposed:/);
  });

  it('says what is missing or wrong', async () => {
    expect(await meyar('advise', '-c', FILE, '--budget', '1')).toMatchObject({ code: 2 });
    expect((await advise('--budget', 'none')).err).toContain('--budget none');
    expect((await advise('--shift', 'long')).err).toContain('--shift long');
    const wrong = await meyar('advise', '-c', FILE, '--parts-per-hour', 'nowhere=3');
    expect(wrong.err).toContain('nowhere=3');
    expect((await meyar('advise')).code).toBe(2);
  });
});
