import type { Alert, Characteristic } from '../types.ts';

/** What one light says of a whole station. */
export type Condition = 'stop' | 'apart' | 'check' | 'silent' | 'learning' | 'well';

/** How bad a status is; the first of these decides. */
const WORST = ['alarm', 'warning', 'stale', 'provisional', 'ok'] as const;

export interface Station {
  condition: Condition;
  /** the characteristic that it is about */
  worst: Characteristic;
  /** what waits for an answer, most urgent first */
  waiting: Alert[];
}

/** What the operator of one machine has to know. Undefined where nothing is measured there. */
export function stationOf(rows: Characteristic[], alerts: Alert[]): Station | undefined {
  const byStatus = rows.toSorted((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status));
  const waiting = alerts
    .filter((one) => one.acknowledgedAt === null && rows.some((c) => c.id === one.subject))
    .sort((a, b) => weight(b) - weight(a) || b.id - a.id);
  const first = byStatus[0];
  if (first === undefined) return undefined;
  const about = rows.find((c) => c.id === waiting[0]?.subject);
  const worst = first.status === 'ok' || about === undefined ? first : about;
  const out = alerts.some(
    (one) =>
      one.kind === 'out-of-tolerance' &&
      one.state !== 'closed' &&
      one.clearedAt === null &&
      rows.some((c) => c.id === one.subject),
  );
  return { condition: conditionOf(first.status, out), worst, waiting };
}

/** A part outside the tolerance stops the machine; a process out of control keeps parts apart. */
function conditionOf(status: Characteristic['status'], out: boolean): Condition {
  if (out) return 'stop';
  if (status === 'alarm') return 'apart';
  if (status === 'warning') return 'check';
  if (status === 'stale') return 'silent';
  return status === 'provisional' ? 'learning' : 'well';
}

const weight = ({ severity, kind }: Alert) =>
  ['info', 'warning', 'alarm'].indexOf(severity) * 2 + (kind === 'out-of-tolerance' ? 1 : 0);
