import type { Request } from './request.ts';

/** A request under way, or a place for one. */
export interface Flight {
  request: Request | null;
  sentMs: number;
  dueMs: number;
  /** others may go ahead from then on */
  lateMs: number;
  /** it went ahead of one that was late */
  ahead: boolean;
  /** registers asked for beyond those wanted */
  extra: number;
}

export const newFlight = (): Flight => ({
  request: null,
  sentMs: 0,
  dueMs: 0,
  lateMs: 0,
  ahead: false,
  extra: 0,
});

/**
 * How many requests are late, so that others may go ahead of them; 0 when there is no place for
 * another, or for a request to a unit that is late itself.
 */
export function lateFlights(flights: readonly Flight[], nowMs: number, unit = -1): number {
  let late = 0;
  let free = false;
  for (const flight of flights) {
    if (flight.request === null) free = true;
    else if (flight.lateMs <= nowMs) {
      if (flight.request.unit === unit) return 0;
      late += 1;
    }
  }
  return free ? late : 0;
}
