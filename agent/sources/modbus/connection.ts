import modbus from 'modbus-serial';
import type { Clock } from '../../runtime/clock.ts';
import { FUNCTION_CODE, type Table } from './plan.ts';
import { mbapPort } from './port.ts';

/** How a request ended: 0 data, 1 to 255 the device's exception, below 0 no answer. */
export const OUTCOME = { DATA: 0, TIMEOUT: -1, LINK: -2, GARBLED: -3 } as const;

/** One answer. The same object every time and valid only during the call: copy what you keep. */
export interface Answer {
  outcome: number;
  /** data bytes of the answer */
  data: Uint8Array;
  /** the whole answer as received */
  received: Uint8Array;
  /** ms between sending and receiving, and the monotonic time in the middle of the two */
  roundTripMs: number;
  middleMs: number;
}

/** A read request; made once and used for every poll. */
export interface Request {
  unit: number;
  table: Table;
  address: number;
  length: number;
  timeoutMs: number;
  done(answer: Answer): void;
}

/** One connection from its opening to its end. Never used again afterwards. */
export interface Connection {
  /** false when nothing more can be sent now */
  send(request: Request): boolean;
  inFlight(): number;
  /** ends it at once; requests under way end with LINK */
  close(reason: string): void;
}

interface ConnectionEvents {
  onUp(): void;
  onDown(reason: string): void;
  onLate(): void;
  /** a request ended, told after its own `done` */
  onSettled(unit: number, outcome: number, roundTripMs: number): void;
}

/** Opens a connection: the seam behind which other transports would stand. */
export type Connect = (events: ConnectionEvents) => Connection;

export interface TcpOptions {
  host: string;
  port: number;
  connectTimeoutMs: number;
  depth: number;
  clock: Clock;
  random: () => number;
}

interface Flight {
  request: Request | null;
  sentMs: number;
  dueMs: number;
}

type Client = InstanceType<typeof modbus.default>;
type LibraryCallback = (error: unknown, result: { buffer: Uint8Array } | undefined) => void;

/** Modbus TCP: modbus-serial's client over a port of our own, a new one for every connection. */
export function tcpConnect(options: TcpOptions): Connect {
  return (events) => openConnection(options, events);
}

function openConnection(options: TcpOptions, events: ConnectionEvents): Connection {
  const { clock, depth } = options;
  const flights: Flight[] = Array.from({ length: depth }, () => ({
    request: null,
    sentMs: 0,
    dueMs: 0,
  }));
  const answer: Answer = newAnswer();
  let flying = 0;
  let error: unknown = NOT_TOLD;
  let data: Uint8Array = NOTHING;
  let closing: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let wakeMs = Number.POSITIVE_INFINITY;

  const settle = (slot: number, outcome: number) => {
    const flight = flights[slot] as Flight;
    const request = flight.request;
    if (request === null) return;
    flight.request = null;
    flying -= 1;
    const nowMs = clock.monotonic();
    answer.outcome = outcome;
    answer.data = outcome === OUTCOME.DATA ? data : NOTHING;
    answer.received = outcome >= OUTCOME.DATA ? port.received : NOTHING;
    const roundTripMs = nowMs - flight.sentMs;
    answer.roundTripMs = roundTripMs;
    answer.middleMs = (nowMs + flight.sentMs) / 2;
    // Should the library ever not call back, the answer before must not be taken for this one.
    error = NOT_TOLD;
    data = NOTHING;
    request.done(answer);
    events.onSettled(request.unit, outcome, roundTripMs);
  };

  const port = mbapPort({
    ...options,
    slots: depth,
    firstId: Math.floor(options.random() * 65_536),
    onUp: events.onUp,
    onLate: events.onLate,
    onGarbled: (slot) => settle(slot, OUTCOME.GARBLED),
    onAnswer: (slot) => settle(slot, outcomeOf(error)),
    onDown(reason) {
      if (timer) clearTimeout(timer);
      for (let slot = 0; slot < depth; slot += 1) settle(slot, OUTCOME.LINK);
      events.onDown(closing ?? reason);
    },
  });
  const client = new modbus.default(port);
  const remember: LibraryCallback = (failure, result) => {
    error = failure;
    data = result?.buffer ?? NOTHING;
  };

  const expire = () => {
    timer = null;
    const nowMs = clock.monotonic();
    wakeMs = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < depth; slot += 1) {
      const flight = flights[slot] as Flight;
      if (flight.request === null) continue;
      if (flight.dueMs <= nowMs) {
        port.abandon(slot);
        settle(slot, OUTCOME.TIMEOUT);
      }
    }
    for (const flight of flights) if (flight.request !== null) wakeAt(flight.dueMs, nowMs);
  };
  const wakeAt = (dueMs: number, nowMs: number) => {
    if (!port.isOpen || (timer !== null && wakeMs <= dueMs)) return;
    if (timer) clearTimeout(timer);
    wakeMs = dueMs;
    timer = setTimeout(expire, Math.max(1, Math.ceil(dueMs - nowMs)));
  };

  client.open(ignore);
  return {
    inFlight: () => flying,
    send(request) {
      if (!port.isOpen || flying >= depth) return false;
      const slot = port._transactionIdWrite;
      const flight = flights[slot] as Flight;
      flight.request = request;
      flight.sentMs = clock.monotonic();
      flight.dueMs = flight.sentMs + request.timeoutMs;
      flying += 1;
      write(client, request, remember);
      wakeAt(flight.dueMs, flight.sentMs);
      return true;
    },
    close(reason) {
      closing = reason;
      // Never `client.close` with a wait: it may not call back. The port's own close is immediate.
      port.close();
    },
  };
}

const NOTHING = new Uint8Array(0);
const NOT_TOLD = new Error('the library did not call back');
const ignore = () => {};

function newAnswer(): Answer {
  return { outcome: 0, data: NOTHING, received: NOTHING, roundTripMs: 0, middleMs: 0 };
}

function write(client: Client, r: Request, callback: LibraryCallback): void {
  const next = callback as Parameters<Client['writeFC3']>[3] & LibraryCallback;
  switch (FUNCTION_CODE[r.table]) {
    case 1:
      client.writeFC1(r.unit, r.address, r.length, next as never);
      break;
    case 2:
      client.writeFC2(r.unit, r.address, r.length, next as never);
      break;
    case 3:
      client.writeFC3(r.unit, r.address, r.length, next);
      break;
    case 4:
      client.writeFC4(r.unit, r.address, r.length, next);
      break;
  }
}

/** The library says exceptions as errors with `modbusCode`; any other error is a bad frame. */
function outcomeOf(error: unknown): number {
  if (error === null || error === undefined) return OUTCOME.DATA;
  const code = (error as { modbusCode?: unknown }).modbusCode;
  return typeof code === 'number' && code > 0 ? code : OUTCOME.GARBLED;
}
