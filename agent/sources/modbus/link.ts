import { backoff } from '../../runtime/retry.ts';
import type { Connect, Connection } from './connect.ts';
import { type Answer, newAnswer, OUTCOME, type Request } from './request.ts';

/** What a link counts; the console and the log show it under these names. */
interface LinkCounters {
  requests: number;
  timeouts: number;
  exceptions: number;
  garbled: number;
  lateFrames: number;
  connections: number;
  connectionsLost: number;
  roundTripMs: number;
  roundTripMaxMs: number;
}

export interface LinkOptions {
  connect: Connect;
  depth: number;
  pauseBetweenMs: number;
  /**
   * Units of this set gave no answer: asks one that should. False when there is none left to ask;
   * then the link itself is at fault.
   */
  askOthers(silent: ReadonlySet<number>): boolean;
  onUp(): void;
  /** no connection, and why; `first` in this outage */
  onDown(reason: string, first: boolean): void;
  random: () => number;
}

/** One host and port: one queue of requests over one connection at a time. */
export interface Link {
  start(): void;
  stop(): void;
  isUp(): boolean;
  /** queues a request; it ends with LINK at once when there is no connection */
  submit(request: Request): void;
  counters: LinkCounters;
  exceptionsByCode: ReadonlyMap<number, number>;
}

/** First and longest wait before a new connection is tried. */
const RECONNECT = { firstMs: 200, maxMs: 30_000 };
/**
 * A connection that had worked is made again after this much at most, because all units wait; so is
 * the next one, when the same fault hits it before its first answer.
 */
const AT_ONCE_MS = 2;
const AT_ONCE_TIMES = 2;
/** Requests in a row without a sound answer before the connection itself is suspected. */
const SUSPECT_AFTER = 2;

interface State {
  connection: Connection | null;
  up: boolean;
  stopped: boolean;
  outage: boolean;
  /** connections that may be made again at once; an answer gives them back */
  atOnce: number;
  queue: Request[];
  head: number;
  timer: NodeJS.Timeout | null;
  restTimer: NodeJS.Timeout | null;
  silentUnits: Set<number>;
  silentInRow: number;
}

export function createLink(options: LinkOptions): Link {
  const s: State = {
    connection: null,
    up: false,
    stopped: true,
    outage: false,
    atOnce: 0,
    queue: [],
    head: 0,
    timer: null,
    restTimer: null,
    silentUnits: new Set(),
    silentInRow: 0,
  };
  const counters = newCounters();
  const byCode = new Map<number, number>();
  const wait = backoff({ ...RECONNECT, random: options.random });

  const open = () => {
    s.timer = null;
    s.silentUnits.clear();
    s.silentInRow = 0;
    s.connection = options.connect({
      onUp() {
        s.up = true;
        s.outage = false;
        counters.connections += 1;
        options.onUp();
        pump(s, options);
      },
      onDown: (reason) => down(reason),
      onReady: () => pump(s, options),
      onLate() {
        counters.lateFrames += 1;
      },
      onSettled(unit, outcome, roundTripMs) {
        count(counters, byCode, outcome, roundTripMs);
        if (outcome >= OUTCOME.DATA) {
          s.atOnce = AT_ONCE_TIMES;
          wait.reset();
        }
        judge(s, options, unit, outcome);
        if (options.pauseBetweenMs > 0) rest(s, options);
        pump(s, options);
      },
    });
  };

  const down = (reason: string) => {
    if (s.up) counters.connectionsLost += 1;
    const again = s.up && s.atOnce > 0;
    s.connection = null;
    s.up = false;
    failQueue(s);
    if (s.stopped) return;
    const first = !s.outage;
    s.outage = true;
    options.onDown(reason, first);
    s.timer = setTimeout(open, again ? AT_ONCE_MS * options.random() : wait.next());
    s.atOnce -= 1;
  };

  return {
    counters,
    exceptionsByCode: byCode,
    isUp: () => s.up,
    start() {
      if (!s.stopped) return;
      s.stopped = false;
      open();
    },
    stop() {
      s.stopped = true;
      if (s.timer) clearTimeout(s.timer);
      if (s.restTimer) clearTimeout(s.restTimer);
      s.connection?.close('stopped');
      failQueue(s);
    },
    submit(request) {
      s.queue.push(request);
      pump(s, options);
    },
  };
}

