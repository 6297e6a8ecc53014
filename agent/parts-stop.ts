import type { Intake } from './intake.ts';
import type { Parts } from './parts.ts';
import { sleep, within } from './runtime/retry.ts';

const STOP_WITHIN_MS = 3000;

/** Ends the parts in the order in which readings flow; `page` in between, as it asks the store. */
export async function stopParts(
  p: Parts,
  page: () => Promise<unknown>,
  closeReader: () => Promise<void>,
  dead: () => boolean,
): Promise<void> {
  p.ready = false;
  // Commits go on arriving meanwhile: they release the last acknowledgements.
  await within(STOP_WITHIN_MS, Promise.all([...p.sources.values()].map((s) => s.stop())));
  p.intake.stop();
  await allCommitted(p.intake, dead);
  await within(STOP_WITHIN_MS, page());
  await within(2 * STOP_WITHIN_MS, Promise.all(p.shippers.map((s) => s.stop(STOP_WITHIN_MS))));
  await within(STOP_WITHIN_MS, p.dispatcher.stop());
  await within(STOP_WITHIN_MS, p.reactions.stop());
  await within(STOP_WITHIN_MS, p.core.stop());
  await within(STOP_WITHIN_MS, closeReader());
  p.live.stop();
}

/** What was handed over last still reaches sinks and channels. */
async function allCommitted(intake: Intake, dead: () => boolean): Promise<void> {
  for (let ms = 0; ms < STOP_WITHIN_MS && intake.figures().inFlight > 0 && !dead(); ms += 5) {
    await sleep(5);
  }
}
