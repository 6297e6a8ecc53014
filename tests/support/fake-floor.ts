import type { ManualRow, StorageHealth } from '../../agent/console/view.ts';
import type { Outlook } from '../../agent/model.ts';

/** A store that is well, except that nobody set up backups. */
export const fakeStorage = (nowMs: number): StorageHealth => ({
  disk: { freeBytes: 21_400_000_000, low: false, full: false },
  backup: { timeMs: nowMs - 5 * 3_600_000 },
  backupEveryMs: 24 * 3_600_000,
  check: { timeMs: nowMs - 2 * 86_400_000, ok: true, found: [] },
  clock: { steps: 0, ms: 0 },
  sync: { p99Ms: 12, slow: false },
});

/** The keyway is measured by hand. */
export const FAKE_FORMS = [
  {
    characteristic: 'keyway',
    gauges: ['caliper-7', 'plug-2'],
    operators: null,
    least: 4.823,
    most: 5.123,
  },
];

export const fakeEntries = (nowMs: number): ManualRow[] => [
  {
    ...{ characteristic: 'keyway', value: 4.9731, gauge: 'caliper-7', operator: 'Sana' },
    ...{ reason: 'first piece after set-up', at: new Date(nowMs - 3_600_000).toISOString() },
  },
];

/** The bore wears its tool out. */
export const FAKE_OUTLOOK: Outlook = {
  ...{ chart: 'xbar-r', center: 118.004, slope: 0.00085, band: 0.048 },
  ...{ limit: 118.1, side: 'upper' as const, points: 56, readings: 280 },
};

export const FAKE_CONTEXT = { part: 'shaft-22', serial: 'S-004211', tool: 'T12', lot: 'L-88' };
