/** What a limited log hands on: the fields, cut to size, or nothing. */
export interface LogLimit {
  /** null: this line is one too many and is only counted */
  take(key: string, fields: Record<string, unknown>): Record<string, unknown> | null;
}

interface LogLimitOptions {
  monotonic(): number;
  /** calls back once after so long */
  later(ms: number, work: () => void): void;
  /** the count of lines that were left out, one line for each key */
  repeated(key: string, count: number): void;
  mostPerMinute?: number;
}

const MINUTE_MS = 60_000;
const MOST_PER_MINUTE = 30;
/** Different keys counted at once; what comes beyond shares one count. */
const MOST_KEYS = 500;
const OTHERS = 'others';
const MOST_TEXT = 4096;
const MOST_OBJECT = 8192;

interface Count {
  sinceMs: number;
  lines: number;
  left: number;
}

/**
 * Bounds what a log can write: of one message (its event and whom it is about) so many lines a
 * minute, then one line with the count of the rest; and so many characters in one field.
 */
export function limitLog(o: LogLimitOptions): LogLimit {
  const most = o.mostPerMinute ?? MOST_PER_MINUTE;
  const counts = new Map<string, Count>();
  const sweep = () => {
    const nowMs = o.monotonic();
    for (const [key, count] of counts) {
      if (nowMs - count.sinceMs < MINUTE_MS) continue;
      counts.delete(key);
      if (count.left > 0) o.repeated(key, count.left);
    }
    if (counts.size > 0) o.later(MINUTE_MS, sweep);
  };
  return {
    take(wanted, fields) {
      const key = counts.has(wanted) || counts.size < MOST_KEYS ? wanted : OTHERS;
      let count = counts.get(key);
      if (count === undefined) {
        if (counts.size === 0) o.later(MINUTE_MS, sweep);
        count = { sinceMs: o.monotonic(), lines: 0, left: 0 };
        counts.set(key, count);
      }
      count.lines += 1;
      if (count.lines <= most) return cutFields(fields);
      count.left += 1;
      return null;
    },
  };
}

/** A message of a device or a server may be of any length; a line of the log is not. */
function cutFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)]));
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value, MOST_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value) ?? '';
  return text.length <= MOST_OBJECT ? value : cutText(text, MOST_OBJECT);
}

function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length - most} more characters)`;
}
