import { strings } from './strings.ts';

/** A value in the decimals of its characteristic; a dash where there is none. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return strings.none;
  return minus(value.toFixed(Math.min(Math.max(decimals, 0), 12)));
}

/** The same with the unit. */
export function withUnit(value: number | null, decimals: number, unit: string): string {
  const text = fixed(value, decimals);
  return value === null || unit === '' ? text : `${text} ${unit}`;
}

interface Tolerance {
  lsl: number | null;
  usl: number | null;
  decimals: number;
  unit: string;
}

/** '21.967 … 22.000 mm', or the one side there is. */
export function tolerance({ lsl, usl, decimals, unit }: Tolerance): string {
  if (lsl !== null && usl !== null) {
    return `${fixed(lsl, decimals)} … ${withUnit(usl, decimals, unit)}`;
  }
  if (usl !== null) return `≤ ${withUnit(usl, decimals, unit)}`;
  return lsl === null ? strings.none : `≥ ${withUnit(lsl, decimals, unit)}`;
}

/** An index: two decimals. */
export const index = (value: number | null): string => fixed(value, 2);

/** A lower bound is rounded down, so that 1.329 never reads as 1.33. */
export function bound(value: number | null): string {
  return value === null ? strings.none : fixed(Math.floor(value * 100 + 1e-9) / 100, 2);
}

/** Three significant digits, for sigmas. */
export function significant(value: number | null): string {
  return value === null ? strings.none : minus(String(Number(value.toPrecision(3))));
}

/** Whole numbers with thin groups. */
export const count = (value: number): string => value.toLocaleString('en-US').replaceAll(',', ' ');

/** '20 s', '5 min', '3 h', '2 d'. */
export function age(ms: number): string {
  if (ms < 1000) return '0 s';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/** Clock time today, date and clock time otherwise; 24 hours, local time of the screen. */
export function time(iso: string | null, nowMs: number, seconds = true): string {
  if (iso === null) return strings.none;
  const date = new Date(iso);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const full = seconds ? `${clock}:${two(date.getSeconds())}` : clock;
  const sameDay = date.toDateString() === new Date(nowMs).toDateString();
  return sameDay ? full : `${day(date)} ${full}`;
}

/** Date, clock time and zone of this screen: '2026-03-01 13:00:07 UTC+05:00'. */
export function timeZoned(iso: string): string {
  const date = new Date(iso);
  const offset = -date.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const zone = `UTC${offset < 0 ? '−' : '+'}${two(hours)}:${two(minutes)}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day(date)} ${clock} ${zone}`;
}

const two = (n: number) => String(n).padStart(2, '0');
const day = (date: Date) =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const minus = (text: string) => text.replace('-', '−');
