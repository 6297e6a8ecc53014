import type { ConsoleView, Metric } from './console/view.ts';
import type { DiskState } from './core/protocol.ts';

/** What is known of the disk and the store besides the flow of readings. */
export interface Upkeep {
  /** null before the core has spoken */
  disk: DiskState | null;
}

export const startUpkeep = (): Upkeep => ({ disk: null });

/** What `/readyz` says of the disk. */
export function diskCheck({
  disk,
}: Upkeep): ReturnType<ConsoleView['readiness']>['checks'][number] {
  const name = 'disk';
  if (disk === null) return { name, ok: true, detail: 'not looked at yet' };
  const free = `${Math.round(disk.freeBytes / 1e6)} MB free`;
  if (!disk.full) return { name, ok: true, detail: disk.low ? `nearly full: ${free}` : free };
  return { name, ok: false, detail: `full (${free}): only alarms and answers are recorded` };
}

/** For `/metrics`. */
export function upkeepMetrics({ disk }: Upkeep): Metric[] {
  if (disk === null) return [];
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...{ name: `meyar_${name}`, help, type: 'gauge' },
    samples: [{ labels: {}, value }],
  });
  return [
    gauge('disk_free_bytes', 'Free space of the disk that holds the store', disk.freeBytes),
    gauge('disk_low', '1 when less is free than store.minFree', disk.low ? 1 : 0),
    gauge('disk_full', '1 while only alarms and answers are recorded', disk.full ? 1 : 0),
    gauge('disk_ballast_bytes', 'Room held for the hour when it is full', disk.ballastBytes),
  ];
}