function newCounters(): LinkCounters {
  return {
    requests: 0,
    timeouts: 0,
    exceptions: 0,
    garbled: 0,
    lateFrames: 0,
    connections: 0,
    connectionsLost: 0,
    roundTripMs: 0,
    roundTripMaxMs: 0,
  };
}

function count(c: LinkCounters, byCode: Map<number, number>, outcome: number, ms: number): void {
  c.requests += 1;
  if (outcome === OUTCOME.TIMEOUT) c.timeouts += 1;
  else if (outcome === OUTCOME.GARBLED) c.garbled += 1;
  else if (outcome >= OUTCOME.DATA) {
    // Smoothed like TCP does it (RFC 6298, 1/8 of the newest).
    c.roundTripMs = c.roundTripMs === 0 ? ms : c.roundTripMs + (ms - c.roundTripMs) / 8;
    c.roundTripMaxMs = Math.max(c.roundTripMaxMs, ms);
  }
  if (outcome > OUTCOME.DATA) {
    c.exceptions += 1;
    byCode.set(outcome, (byCode.get(outcome) ?? 0) + 1);
  }
}

/**
 * A silent unit is not a broken connection: others behind the same gateway may be well, so they are
 * asked. Only when nobody who should answer does, the connection is given up for a new one.
 */
function judge(s: State, options: LinkOptions, unit: number, outcome: number): void {
  if (outcome === OUTCOME.LINK || outcome === OUTCOME.FENCED) return;
  if (outcome >= OUTCOME.DATA) {
    s.silentInRow = 0;
    if (s.silentUnits.size > 0) s.silentUnits.clear();
    return;
  }
  s.silentInRow += 1;
  s.silentUnits.add(unit);
  if (s.silentInRow < SUSPECT_AFTER || options.askOthers(s.silentUnits)) return;
  s.connection?.close(
    outcome === OUTCOME.TIMEOUT ? 'connected, but no answers' : 'answers that fit no request',
  );
}

function rest(s: State, options: LinkOptions): void {
  if (s.restTimer) return;
  s.restTimer = setTimeout(() => {
    s.restTimer = null;
    pump(s, options);
  }, options.pauseBetweenMs);
}

function pump(s: State, options: LinkOptions): void {
  if (!s.up) {
    failQueue(s);
    return;
  }
  if (s.restTimer !== null) return;
  while (s.head < s.queue.length) {
    const request = s.queue[s.head] as Request;
    if (!s.connection?.send(request)) break;
    s.head += 1;
    if (options.pauseBetweenMs > 0) break;
  }
  if (s.head < s.queue.length && s.connection?.lateOnes()) goAhead(s, options);
  if (s.head === s.queue.length) {
    s.queue.length = 0;
    s.head = 0;
  }
}

/** The first in the queue waits for a unit that is late: those of other units go ahead of it. */
function goAhead(s: State, options: LinkOptions): void {
  for (let i = s.head + 1; i < s.queue.length; i += 1) {
    if (!s.connection?.send(s.queue[i] as Request)) continue;
    s.queue.splice(i, 1);
    i -= 1;
    if (options.pauseBetweenMs > 0) return;
  }
}

/** Ends whatever waits; a bounded number, because every block has one request at most. */
function failQueue(s: State): void {
  const waiting = s.queue.slice(s.head);
  s.queue.length = 0;
  s.head = 0;
  for (const request of waiting) request.done(NO_LINK);
}

const NO_LINK: Answer = { ...newAnswer(), outcome: OUTCOME.LINK };
