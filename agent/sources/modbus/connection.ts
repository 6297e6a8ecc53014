import { createRequire } from 'node:module';
import type modbus from 'modbus-serial';
import type { Connection, ConnectionEvents, ConnectOptions } from './connect.ts';
import { NO_WRITES } from './fence.ts';
import { type Flight, lateFlights, newFlight } from './flight.ts';
import { createNonce, type Nonce } from './nonce.ts';
import { MOST_LATE } from './overtake.ts';
import { type Answer, newAnswer, OUTCOME, type Request } from './request.ts';
import { write } from './send.ts';
import { createPort, type Port } from './transport/port.ts';
import { silenceMs } from './transport/target.ts';

type Client = InstanceType<typeof modbus.default>;

interface State {
  options: ConnectOptions;
  events: ConnectionEvents;
  flights: Flight[];
  answer: Answer;
  port: Port;
  client: Client;
  flying: number;
  /** what the library said of the answer it was given */
  error: unknown;
  data: Uint8Array;
  closing: string | null;
  timer: NodeJS.Timeout | null;
  wakeMs: number;
  restTimer: NodeJS.Timeout | null;
  upTimer: NodeJS.Timeout | null;
  ready: boolean;
  /** the line must rest until then, monotonic ms */
  quietUntilMs: number;
  nonce: Nonce;
}

/** modbus-serial's client over a port of our own, for one connection. */
export function openConnection(options: ConnectOptions, events: ConnectionEvents): Connection {
  const s = newState(options, events);
  s.client.open(ignore);
  return {
    inFlight: () => s.flying,
    lateOnes: () => lateFlights(s.flights, s.options.clock.monotonic()),
    send: (request) => send(s, request),
    close(reason) {
      s.closing = reason;
      // Never `client.close` with a wait: it may not call back. The port's own close is immediate.
      s.port.close();
    },
  };
}

function newState(options: ConnectOptions, events: ConnectionEvents): State {
  const slots = options.depth + (options.overtake ? MOST_LATE : 0);
  const flights = Array.from({ length: slots }, newFlight);
  const port = createPort({
    ...options,
    tls: options.tls ?? {},
    fence: options.fence ?? NO_WRITES,
    trace: options.trace ?? null,
    patienceMs: options.patienceMs ?? 4000,
    slots,
    firstId: Math.floor(options.random() * 65_536),
    onUp: () => up(s),
    onLate: () => events.onLate(),
    onFenced: (slot) => settle(s, slot, OUTCOME.FENCED),
    onGarbled(slot, refused) {
      const { request, extra } = s.flights[slot] as Flight;
      if (refused && request !== null && extra > 0) s.nonce.refused(request);
      settle(s, slot, OUTCOME.GARBLED);
    },
    onAnswer: (slot) => settle(s, slot, outcomeOf(s, slot)),
    onDown(reason) {
      for (const timer of [s.timer, s.restTimer, s.upTimer]) if (timer) clearTimeout(timer);
      for (let slot = 0; slot < flights.length; slot += 1) settle(s, slot, OUTCOME.LINK);
      events.onDown(s.closing ?? reason);
    },
  });
  const s: State = {
    options,
    events,
    flights,
    answer: newAnswer(),
    port,
    client: new (library())(port),
    flying: 0,
    error: NOT_TOLD,
    data: NOTHING,
    closing: null,
    timer: null,
    wakeMs: Number.POSITIVE_INFINITY,
    restTimer: null,
    upTimer: null,
    ready: false,
    quietUntilMs: 0,
    nonce: createNonce(options.lengthNonce ?? 'after-timeout', port.suspects),
  };
  return s;
}

let loaded: typeof modbus.default | null = null;

/** Loaded with the first connection: its serial driver is native code. */
function library(): typeof modbus.default {
  loaded ??= createRequire(import.meta.url)('modbus-serial') as typeof modbus.default;
  return loaded;
}

const NOTHING = new Uint8Array(0);
const NOT_TOLD = new Error('the library did not call back');
const ignore = () => {};

function up(s: State): void {
  const pauseMs = s.options.pauseAfterConnectMs ?? 0;
  const begin = () => {
    s.ready = true;
    s.events.onUp();
  };
  if (pauseMs > 0) s.upTimer = setTimeout(begin, pauseMs);
  else begin();
}

