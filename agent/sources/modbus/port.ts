import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { crc16 } from './crc16.ts';

/**
 * A Modbus TCP port as modbus-serial's client wants one (open, close, write, isOpen, 'data' and
 * the two transaction ids), over a socket of our own. What it does beyond the library's port:
 * 16-bit transaction ids on the wire, a deadline for the connection, every header checked, answers
 * that nobody waits for dropped, frames split or joined by TCP handled, and the end of a
 * connection always told. The library sees small slot numbers instead of the ids, so that it
 * remembers as many requests as may be under way and no more.
 */
export interface MbapPort extends EventEmitter {
  isOpen: boolean;
  /** slot of the answer in 'data'; set before the event */
  _transactionIdRead: number;
  /** slot the next `write` will use */
  _transactionIdWrite: number;
  open(callback: (error?: Error | null) => void): void;
  close(callback?: (error?: Error | null) => void): void;
  /** a request as the library codes it: unit, PDU, CRC */
  write(frame: Buffer): void;
  /** the answer just handed over, as received, MBAP header included; valid during 'data' */
  received: Uint8Array;
  /** forgets a request: its answer, should it still come, is dropped and counted */
  abandon(slot: number): void;
}

export interface PortOptions {
  host: string;
  port: number;
  connectTimeoutMs: number;
  slots: number;
  /** first transaction id: by chance, so that two connections do not use the same ones */
  firstId: number;
  /** the connection stands and requests may be written */
  onUp(): void;
  /** the library was given the answer of this slot and has called back */
  onAnswer(slot: number): void;
  /** an answer to this request that is not one: wrong unit, function or length */
  onGarbled(slot: number): void;
  /** an answer nobody waits for: too late, or to another's request */
  onLate(): void;
  /** the connection is over (told once, also when it never began) */
  onDown(reason: string): void;
}

const HEADER = 7;
const NOBODY = -1;
/** Longest ADU Modbus TCP allows. */
const MAX_ADU = 260;

interface Slot {
  id: number;
  unit: number;
  code: number;
  /** data bytes the answer must announce; -1 for function codes that do not announce them */
  bytes: number;
}

interface State {
  socket: Socket;
  slots: Slot[];
  free: number[];
  nextId: number;
  rest: Buffer;
  frame: Buffer;
  /** requests written while an answer is handled leave in one piece */
  held: Buffer[] | null;
  down: boolean;
}

export function mbapPort(options: PortOptions): MbapPort {
  const state = newState(options);
  const emitter: EventEmitter = new EventEmitter();
  const port: MbapPort = Object.assign(emitter, {
    isOpen: false,
    received: new Uint8Array(0),
    _transactionIdRead: 0,
    _transactionIdWrite: 0,
    open: (callback: (error?: Error | null) => void) => open(port, state, options, callback),
    close(callback?: (error?: Error | null) => void) {
      goDown(port, state, options, 'closed');
      callback?.();
    },
    write: (frame: Buffer) => write(port, state, frame),
    abandon: (slot: number) => release(port, state, slot),
  });
  return port;
}

function newState({ slots, firstId }: PortOptions): State {
  return {
    socket: new Socket(),
    slots: Array.from({ length: slots }, () => ({ id: NOBODY, unit: 0, code: 0, bytes: 0 })),
    free: Array.from({ length: slots }, (_, i) => i),
    nextId: firstId & 0xffff,
    rest: Buffer.alloc(0),
    frame: Buffer.alloc(MAX_ADU + 2),
    held: null,
    down: false,
  };
}

function open(
  port: MbapPort,
  state: State,
  options: PortOptions,
  callback: (error?: Error | null) => void,
): void {
  const { socket } = state;
  const over = (reason: string) => {
    clearTimeout(deadline);
    const early = !port.isOpen && !state.down;
    goDown(port, state, options, reason);
    if (early) callback(new Error(reason));
  };
  const deadline = setTimeout(() => {
    over(`no connection within ${options.connectTimeoutMs} ms`);
  }, options.connectTimeoutMs);
  let failure = 'the other side closed the connection';
  socket.on('error', (error: Error) => {
    failure = error.message === '' ? 'connection failed' : error.message;
  });
  socket.on('end', () => over('the other side closed the connection'));
  socket.on('close', () => over(failure));
  socket.on('data', (chunk: Buffer) => receive(port, state, options, chunk));
  socket.on('connect', () => {
    clearTimeout(deadline);
    if (state.down) return;
    socket.setNoDelay(true);
    port.isOpen = true;
    callback(null);
    // The library counts ids from 1 and sets both to it when it opened the port.
    port._transactionIdWrite = state.free.at(-1) ?? 0;
    options.onUp();
  });
  socket.connect({ host: options.host, port: options.port });
}

