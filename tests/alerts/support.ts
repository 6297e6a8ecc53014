import { type AlertPolicy, alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import type { SignalHit, SubjectInfo } from '../../agent/alerts/words.ts';
import type { Alert, AlertEvent, AlertTransition, Gap } from '../../agent/model.ts';

export const shaft: SubjectInfo = {
  id: 'od-turned',
  name: 'OD turned 22 h8',
  unit: 'mm',
  class: 'none',
  reactionPlan: 'Check the insert.',
  decimals: 4,
};

export const policy: AlertPolicy = policyOf(alertSettings.parse({}));

export function hit(timeMs: number, more: Partial<SignalHit> = {}): SignalHit {
  return {
    rule: 'nelson-1',
    text: '1 point beyond 3 sigma',
    severity: 'warning',
    value: 21.9921,
    timeMs,
    chart: 'xbar-r',
    statistic: 'location',
    ...more,
  };
}

export function gap(missed: number, timeMs: number): Gap {
  const from = 101;
  const to = from + missed - 1;
  return { seq: 1, ordinal: 0, source: 'cells', stream: 'hv', from, to, missed, timeMs };
}

/** Keeps every event, frozen as it was handed out. */
export function recorder(): { events: AlertEvent[]; alert(event: AlertEvent): void } {
  const events: AlertEvent[] = [];
  return { events, alert: (event) => void events.push(structuredClone(event)) };
}

export const steps = (events: readonly AlertEvent[]) =>
  events.map((event) => `${event.alert.id} ${event.transition}`);

/** An event as the store gives it, for channels and dispatcher. */
export function storedEvent(
  id: number,
  seq: number,
  more: { transition?: AlertTransition; timeMs?: number; ordinal?: number } & Partial<Alert> = {},
): AlertEvent {
  const { transition = 'raised', timeMs = 1000, ordinal = 0, ...alert } = more;
  return {
    seq,
    ordinal,
    transition,
    timeMs,
    alert: {
      id,
      kind: 'out-of-control',
      severity: 'warning',
      state: 'open',
      subject: 'od-turned',
      title: `alert ${id}`,
      detail: 'xbar-r: 1 point beyond 3 sigma, X̄ 21.9921 mm.',
      unit: 'mm',
      class: 'SC',
      reactionPlan: 'Check the insert.',
      onsetMs: timeMs,
      openedMs: timeMs,
      lastMs: timeMs,
      clearedMs: null,
      acknowledgedMs: null,
      acknowledgedBy: null,
      cause: null,
      action: null,
      comment: null,
      count: 1,
      value: 21.9921,
      rules: ['nelson-1'],
      context: { serial: '17' },
      ...alert,
    },
  };
}
