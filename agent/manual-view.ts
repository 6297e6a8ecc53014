import type { ConsoleView, ManualForm, ManualRow } from './console/view.ts';
import type { AuditRow } from './model.ts';
import type { Settings } from './settings/schema.ts';
import type { ManualSettings } from './sources/manual/settings.ts';
import type { AsyncReader } from './store/reader-client.ts';

/** Rows of the audit log that are looked through for typed values. */
const LOOKED_THROUGH = 1000;

/** Which values people type in and the newest they typed. */
export function manualView(
  settings: () => Settings,
  reader: Pick<AsyncReader, 'audit'>,
): Pick<ConsoleView, 'manual' | 'entries'> {
  return {
    manual: () => manualForms(settings()),
    async entries(limit) {
      const rows = await reader.audit({ limit: LOOKED_THROUGH });
      return rows.flatMap(entryOf).slice(0, limit);
    },
  };
}

function manualForms({ characteristics, sources }: Settings): ManualForm[] {
  return Object.entries(characteristics).flatMap(([characteristic, { source, lsl, usl }]) => {
    const from = sources[source] as ({ kind: string } & Partial<ManualSettings>) | undefined;
    if (from?.kind !== 'manual') return [];
    const { gauges = null, operators = null, plausible = null } = from;
    const bounds = boundsOf(lsl, usl, plausible);
    return [{ characteristic, gauges, operators, ...bounds }];
  });
}

/** The bounds that the source itself applies. */
function boundsOf(lsl: number | null, usl: number | null, plausible: number | null) {
  if (lsl === null || usl === null || plausible === null) return { least: null, most: null };
  const middle = (lsl + usl) / 2;
  const reach = plausible * (usl - lsl);
  return { least: middle - reach, most: middle + reach };
}

function entryOf({ what, object, after, why }: AuditRow): ManualRow[] {
  if (what !== 'manual-reading') return [];
  try {
    const { value, gauge, operator, at } = JSON.parse(after) as Omit<ManualRow, 'reason'>;
    return [{ characteristic: object, value, gauge, operator, at, reason: why }];
  } catch {
    return [];
  }
}
