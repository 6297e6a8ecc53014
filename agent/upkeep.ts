import type { ConsoleView, Metric, StorageHealth } from './console/view.ts';
import type { DiskState } from './core/protocol.ts';
import type { Vitals } from './vitals.ts';

/** What is known of the disk and the store besides the flow of readings. */
export interface Upkeep {
  /** null before the core has spoken */
  disk: DiskState | null;
  /** notes of the last whole check and the last backup; null before the first */
  lastCheck: Record<string, unknown> | null;
  lastBackup: Record<string, unknown> | null;
}

export const startUpkeep = (): Upkeep => ({ disk: null, lastCheck: null, lastBackup: null });

type Check = ReturnType<ConsoleView['readiness']>['checks'][number];

/** What `/readyz` says of the disk and of the last whole check. */
export const upkeepChecks = (u: Upkeep): Check[] => [diskCheck(u), integrityCheck(u)];

function diskCheck({ disk }: Upkeep): Check {
  const name = 'disk';
  if (disk === null) return { name, ok: true, detail: 'not looked at yet' };
  const free = `${Math.round(disk.freeBytes / 1e6)} MB free`;
  if (!disk.full) return { name, ok: true, detail: disk.low ? `nearly full: ${free}` : free };
  return { name, ok: false, detail: `full (${free}): only alarms and answers are recorded` };
}

/** Damage far back does not stop the recording: it is told, and does not count as not ready. */
function integrityCheck({ lastCheck }: Upkeep): Check {
  const name = 'integrity';
  if (lastCheck === null) return { name, ok: true, detail: 'not checked whole yet' };
  const at = new Date(Number(lastCheck['timeMs'])).toISOString();
  const found = lastCheck['ok'] === true ? 'sound' : `damaged: ${lastCheck['found']}`;
  return { name, ok: true, detail: `${found} at ${at}` };
}

/** For `/metrics`. */
export function upkeepMetrics({ disk, lastCheck, lastBackup }: Upkeep): Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...{ name: `meyar_${name}`, help, type: 'gauge' },
    samples: [{ labels: {}, value }],
  });
  const metrics: Metric[] = [];
  const seconds = (note: Record<string, unknown>) => Number(note['timeMs']) / 1000;
  if (lastBackup !== null) {
    const help = 'Time of the last proven backup, seconds since 1970';
    metrics.push(gauge('store_backup_time_seconds', help, seconds(lastBackup)));
  }
  if (lastCheck !== null) {
    const help = 'Time of the last whole check of the store, seconds since 1970';
    metrics.push(gauge('store_check_time_seconds', help, seconds(lastCheck)));
    const ok = lastCheck['ok'] === true ? 1 : 0;
    metrics.push(gauge('store_check_ok', '1 when it found no damage', ok));
  }
  if (disk === null) return metrics;
  return [
    ...metrics,
    gauge('disk_free_bytes', 'Free space of the disk that holds the store', disk.freeBytes),
    gauge('disk_low', '1 when less is free than store.minFree', disk.low ? 1 : 0),
    gauge('disk_full', '1 while only alarms and answers are recorded', disk.full ? 1 : 0),
    gauge('disk_ballast_bytes', 'Room held for the hour when it is full', disk.ballastBytes),
  ];
}

/** For the page: disk, last backup, last whole check, clock. */
export function storageHealth(
  { disk, lastCheck, lastBackup }: Upkeep,
  vitals: Vitals,
  backupEveryMs: number | null,
): StorageHealth {
  const time = (note: Record<string, unknown>) => Number(note['timeMs']);
  const found = lastCheck?.['found'];
  return {
    disk: disk === null ? null : { freeBytes: disk.freeBytes, low: disk.low, full: disk.full },
    backup: lastBackup === null ? null : { timeMs: time(lastBackup) },
    backupEveryMs,
    check:
      lastCheck === null
        ? null
        : {
            timeMs: time(lastCheck),
            ok: lastCheck['ok'] === true,
            found: Array.isArray(found) ? found.map(String) : [],
          },
    ...vitals.health(),
  };
}
