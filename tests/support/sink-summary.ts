import type { Characteristic, CharacteristicSummary, SourceHealth } from '../../agent/model.ts';
import { T0 } from './sink-journal.ts';

/** A source as its health page shows it. */
export function linkHealth(): SourceHealth {
  return {
    name: 'cnc-1',
    kind: 'modbus',
    state: 'degraded',
    detail: 'unit 3 does not answer',
    sinceMs: T0,
    lastDataMs: T0,
    counters: { polls: 12 },
    parts: [],
  };
}

/** A characteristic as the overview shows it, part of its indices not defined. */
export function summary(
  of: Characteristic,
  part: Partial<CharacteristicSummary> = {},
): CharacteristicSummary {
  return {
    ...of,
    status: 'stale',
    readings: 10,
    badReadings: 1,
    outOfTolerance: 0,
    lastValue: 21.98,
    lastReadingAt: T0,
    lastPointIndex: 2,
    charts: ['xbar-r'],
    rules: ['nelson-1'],
    limits: null,
    baselineRemaining: 5,
    openAlerts: 2,
    noDataAfterMs: 600_000,
    sampling: '5 every 30',
    capability: {
      n: 10,
      mean: 21.98,
      sigmaWithin: 0.002,
      sigmaOverall: null,
      estimator: 'rbar/d2',
      method: 'Bissell, one-sided 95 %',
      cp: 1.5,
      cpk: 1.41,
      pp: null,
      ppk: null,
      cpLower95: 1.2,
      cpkLower95: 1.1,
      ppLower95: null,
      ppkLower95: null,
      reason: 'no tolerance',
    },
    ...part,
  };
}
