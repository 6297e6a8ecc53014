import type { Clock } from '../../agent/runtime/clock.ts';

/**
 * Simulated time beneath everything, libraries included: `setTimeout` and its family, `Date.now`
 * and `performance.now` are dispatchers that ask the running simulation, or Node when none runs.
 * Import this file before the code under test, because libraries keep the timers they first see.
 */
export interface SimTime {
  /** true time, ms since the simulation began; what the monotonic clock shows */
  now(): number;
  /** what the wall clock shows, after all its steps */
  wall(): number;
  stepWall(ms: number): void;
  after(delayMs: number, work: () => void): Handle;
  /** timers set inside belong to this owner, and end with it */
  own<T>(owner: number, work: () => T): T;
  owner(): number;
  /** the owner is dead: none of its timers fires any more */
  end(owner: number): void;
  /** lets everything happen up to this time */
  runTo(ms: number): Promise<void>;
  /** ends the simulation and gives the clock back to Node */
  close(): void;
  clock: Clock;
  events(): number;
}

interface Handle {
  at: number;
  order: number;
  owner: number;
  everyMs: number | null;
  work: (() => void) | null;
  ref(): Handle;
  unref(): Handle;
  hasRef(): boolean;
  refresh(): never;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  dateNow: Date.now,
  performanceNow: performance.now.bind(performance),
};

/** Streams wait for a few next ticks in a row at most. */
const NEXT_TICKS = 4;
const TURN_EVERY = 64;

interface Running {
  now: number;
  wallOffset: number;
  owner: number;
  order: number;
  dead: Set<number>;
  heap: Handle[];
  events: number;
  coarseMs: number;
}

let running: Running | null = null;
install();

/**
 * Begins a simulation at this wall time; only one can run in a thread. `coarseMs` is the shortest
 * interval: who looks four times a second whether something is due may look less often.
 */
export function startTime(wallMs: number, coarseMs = 1): SimTime {
  if (running !== null) throw new Error('a simulation runs already');
  const s: Running = {
    now: 0,
    wallOffset: wallMs,
    owner: 0,
    order: 0,
    dead: new Set(),
    heap: [],
    events: 0,
    coarseMs,
  };
  running = s;
  const clock = { now: () => Math.floor(s.now + s.wallOffset), monotonic: () => s.now };
  return {
    now: () => s.now,
    wall: clock.now,
    stepWall(ms) {
      s.wallOffset += ms;
    },
    after: (delayMs, work) => schedule(s, delayMs, null, work),
    own(owner, work) {
      const before = s.owner;
      s.owner = owner;
      try {
        return work();
      } finally {
        s.owner = before;
      }
    },
    owner: () => s.owner,
    end: (owner) => void s.dead.add(owner),
    runTo: (ms) => runTo(s, ms),
    close() {
      running = null;
    },
    clock,
    events: () => s.events,
  };
}

async function runTo(s: Running, ms: number): Promise<void> {
  await settled(s);
  while ((s.heap[0]?.at ?? Number.POSITIVE_INFINITY) <= ms) {
    const next = pop(s.heap) as Handle;
    if (next.work === null || s.dead.has(next.owner)) continue;
    s.now = Math.max(s.now, next.at);
    s.owner = next.owner;
    s.events += 1;
    const { work } = next;
    if (next.everyMs === null) next.work = null;
    else {
      next.at = s.now + next.everyMs;
      next.order = s.order++;
      push(s.heap, next);
    }
    work();
    await settled(s);
    s.owner = 0;
  }
  s.now = Math.max(s.now, ms);
}

/** Until no promise and no next tick waits any more; now and then Node itself has its turn. */
async function settled(s: Running): Promise<void> {
  if (s.events % TURN_EVERY === 0) {
    await new Promise((resolve) => real.setImmediate(resolve));
    return;
  }
  for (let i = 0; i < NEXT_TICKS; i += 1) {
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
}

function schedule(s: Running, delayMs: number, everyMs: number | null, work: () => void): Handle {
  const handle: Handle = {
    at: s.now + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0),
    order: s.order++,
    owner: s.owner,
    everyMs,
    work,
    ref: () => handle,
    unref: () => handle,
    hasRef: () => true,
    refresh() {
      throw new Error('timer.refresh() is not simulated');
    },
  };
  if (!s.dead.has(s.owner)) push(s.heap, handle);
  return handle;
}

function cancel(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'work' in handle) handle.work = null;
}

const before = (a: Handle, b: Handle) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Handle[], handle: Handle): void {
  let at = heap.length;
  heap.push(handle);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Handle;
    if (!before(handle, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = handle;
}

function pop(heap: Handle[]): Handle | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, heap[child] as Handle)) child += 1;
    if (!before(heap[child] as Handle, last)) break;
    heap[at] = heap[child] as Handle;
    at = child;
  }
  heap[at] = last;
  return top;
}

/** Node's timers count whole milliseconds, and one at least. */
const whole = (ms: number) => (ms >= 1 ? Math.trunc(ms) : 1);

type Work = (...args: unknown[]) => void;

function install(): void {
  const timer =
    (fallback: unknown, repeat: boolean) =>
    (work: Work, ms = 0, ...args: unknown[]) =>
      running === null
        ? (fallback as (...all: unknown[]) => unknown)(work, ms, ...args)
        : schedule(running, whole(ms), repeat ? Math.max(running.coarseMs, whole(ms)) : null, () =>
            work(...args),
          );
  const clear = (fallback: unknown) => (handle: unknown) => {
    if (running === null || !(typeof handle === 'object' && handle !== null && 'work' in handle)) {
      (fallback as (h: unknown) => void)(handle);
    } else cancel(handle);
  };
  Object.assign(globalThis, {
    setTimeout: timer(real.setTimeout, false),
    setInterval: timer(real.setInterval, true),
    setImmediate: (work: Work, ...args: unknown[]) =>
      running === null
        ? real.setImmediate(work, ...args)
        : schedule(running, 0, null, () => work(...args)),
    clearTimeout: clear(real.clearTimeout),
    clearInterval: clear(real.clearInterval),
    clearImmediate: clear(real.clearImmediate),
  });
  Date.now = () =>
    running === null ? real.dateNow() : Math.floor(running.now + running.wallOffset);
  performance.now = () => (running === null ? real.performanceNow() : running.now);
}
