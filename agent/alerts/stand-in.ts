import type { AlertEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/retry.ts';
import type { Channel } from './channels/channel.ts';
import type { Outlet } from './outlet.ts';

const LOOK_EVERY_MS = 500;

/**
 * Decides for a stand-in: an alarm goes there once its own channel has failed for `afterMs` and has
 * not delivered it. True = send it, false = it is delivered, or no alarm, or the agent stops.
 */
export function standInGate(
  first: Outlet,
  afterMs: number,
  clock: Clock,
): (event: AlertEvent, signal: AbortSignal) => Promise<boolean> {
  return async (event, signal) => {
    if (event.alert.severity !== 'alarm') return false;
    while (!signal.aborted) {
      if (first.gaveUp(event)) return true;
      if (first.told(event)) return false;
      const since = first.failingSinceMs();
      if (since !== null && clock.monotonic() - since >= afterMs) return true;
      await sleep(LOOK_EVERY_MS, signal);
    }
    return false;
  };
}

/** A channel that several outlets use: the port promises that `send` is never called in parallel. */
export function oneAtATime(channel: Channel): Channel {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...channel,
    send(notice, signal) {
      const next = last.then(() => channel.send(notice, signal));
      last = next.catch(() => {});
      return next;
    },
    close: () => channel.close(),
  };
}
