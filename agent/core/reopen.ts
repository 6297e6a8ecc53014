import { sayDuration } from '../runtime/duration.ts';
import { type Input, type LoopOptions, type Lost, type Open, tellRecording } from './open.ts';
import { post, settle } from './transaction.ts';

/**
 * Tries to get the store back: opens and verifies it, then puts what was held through the reducer
 * again, from the state of the last transaction on, as after a restart. What came in meanwhile is
 * recorded as if the disk had only been slow. True when it is back.
 */
export function reopen(
  l: LoopOptions,
  open: Open,
  give: (input: Input, more: boolean) => void,
): boolean {
  const { lost, held } = open;
  if (lost === null || l.rescue === undefined) return lost === null;
  lost.tries += 1;
  try {
    open.reducer = l.rescue.reopen();
  } catch (error) {
    const reason = l.rescue.passing(error);
    if (reason === null) throw error;
    lost.reason = reason;
    return false;
  }
  open.lost = null;
  open.held = [];
  open.alerts = [];
  open.due = false;
  open.readings = 0;
  const landed = skipLanded(l, open, lost, held);
  // Also when it fails again on the way: the reducer must know all that came, or it would raise
  // alarms of what it has not seen.
  for (let i = landed; i < held.length; i += 1) give(held[i] as Input, i + 1 < held.length);
  if (!stillLost(open)) settle(l, open);
  if (stillLost(open)) return again(open, lost);
  tellRecording(l, open, lost);
  const scarce = l.reserve?.scarce() === true;
  if (!scarce) give({ type: 'event', event: told(l, lost, held.length) }, false);
  return true;
}

/** A transaction that failed in its COMMIT may be in the file: it is not taken in twice. */
function skipLanded(l: LoopOptions, open: Open, { landing }: Lost, held: readonly Input[]): number {
  if (landing === null || l.writer.head() < landing.seq) return 0;
  const inputs = held.slice(0, landing.inputs);
  for (const input of inputs) {
    if (input.type === 'batch' || input.type === 'event') open.batch = input.id ?? open.batch;
  }
  post(l, open, landing.alerts, true, l.clock.monotonic());
  for (const input of inputs) {
    if (input.type === 'command') l.post({ type: 'answer', id: input.id, ...input.result });
  }
  return inputs.length;
}

const stillLost = (open: Open): boolean => open.lost !== null;

/** Lost again before all of it was in: it counts as the same failure. */
function again(open: Open, before: Lost): false {
  if (open.lost !== null) {
    open.lost.sinceMs = before.sinceMs;
    open.lost.tries = before.tries;
    open.lost.alarmed = before.alarmed;
  }
  return false;
}

function told(l: LoopOptions, lost: Lost, held: number) {
  const forMs = l.clock.monotonic() - lost.sinceMs;
  return {
    source: 'store',
    kind: 'device' as const,
    severity: 'warning' as const,
    text:
      `the store took no writes for ${sayDuration(forMs)} (${lost.reason}); ` +
      `${held} inputs were held and are recorded now, nothing was acknowledged meanwhile`,
    timeMs: l.clock.now(),
  };
}
