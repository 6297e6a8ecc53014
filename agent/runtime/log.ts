import { pino } from 'pino';
import { systemClock } from './clock.ts';
import { type LogLimit, limitLog } from './log-limit.ts';
import { maskSecrets } from './secrets.ts';

/** Structured log with a stable event code first, so that logs can be searched and counted. */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Log;
}

const REDACT = ['password', 'token', 'secret', 'authorization', '*.password', '*.token'];

/**
 * JSON escapes what is below a blank; these would still reach a terminal and move its cursor or
 * break the line in some viewers: DEL, C1 controls, line separators, directions of writing.
 */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON lines on stderr, so that a command's own output on stdout stays clean. */
export function createLog(level: string): Log {
  const stderr = pino.destination(2);
  const masked = { write: (line: string) => void stderr.write(escapeControls(maskSecrets(line))) };
  const logger = pino({ level, base: null, redact: { paths: REDACT, censor: '***' } }, masked);
  const limit = limitLog({
    monotonic: systemClock.monotonic,
    later: (ms, work) => void setTimeout(work, ms).unref(),
    repeated: (what, count) => logger.warn({ event: 'log-repeated', what, count }),
  });
  return wrap(logger, limit, '');
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Fields that say whom a message is about: each has its own count of repeats. */
const ABOUT = ['source', 'sink', 'channel', 'name'] as const;

function wrap(logger: pino.Logger, limit: LogLimit, about: string): Log {
  const write =
    (level: Level) =>
    (event: string, given: Record<string, unknown> = {}) => {
      if (!logger.isLevelEnabled(level)) return;
      const whom = [about, ...ABOUT.map((field) => given[field])].filter((x) => x);
      const fields = limit.take([level, event, ...whom].join(' ').slice(0, 200), given);
      if (fields !== null) logger[level]({ event, ...fields });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child(fields) {
      const whom = [about, ...ABOUT.map((field) => fields[field])].filter((x) => x);
      return wrap(logger.child(fields), limit, whom.join(' '));
    },
  };
}
