import type { AlertEvent } from '../model.ts';
import { attempt, type LoopOptions, lose, type Open } from './open.ts';

const SUMMARY_EVERY_MS = 250;
/** They are for the next question then, and garbage of the shell a second later. */
const UNWATCHED_EVERY_MS = 1000;

export function begin(l: LoopOptions, open: Open): void {
  if (open.active) return;
  attempt(l, open, () => {
    open.seq = l.writer.begin(l.clock.now());
    open.active = true;
    open.begunMs = l.clock.monotonic();
    open.cancel = l.later(l.options.commitEveryMs, () => settle(l, open));
  });
}

/** Commits, unless room is scarce and nobody waits for what came: then it stays unacknowledged. */
export function settle(l: LoopOptions, open: Open): void {
  const waits = open.lost === null && open.alerts.length === 0 && l.reserve?.scarce() === true;
  if (waits) postSummaries(l, open);
  else commit(l, open, false);
}

/** Nothing is acknowledged before COMMIT returned, and nothing when it did not. */
export function commit(l: LoopOptions, open: Open, last: boolean): void {
  if (open.lost !== null) {
    tellUnrecorded(l, open);
    return;
  }
  if (!open.active) return;
  open.cancel();
  const now = l.clock.monotonic();
  attempt(l, open, () => {
    const due = now - open.snapshotMs >= l.options.snapshotEveryMs;
    if (last || (due && l.reserve?.scarce() !== true)) {
      l.writer.saveState(open.reducer.snapshot(last));
      open.snapshotMs = now;
    }
    open.readers.save(l.writer);
  });
  write(l, open);
  if (open.lost !== null) {
    tellUnrecorded(l, open);
    return;
  }
  open.readers.committed();
  open.active = false;
  open.due = false;
  open.readings = 0;
  open.held = [];
  const due = now - open.summaryMs >= (open.watched ? SUMMARY_EVERY_MS : UNWATCHED_EVERY_MS);
  post(l, open, takeAlerts(open), due, now);
}

/** An error of COMMIT itself leaves open whether the transaction is in the file. */
function write(l: LoopOptions, open: Open): void {
  if (open.lost !== null) return;
  const landing = { seq: open.seq, inputs: open.held.length, alerts: [...open.alerts] };
  try {
    l.writer.commit();
  } catch (error) {
    lose(l, open, error);
    if (open.lost !== null) (open.lost as NonNullable<Open['lost']>).landing = landing;
  }
}

/** What changed goes to the page, at most four times a second. */
export function postSummaries(l: LoopOptions, open: Open): void {
  const now = l.clock.monotonic();
  if (now - open.summaryMs >= SUMMARY_EVERY_MS) post(l, open, [], true, now);
}

/** Alerts and summaries of what is not recorded yet: for the page alone, they come again. */
function tellUnrecorded(l: LoopOptions, open: Open): void {
  const now = l.clock.monotonic();
  const alerts = takeAlerts(open);
  const due = now - open.summaryMs >= SUMMARY_EVERY_MS;
  if (alerts.length > 0 || due) post(l, open, alerts, due, now);
}

function takeAlerts(open: Open): AlertEvent[] {
  const { alerts } = open;
  open.alerts = [];
  return alerts;
}

export function post(
  l: LoopOptions,
  open: Open,
  alerts: AlertEvent[],
  due: boolean,
  now: number,
): void {
  if (due) open.summaryMs = now;
  const store = due ? figuresOf(l, open) : {};
  const recorded = open.lost === null;
  l.post({
    type: 'committed',
    committed: {
      seq: l.writer.head(),
      batch: open.active || !recorded ? 0 : open.batch,
      recorded,
      alerts,
      summaries: due ? open.reducer.changes(l.clock.now()) : [],
      figures: { ...open.reducer.figures, commits: l.writer.head(), store },
    },
  });
}

/** Figures are read from the file too: a disk that fails there must not undo what was committed. */
function figuresOf(l: LoopOptions, open: Open): Record<string, number> {
  if (open.lost !== null) return {};
  try {
    return l.writer.figures();
  } catch (error) {
    if ((l.rescue?.passing(error) ?? null) === null) throw error;
    return {};
  }
}
