import type { Alert } from '../../agent/model.ts';
import type { FakeRow } from './fake-plant.ts';

const minute = 60_000;

/** Alerts in every state, the first two about what the charts show. */
export function fakeAlerts(rows: FakeRow[], nowMs: number): Alert[] {
  const base = (id: string, number: number, agoMs: number) =>
    openAlert(rows.find((row) => row.characteristic.id === id) as FakeRow, nowMs, number, agoMs);
  return [
    {
      ...base('od-turned', 42, 18 * minute),
      title: 'OD turned 22 h8 is out of control: 1 point beyond the control limits (X̄ 21.9853 mm)',
      detail:
        'xbar-r: 1 point beyond the control limits, X̄ 21.9853 mm. ewma: 1 point beyond the control limits.',
    },
    {
      ...base('case-depth', 41, 32 * minute),
      severity: 'warning',
      rules: ['nelson-1'],
      count: 3,
      title:
        'Case depth CHD 550 is out of control: 1 point beyond the control limits (EWMA 0.756 mm)',
      detail: 'ewma: 1 point beyond the control limits, 0.756 mm.',
      context: { part: 'kick-starter shaft', lot: 'HT-118', charge: '7' },
    },
    {
      ...base('keyway', 40, 37 * minute),
      kind: 'no-data',
      severity: 'warning',
      state: 'acknowledged',
      rules: [],
      count: 0,
      value: null,
      context: {},
      title: 'Keyway width 5 P9: no reading for 47 min',
      detail: 'No reading for 47 min.',
      acknowledgedMs: nowMs - 20 * minute,
      acknowledgedBy: 'Bilal (made up)',
      cause: 'Machine stopped for set-up',
      action: 'Restart at 14:00',
      comment: '',
    },
    {
      ...closed(base('hardness', 38, 300 * minute)),
      title: 'Surface hardness is out of control: 9 points on one side',
      rules: ['nelson-2'],
    },
    {
      ...base('thread', 39, 200 * minute),
      state: 'cleared',
      severity: 'warning',
      clearedMs: nowMs - 120 * minute,
      rules: ['nelson-2'],
      title: 'Thread pitch diameter M8 is out of control: 9 points on one side',
      detail: 'xbar-r: 9 points in a row on one side of the centre line.',
    },
  ];
}

/** An open alarm on one row. */
function openAlert(row: FakeRow, nowMs: number, id: number, agoMs: number): Alert {
  return {
    id,
    kind: 'out-of-control',
    severity: 'alarm',
    state: 'open',
    subject: row.characteristic.id,
    title: '',
    detail: '',
    unit: row.characteristic.unit,
    class: row.characteristic.class,
    reactionPlan: row.characteristic.reactionPlan,
    onsetMs: nowMs - agoMs - 12 * minute,
    openedMs: nowMs - agoMs,
    lastMs: nowMs - minute,
    clearedMs: null,
    acknowledgedMs: null,
    acknowledgedBy: null,
    cause: null,
    action: null,
    comment: null,
    count: 7,
    value: row.process.points.at(-3)?.value ?? null,
    rules: ['nelson-5', 'nelson-1'],
    context: { part: 'kick-starter shaft', serial: 'KS-004417', lot: 'B2291', spindle: '1' },
  };
}

/** The same alert after people had answered it and the process was back. */
function closed(alert: Alert): Alert {
  return {
    ...alert,
    state: 'closed',
    clearedMs: alert.openedMs + 40 * minute,
    acknowledgedMs: alert.openedMs + 6 * minute,
    acknowledgedBy: 'Sana (made up)',
    cause: 'Insert worn',
    action: 'Insert changed, offset −0.004 mm',
    comment: 'Two subgroups in control after the change.',
  };
}
