import type { Clock } from '../../runtime/clock.ts';

/** Something polled at a fixed rate on absolute times. */
export interface Item {
  everyMs: number;
  /** where in its period it stands, 0 to 1: items of one period do not all fall due at once */
  phase: number;
  /** next regular run, monotonic ms; 0 before the first */
  dueMs: number;
  /** one more run before that, e.g. a retry; Infinity for none */
  extraMs: number;
  /** still at work: a run that falls due meanwhile is skipped, never queued */
  busy: boolean;
  run(nowMs: number): void;
}

export interface Schedule {
  add(item: Item): void;
  remove(item: Item): void;
  /** call after changing `dueMs` or `extraMs` of an item */
  wake(): void;
  start(): void;
  stop(): void;
  /** regular runs that did not happen because time ran out, and the worst lateness of a run */
  figures(): { skipped: number; lateMaxMs: number };
}

/**
 * The next due time after `nowMs` on the grid `dueMs + k × everyMs`, and how many grid times in
 * between are skipped. Absolute times do not drift, and a late poll is followed by one, not many.
 */
export function nextDue(
  dueMs: number,
  everyMs: number,
  nowMs: number,
): { dueMs: number; skipped: number } {
  const next = dueMs + everyMs;
  if (next > nowMs) return { dueMs: next, skipped: 0 };
  const skipped = Math.floor((nowMs - next) / everyMs) + 1;
  return { dueMs: next + skipped * everyMs, skipped };
}

/** What fell due while nothing ran is run at once; the grid stays as it was. */
function begin(item: Item, nowMs: number): void {
  if (item.dueMs > nowMs) return;
  item.extraMs = nowMs;
  if (item.dueMs === 0) item.dueMs = nowMs + Math.round(item.phase * item.everyMs);
  item.dueMs = nextDue(item.dueMs, item.everyMs, nowMs).dueMs;
}

/** Runs items when they are due, on one timer. */
export function createSchedule(clock: Clock): Schedule {
  const items = new Set<Item>();
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let skipped = 0;
  let lateMaxMs = 0;

  const arm = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (!running || items.size === 0) return;
    let due = Number.POSITIVE_INFINITY;
    for (const item of items) due = Math.min(due, item.dueMs, item.extraMs);
    const wait = Math.min(Math.ceil(due - clock.monotonic()), 2_000_000_000);
    timer = setTimeout(tick, Math.max(0, wait));
  };

  const runDue = (item: Item, nowMs: number) => {
    const regular = item.dueMs <= nowMs;
    if (!regular && item.extraMs > nowMs) return;
    if (regular) {
      lateMaxMs = Math.max(lateMaxMs, nowMs - item.dueMs);
      const next = nextDue(item.dueMs, item.everyMs, nowMs);
      item.dueMs = next.dueMs;
      skipped += next.skipped;
    }
    item.extraMs = Number.POSITIVE_INFINITY;
    if (!item.busy) item.run(nowMs);
    else if (regular) skipped += 1;
  };

  const tick = () => {
    timer = null;
    const nowMs = clock.monotonic();
    for (const item of [...items]) {
      if (running && items.has(item)) runDue(item, nowMs);
    }
    arm();
  };

  return {
    add(item) {
      items.add(item);
      arm();
    },
    remove(item) {
      items.delete(item);
    },
    wake: arm,
    start() {
      const nowMs = clock.monotonic();
      for (const item of items) begin(item, nowMs);
      running = true;
      arm();
    },
    stop() {
      running = false;
      if (timer) clearTimeout(timer);
      timer = null;
    },
    figures: () => ({ skipped, lateMaxMs }),
  };
}
