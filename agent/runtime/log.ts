import { pino } from 'pino';

/** Structured log with a stable event code first, so that logs can be searched and counted. */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Log;
}

const REDACT = ['password', 'token', 'secret', 'authorization', '*.password', '*.token'];

/** JSON lines on stderr, so that a command's own output on stdout stays clean. */
export function createLog(level: string): Log {
  return wrap(
    pino({ level, base: null, redact: { paths: REDACT, censor: '***' } }, pino.destination(2)),
  );
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
