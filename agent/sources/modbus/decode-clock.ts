import { counterReader, decoder, type ORDERS_32, type Order, orderFor } from './decode.ts';

/** Forms in which PLCs keep time. */
export const CLOCKS = ['unix-s', 'unix-ms', 'bcd'] as const;
export type ClockFormat = (typeof CLOCKS)[number];

/** Registers a time takes. */
export const clockWidth = (format: ClockFormat): number =>
  format === 'unix-s' ? 2 : format === 'bcd' ? 3 : 4;

/** A PLC without a set clock begins long before this. */
const EARLIEST_MS = Date.UTC(2010, 0, 1);
const MOST_AHEAD_MS = 86_400_000;

/**
 * Makes the reader of a PLC's time: ms since 1970 UTC, or NaN when it is no date, before 2010 or
 * more than a day ahead of `nowMs`. 'bcd' is YYMM, DDhh, mmss, each digit four bits.
 */
export function clockReader(
  format: ClockFormat,
  order: Order | undefined,
  unitOrder: (typeof ORDERS_32)[number],
  offsetMinutes: number,
): (view: DataView, at: number, nowMs: number) => number {
  const read = rawClock(format, order, unitOrder);
  return (view, at, nowMs) => {
    const ms = read(view, at) - offsetMinutes * 60_000;
    return ms >= EARLIEST_MS && ms <= nowMs + MOST_AHEAD_MS ? ms : Number.NaN;
  };
}

function rawClock(
  format: ClockFormat,
  order: Order | undefined,
  unitOrder: (typeof ORDERS_32)[number],
): (view: DataView, at: number) => number {
  if (format === 'bcd') return bcdDate;
  if (format === 'unix-s') {
    const read = counterReader('uint32', order ?? orderFor('uint32', unitOrder));
    return (view, at) => 1000 * read(view, at);
  }
  const plain = { bit: 0, scale: 1, offset: 0, min: null, max: null, sentinels: [] };
  const read = decoder({ type: 'uint64', order: order ?? orderFor('uint64', unitOrder), ...plain });
  return (view, at) => read(view, at).value;
}

function bcdDate(view: DataView, at: number): number {
  const parts = [0, 1, 2, 3, 4, 5].map((i) => twoDigits(view.getUint8(at + i)));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (parts.some(Number.isNaN) || month < 1 || month > 12 || day < 1 || hour > 23)
    return Number.NaN;
  if (minute > 59 || second > 59) return Number.NaN;
  const ms = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  // The 31st of a shorter month would roll over into the next.
  return new Date(ms).getUTCDate() === day ? ms : Number.NaN;
}

function twoDigits(byte: number): number {
  const [high, low] = [byte >> 4, byte & 15];
  return high > 9 || low > 9 ? Number.NaN : 10 * high + low;
}