function goDown(port: MbapPort, state: State, options: PortOptions, reason: string): void {
  if (state.down) return;
  state.down = true;
  port.isOpen = false;
  state.socket.destroy();
  options.onDown(reason);
}

function write(port: MbapPort, state: State, frame: Buffer): void {
  const slot = state.free.pop();
  if (slot === undefined || slot !== port._transactionIdWrite) {
    throw new Error('more requests under way than the port has slots');
  }
  const waiting = state.slots[slot] as Slot;
  const code = frame[1] as number;
  const length = frame.readUInt16BE(4);
  waiting.id = state.nextId;
  waiting.unit = frame[0] as number;
  waiting.code = code;
  waiting.bytes = code > 4 ? -1 : code > 2 ? 2 * length : (length + 7) >> 3;
  const size = frame.length - 2;
  const adu = Buffer.allocUnsafe(6 + size);
  adu.writeUInt16BE(state.nextId, 0);
  adu.writeUInt16BE(0, 2);
  adu.writeUInt16BE(size, 4);
  frame.copy(adu, 6, 0, size);
  state.nextId = (state.nextId + 1) & 0xffff;
  port._transactionIdWrite = state.free.at(-1) ?? 0;
  if (state.held) state.held.push(adu);
  else state.socket.write(adu);
}

function release(port: MbapPort, state: State, slot: number): void {
  const waiting = state.slots[slot];
  if (!waiting || waiting.id === NOBODY) return;
  waiting.id = NOBODY;
  state.free.push(slot);
  port._transactionIdWrite = slot;
}

function receive(port: MbapPort, state: State, options: PortOptions, chunk: Buffer): void {
  if (state.down) return;
  const bytes = state.rest.length > 0 ? Buffer.concat([state.rest, chunk]) : chunk;
  const held: Buffer[] = [];
  state.held = held;
  let at = 0;
  while (!state.down && bytes.length - at >= HEADER) {
    const length = bytes.readUInt16BE(at + 4);
    if (bytes.readUInt16BE(at + 2) !== 0 || length < 2 || length > 254) {
      // From here on nothing tells where a frame begins: only a new connection helps.
      goDown(port, state, options, 'answer with a corrupt header');
      break;
    }
    if (bytes.length - at < 6 + length) break;
    take(port, state, options, bytes.subarray(at, at + 6 + length));
    at += 6 + length;
  }
  state.held = null;
  if (state.down) return;
  // A copy, because the rest may be a few bytes of a large chunk.
  state.rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : EMPTY;
  if (held.length > 0)
    state.socket.write(held.length === 1 ? (held[0] ?? EMPTY) : Buffer.concat(held));
}

const EMPTY = Buffer.alloc(0);

/** Handles one whole frame: finds who waits for it, checks that it answers that, hands it over. */
function take(port: MbapPort, state: State, options: PortOptions, adu: Buffer): void {
  const id = adu.readUInt16BE(0);
  let slot = 0;
  while (slot < state.slots.length && state.slots[slot]?.id !== id) slot += 1;
  const waiting = state.slots[slot];
  if (waiting === undefined) {
    options.onLate();
    return;
  }
  const fits = answers(waiting, adu);
  release(port, state, slot);
  if (!fits) {
    options.onGarbled(slot);
    return;
  }
  const size = adu.length - 6;
  adu.copy(state.frame, 0, 6);
  const crc = crc16(state.frame, size);
  state.frame[size] = crc & 0xff;
  state.frame[size + 1] = crc >> 8;
  port.received = adu;
  port._transactionIdRead = slot;
  port.emit('data', state.frame.subarray(0, size + 2));
  options.onAnswer(slot);
}

function answers(waiting: Slot, adu: Buffer): boolean {
  const size = adu.length;
  const code = adu[7] as number;
  if (adu[6] !== waiting.unit) return false;
  if (code === (waiting.code | 0x80)) return size === HEADER + 2;
  if (code !== waiting.code) return false;
  if (waiting.bytes < 0) return true;
  return adu[8] === waiting.bytes && size === HEADER + 2 + waiting.bytes;
}
