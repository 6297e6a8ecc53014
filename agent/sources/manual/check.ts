import { sayDuration } from '../../runtime/duration.ts';
import type { ManualEntry } from '../source.ts';
import type { ManualSettings } from './settings.ts';

/** A clock of another machine may be a little ahead of ours. */
const AHEAD_MS = 60_000;

/** Why an entry cannot be taken, in words for the person who typed it; undefined when it can. */
export function refusal(own: ManualSettings, e: ManualEntry, nowMs: number): string | undefined {
  if (!Number.isFinite(e.value)) return 'the value is no number';
  if (own.operators !== undefined && !own.operators.includes(e.operator)) {
    return `'${e.operator}' may not enter values here: the settings list who may`;
  }
  if (own.gauges !== undefined && !own.gauges.includes(e.gauge)) {
    return `there is no gauge '${e.gauge}': there are ${own.gauges.slice(0, 20).join(', ')}`;
  }
  if (e.timeMs !== null && e.timeMs > nowMs + AHEAD_MS) return 'the time lies ahead of now';
  if (e.timeMs !== null && e.timeMs < nowMs - own.backdate) {
    return `the time is more than ${sayDuration(own.backdate)} ago`;
  }
  return implausible(own, e);
}

function implausible(own: ManualSettings, { value, lsl, usl, unit }: ManualEntry) {
  if (lsl === null || usl === null) return undefined;
  const middle = (lsl + usl) / 2;
  const reach = own.plausible * (usl - lsl);
  if (Math.abs(value - middle) <= reach) return undefined;
  const said = `${value} ${unit}`.trim();
  return `${said} is far outside ${lsl} to ${usl}: a slip of the finger, or another unit?`;
}
