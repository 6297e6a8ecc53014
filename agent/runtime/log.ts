import { pino } from 'pino';
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
  return wrap(pino({ level, base: null, redact: { paths: REDACT, censor: '***' } }, masked));
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

function wrap(logger: pino.Logger): Log {
  return {
    debug: (event, fields) => logger.debug({ event, ...fields }),
    info: (event, fields) => logger.info({ event, ...fields }),
    warn: (event, fields) => logger.warn({ event, ...fields }),
    error: (event, fields) => logger.error({ event, ...fields }),
    child: (fields) => wrap(logger.child(fields)),
  };
}
