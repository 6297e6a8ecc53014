import type { Alert, AlertKind, CharacteristicClass, Escalation, Severity } from '../model.ts';
import { type AlertOutput, type BookState, emit, isShelved } from './episodes.ts';

/** When alerts that nobody answers are told to others, as the core needs it. */
export interface EscalationRule {
  rule: string;
  severities?: readonly Severity[] | undefined;
  classes?: readonly CharacteristicClass[] | undefined;
  kinds?: readonly AlertKind[] | undefined;
  afterMs: number;
  levels: number;
  to: readonly string[];
}

/** Whether a tick at this time would begin, mend or tell an escalation. Cheap: asked every second. */
export function escalationDue(
  state: BookState,
  rules: readonly EscalationRule[],
  nowMs: number,
): boolean {
  if (rules.length === 0) return false;
  for (const id in state.alerts) {
    const alert = state.alerts[id] as Alert;
    if (!waits(alert)) continue;
    for (const rule of rules) {
      if (applies(rule, alert) && looks(found(alert, rule), nowMs) !== 'later') return true;
    }
  }
  return false;
}

/**
 * Tells the next level of every alert whose time without an answer is over. Its time begins with the
 * first tick that sees it, because clocks of sources differ. After an absence of the agent one level
 * is told, not all that were missed; what was told stands in the state, so no level comes twice.
 */
export function escalate(
  state: BookState,
  rules: readonly EscalationRule[],
  nowMs: number,
  out: AlertOutput,
): void {
  if (rules.length === 0) return;
  for (const id of Object.keys(state.alerts)) {
    const alert = state.alerts[id] as Alert;
    if (waits(alert)) escalateOne(alert, rules, nowMs, out);
  }
}

function escalateOne(
  alert: Alert,
  rules: readonly EscalationRule[],
  nowMs: number,
  out: AlertOutput,
): void {
  const to = new Set<string>();
  let touched = false;
  for (const rule of rules) {
    if (!applies(rule, alert)) continue;
    const one = found(alert, rule);
    const look = looks(one, nowMs);
    if (look === 'later') continue;
    touched = true;
    if (one === undefined) {
      alert.escalations = [...(alert.escalations ?? []), begun(rule, nowMs)];
      continue;
    }
    one.sinceMs = nowMs;
    if (look === 'ahead') continue;
    one.level += 1;
    one.toldMs = nowMs;
    for (const channel of rule.to) to.add(channel);
  }
  if (to.size > 0) {
    alert.escalatedTo = [...to];
    emit(out, 'escalated', nowMs, alert);
  } else if (touched) out.touched?.(alert.id);
}

/** Time that somebody put the alert aside for counts as little as time that the clock jumped over. */
export function restartClocks(alert: Alert, timeMs: number): void {
  for (const one of alert.escalations ?? []) one.sinceMs = timeMs;
}

/** The machine's own clock was set: what was waited so far stays waited. */
export function shiftEscalations(state: BookState, shifted: (ms: number) => number): void {
  for (const id in state.alerts) {
    for (const one of state.alerts[id]?.escalations ?? []) one.sinceMs = shifted(one.sinceMs);
  }
}

const waits = (alert: Alert) =>
  (alert.state === 'open' || alert.state === 'cleared') && !isShelved(alert);

function applies(rule: EscalationRule, { severity, class: ofClass, kind }: Alert): boolean {
  return (
    (rule.severities?.includes(severity) ?? true) &&
    (rule.classes?.includes(ofClass) ?? true) &&
    (rule.kinds?.includes(kind) ?? true)
  );
}

const found = (alert: Alert, rule: EscalationRule) =>
  alert.escalations?.find((one) => one.rule === rule.rule);

/** 'ahead': since a time that has not come, of a clock that was wrong. */
function looks(one: Escalation | undefined, nowMs: number): 'new' | 'ahead' | 'due' | 'later' {
  if (one === undefined) return 'new';
  if (one.level >= one.levels) return 'later';
  if (one.sinceMs > nowMs) return 'ahead';
  return nowMs - one.sinceMs >= one.afterMs ? 'due' : 'later';
}

function begun({ rule, to, levels, afterMs }: EscalationRule, nowMs: number): Escalation {
  return { rule, to: [...to], level: 0, levels, afterMs, sinceMs: nowMs, toldMs: null };
}
