import { describe, expect, it } from 'vitest';
import {
  type ChartSettings,
  chartRunLength,
  simulatedRunLength,
} from '../../agent/core/run-lengths.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { settingsOf } from '../support/spc.ts';

const LIMITS = [{ kind: 'beyond-limits' }];
const simulation = (seed: number, runs = 3000) => ({ normal: createRandom(seed).normal, runs });
const chart = (settings: Record<string, unknown>) =>
  settingsOf({ charts: [settings], subgroup: { kind: 'by-count', size: 1 } })
    .charts?.[0] as ChartSettings;

describe('run lengths of configured charts', () => {
  it.each<
    [string, Record<string, unknown>, Record<string, unknown>, { shift: number; ratio?: number }]
  >([
    ['X̄-R, limits alone', { rules: LIMITS }, { kind: 'xbar-r' }, { shift: 0.5 }],
    ['X̄-R, Western Electric', {}, { kind: 'xbar-r' }, { shift: 0.3 }],
    ['X̄-R, larger sigma', {}, { kind: 'xbar-r' }, { shift: 0, ratio: 1.5 }],
    ['X̄-R, wider limits', { rules: LIMITS }, { kind: 'xbar-r', sigmas: 3.4 }, { shift: 0.6 }],
    [
      'X̄-R with an accepted range',
      { rules: LIMITS, limits: { kind: 'fixed', center: 20, sigma: 0.002 } },
      { kind: 'xbar-r', allowance: 0.001 },
      { shift: 1 },
    ],
    ['X̄-s of 12', { subgroup: { kind: 'by-count', size: 12 } }, { kind: 'xbar-s' }, { shift: 0.2 }],
    [
      'I-MR, limits alone',
      { subgroup: { kind: 'by-count', size: 1 }, rules: LIMITS },
      { kind: 'imr' },
      { shift: 1 },
    ],
  ])('%s: exact and simulated agree', (_name, own, chartOwn, disturbance) => {
    const settings = settingsOf(own);
    const exact = chartRunLength(
      settings,
      withDefaults(own, chartOwn),
      disturbance,
      simulation(1, 0),
    );
    expect(exact.standardError).toBeNull();
    const live = simulatedRunLength(
      settings,
      withDefaults(own, chartOwn),
      disturbance,
      simulation(2),
    );
    expect(live.standardError).toBeGreaterThan(0);
    expect(Math.abs((exact.arl ?? 0) - (live.arl ?? 0))).toBeLessThan(
      3 * (live.standardError ?? 0),
    );
  });

  it('EWMA and CUSUM in use: the published figures; fresh: faster', () => {
    const single = settingsOf({ subgroup: { kind: 'by-count', size: 1 } });
    const of = (settings: Record<string, unknown>, shift: number) =>
      chartRunLength(single, chart(settings), { shift }, simulation(1, 0)).arl;
    expect(of({ kind: 'ewma' }, 0)).toBeCloseTo(499.5, 0);
    expect(of({ kind: 'ewma' }, 1)).toBeCloseTo(10.54, 1);
    expect(of({ kind: 'cusum', h: 5 }, 0)).toBeCloseTo(465.4, 0);
    expect(of({ kind: 'cusum', h: 5 }, 1)).toBeCloseTo(10.38, 1);
    const fresh = simulatedRunLength(
      single,
      chart({ kind: 'cusum', h: 5 }),
      { shift: 1 },
      simulation(4),
    );
    expect(Math.abs((fresh.arl ?? 0) - 6.35)).toBeLessThan(3 * (fresh.standardError ?? 0) + 0.005);
  });

  it('rules about steps are simulated, and say how sure that is', () => {
    const nelson = settingsOf({ subgroup: { kind: 'by-count', size: 1 }, rules: 'nelson' });
    const only = chart({ kind: 'imr', spreadRules: [] });
    const length = chartRunLength(nelson, only, { shift: 0 }, simulation(8, 2000));
    expect(length.standardError).toBeGreaterThan(0);
    expect(Math.abs((length.arl ?? 0) - 73.6)).toBeLessThan(3 * (length.standardError ?? 0));
  });

  it('wider moving ranges are simulated: the chain knows two neighbours alone', () => {
    const single = settingsOf({ subgroup: { kind: 'by-count', size: 1 }, rules: 'shewhart' });
    const only = chart({ kind: 'imr', span: 3 });
    const length = chartRunLength(single, only, { shift: 3 }, simulation(9, 200));
    expect(length.standardError).toBeGreaterThan(0);
    expect(length.arl).toBeLessThan(5);
  });

  it('a chart that no rule judges never signals: null, not a number', () => {
    const runs = settingsOf({ rules: [{ kind: 'same-side' }] });
    const none = { arl: null, standardError: null, reason: null };
    const ewma = chart({ kind: 'ewma' });
    expect(chartRunLength(runs, ewma, { shift: 1 }, simulation(1, 2))).toEqual(none);
  });
});

/** Chart settings as the settings file would complete them. */
function withDefaults(
  own: Record<string, unknown>,
  chartOwn: Record<string, unknown>,
): ChartSettings {
  return settingsOf({ ...own, charts: [chartOwn] }).charts?.[0] as ChartSettings;
}