function send(s: State, request: Request): boolean {
  const { port } = s;
  if (!s.ready || !port.isOpen) return false;
  const nowMs = s.options.clock.monotonic();
  const tooMany = s.flying - s.options.depth;
  const ahead = tooMany >= 0;
  if (ahead && lateFlights(s.flights, nowMs, request.unit) <= tooMany) return false;
  let extra = 0;
  if (port.suspects !== null) {
    extra = s.nonce.extra(request);
    const silence = port.activeMs + silenceMs(s.options.target);
    const restMs =
      Math.max(s.quietUntilMs, silence, extra < 0 ? port.suspects.untilMs() : 0) - nowMs;
    if (restMs > 0) {
      restLine(s, restMs);
      return false;
    }
  }
  const slot = port._transactionIdWrite;
  const flight = s.flights[slot] as Flight;
  flight.request = request;
  flight.sentMs = nowMs;
  flight.dueMs = nowMs + request.timeoutMs;
  flight.lateMs = nowMs + (s.options.overtake?.patienceMs() ?? Number.POSITIVE_INFINITY);
  flight.ahead = ahead;
  flight.extra = Math.max(0, extra);
  s.flying += 1;
  write(s.client, request, flight.extra, (failure, result) => {
    s.error = failure;
    s.data = result?.buffer ?? NOTHING;
  });
  wakeAt(s, Math.min(flight.lateMs, flight.dueMs), nowMs);
  return true;
}

function restLine(s: State, restMs: number): void {
  if (s.restTimer) return;
  s.restTimer = setTimeout(() => {
    s.restTimer = null;
    s.events.onReady();
  }, Math.ceil(restMs));
}

function settle(s: State, slot: number, outcome: number): void {
  const flight = s.flights[slot] as Flight;
  const { request } = flight;
  if (request === null) return;
  const { answer, port } = s;
  flight.request = null;
  s.flying -= 1;
  const nowMs = s.options.clock.monotonic();
  answer.outcome = outcome;
  answer.data = outcome === OUTCOME.DATA ? s.data : NOTHING;
  answer.received = outcome >= OUTCOME.DATA ? port.received : NOTHING;
  const roundTripMs = nowMs - flight.sentMs;
  answer.roundTripMs = roundTripMs;
  answer.middleMs = (nowMs + flight.sentMs) / 2;
  // Should the library ever not call back, the answer before must not be taken for this one.
  s.error = NOT_TOLD;
  s.data = NOTHING;
  if (port.suspects !== null && outcome < OUTCOME.DATA) {
    s.quietUntilMs = Math.max(port.activeMs, nowMs) + (s.options.quietMs ?? 50);
    port.reset();
  }
  if (outcome >= OUTCOME.DATA) s.options.overtake?.answered(roundTripMs);
  if (flight.ahead && outcome !== OUTCOME.LINK) s.options.overtake?.ended(outcome >= OUTCOME.DATA);
  request.done(answer);
  s.events.onSettled(request.unit, outcome, roundTripMs);
}

/** The library says exceptions as errors with `modbusCode`; any other error is a bad frame. */
function outcomeOf(s: State, slot: number): number {
  const flight = s.flights[slot] as Flight;
  const request = flight.request;
  if (s.error === null || s.error === undefined) {
    // Of function 23 the library gives numbers only.
    if (request?.code === 23) s.data = s.port.body.subarray(3);
    return OUTCOME.DATA;
  }
  const code = (s.error as { modbusCode?: unknown }).modbusCode;
  if (typeof code === 'number' && code > 0) {
    if (flight.extra === 0 || request === null || (code !== 2 && code !== 3)) return code;
    // It may have refused only the register more: ask for exactly what is wanted from now on.
    s.nonce.refused(request);
    return OUTCOME.TIMEOUT;
  }
  // The library does not know how to read this function's answer; the port has checked it.
  if (request?.code !== 24 || s.error !== NOT_TOLD) return OUTCOME.GARBLED;
  s.data = s.port.body.subarray(6);
  return OUTCOME.DATA;
}

function expire(s: State): void {
  s.timer = null;
  if (!s.port.isOpen) return;
  const nowMs = s.options.clock.monotonic();
  s.wakeMs = Number.POSITIVE_INFINITY;
  for (let slot = 0; slot < s.flights.length; slot += 1) {
    const flight = s.flights[slot] as Flight;
    if (flight.request === null || flight.dueMs > nowMs) continue;
    s.port.abandon(slot);
    settle(s, slot, OUTCOME.TIMEOUT);
  }
  for (const { request, lateMs, dueMs } of s.flights) {
    if (request !== null) wakeAt(s, lateMs > nowMs ? Math.min(lateMs, dueMs) : dueMs, nowMs);
  }
  if (lateFlights(s.flights, s.options.clock.monotonic()) > 0) s.events.onReady();
}

function wakeAt(s: State, dueMs: number, nowMs: number): void {
  if (!s.port.isOpen || (s.timer !== null && s.wakeMs <= dueMs)) return;
  if (s.timer) clearTimeout(s.timer);
  s.wakeMs = dueMs;
  // Answers that came while this thread was busy are read before anything is given up.
  s.timer = setTimeout(() => setImmediate(() => expire(s)), Math.max(1, Math.ceil(dueMs - nowMs)));
}
