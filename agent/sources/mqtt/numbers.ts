const NUMBER = /^\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*$/;
const INTEGER = /^\s*\d+\s*$/;
const LONGEST = 40;

/** Milliseconds per unit of source time. */
const UNIT_MS: Record<'s' | 'ms' | 'us' | 'ns', number> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** Anything before is a clock that was never set, or the wrong unit: 2000-01-01. */
const EARLIEST_MS = 946_684_800_000;
/** A source time further ahead of ours than this is not believed. */
const MAX_AHEAD_MS = 86_400_000;

/**
 * The number a message means, NaN when it means none: null, booleans, objects, empty and other
 * text, and numbers no double holds. Text may have a decimal comma; '1,234' is 1.234.
 */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value !== 'string' || value.length > LONGEST || !NUMBER.test(value)) return Number.NaN;
  const number = Number(value.replace(',', '.'));
  return Number.isFinite(number) ? number : Number.NaN;
}

/** A counter: a whole number that a double holds exactly, NaN otherwise. */
export function toSequence(value: unknown): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.NaN;
  if (typeof value !== 'string' || value.length > LONGEST || !INTEGER.test(value))
    return Number.NaN;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'iso';

/** Milliseconds since 1970 UTC, NaN when the message holds no time. ISO text without a zone is local. */
export function toTimeMs(value: unknown, unit: TimeUnit): number {
  if (unit !== 'iso') return toNumber(value) * UNIT_MS[unit];
  return typeof value === 'string' && value.length <= LONGEST ? Date.parse(value) : Number.NaN;
}

/** A length of time in the unit of the source time; for ISO times it is in milliseconds. */
export function toStepMs(value: unknown, unit: TimeUnit): number {
  return toNumber(value) * (unit === 'iso' ? 1 : UNIT_MS[unit]);
}

/** May this source time stand, received at `receiveMs`? False for NaN too. */
export function isPlausible(timeMs: number, receiveMs: number): boolean {
  return timeMs >= EARLIEST_MS && timeMs <= receiveMs + MAX_AHEAD_MS;
}

/** A time that is not plausible only because our own clock shows less. */
export const isAhead = (timeMs: number) => timeMs >= EARLIEST_MS;
