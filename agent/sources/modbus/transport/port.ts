import { EventEmitter } from 'node:events';
import { crc16 } from './crc16.ts';
import { type Frames, NO_ID } from './frames.ts';
import { framesFor } from './framing.ts';
import { judge, NOBODY, newSlot, remember, type Slot } from './match.ts';
import { openWire } from './open.ts';
import type { PortOptions } from './port-options.ts';
import { createSuspects, type Suspects } from './suspects.ts';
import { isAnonymous } from './target.ts';
import type { Wire, WireEvents } from './wire.ts';

/**
 * A port as modbus-serial's client wants one (open, close, write, isOpen, 'data' and the two
 * transaction ids), over a line of our own. What it does beyond the library's ports: 16-bit ids on
 * the wire, a deadline for the connection, every header, checksum, unit, function and length
 * checked, answers that nobody waits for dropped, frames split or joined handled, and the end of a
 * connection always told. The library sees small slot numbers instead of the ids.
 */
export interface Port extends EventEmitter {
  isOpen: boolean;
  /** slot of the answer in 'data'; set before the event */
  _transactionIdRead: number;
  /** slot the next `write` will use */
  _transactionIdWrite: number;
  open(callback: (error?: Error | null) => void): void;
  close(callback?: (error?: Error | null) => void): void;
  /** a request as the library codes it: unit, PDU, CRC */
  write(frame: Buffer): void;
  /** the answer just handed over: as received, and its unit and PDU; valid during 'data' */
  received: Uint8Array;
  body: Uint8Array;
  /** forgets a request: its answer, should it still come, is dropped and counted */
  abandon(slot: number): void;
  /** drops what was received of an unfinished frame */
  reset(): void;
  /** monotonic time of the newest byte in either direction */
  activeMs: number;
  suspects: Suspects | null;
}

const MAX_FRAME = 256;

interface State {
  port: Port;
  options: PortOptions;
  wire: Wire | null;
  frames: Frames;
  slots: Slot[];
  free: number[];
  nextId: number;
  frame: Buffer;
  /** what is written while an answer is handled leaves in one piece */
  held: Buffer[] | null;
  down: boolean;
}

/** Makes a port for one connection. Nothing happens before `open`. */
export function createPort(options: PortOptions): Port {
  const { slots, firstId, target, clock, patienceMs } = options;
  const port: Port = Object.assign(new EventEmitter(), {
    isOpen: false,
    received: EMPTY,
    body: EMPTY,
    activeMs: 0,
    suspects: isAnonymous(target) ? createSuspects(clock, patienceMs) : null,
    _transactionIdRead: 0,
    _transactionIdWrite: 0,
    open: (callback: (error?: Error | null) => void) => open(s, callback),
    close(callback?: (error?: Error | null) => void) {
      goDown(s, 'closed');
      callback?.();
    },
    write: (frame: Buffer) => write(s, frame),
    abandon(slot: number) {
      const waiting = s.slots[slot];
      if (waiting && waiting.id !== NOBODY) port.suspects?.add(waiting);
      release(s, slot);
    },
    reset: () => s.frames.reset(),
  });
  const s: State = {
    port,
    options,
    wire: null,
    frames: framesFor(target, {
      frame: (id, body, adu) => taken(s, id, body, adu),
      damaged: () => damaged(s),
      lost: (reason) => goDown(s, reason),
      expects: (unit, code, id = NO_ID) => expects(s, unit, code, id),
    }),
    slots: Array.from({ length: slots }, newSlot),
    free: Array.from({ length: slots }, (_, i) => i),
    nextId: firstId & 0xffff,
    frame: Buffer.alloc(MAX_FRAME),
    held: null,
    down: false,
  };
  return port;
}

function open(s: State, callback: (error?: Error | null) => void): void {
  const { port, options } = s;
  const over = (reason: string) => {
    clearTimeout(deadline);
    const early = !port.isOpen && !s.down;
    goDown(s, reason);
    if (early) callback(new Error(reason));
  };
  const deadline = setTimeout(() => {
    over(`no connection within ${options.connectTimeoutMs} ms`);
  }, options.connectTimeoutMs);
  const events: WireEvents = {
    onDown: over,
    onData: (chunk) => receive(s, chunk),
    onUp() {
      clearTimeout(deadline);
      if (s.down) return;
      port.isOpen = true;
      callback(null);
      // The library counts ids from 1 and sets both to it when it opened the port.
      port._transactionIdWrite = s.free.at(-1) ?? 0;
      options.onUp();
    },
  };
  s.wire = openWire(options.target, options.tls, events, options.clock.now, options.dial);
}

function goDown(s: State, reason: string): void {
  if (s.down) return;
  s.down = true;
  s.port.isOpen = false;
  s.wire?.destroy();
  s.options.onDown(reason);
}

function write(s: State, frame: Buffer): void {
  const { port } = s;
  const slot = s.free.at(-1);
  if (slot === undefined || slot !== port._transactionIdWrite) {
    throw new Error('more requests under way than the port has slots');
  }
  if (!s.options.fence.allows(frame)) {
    s.options.onFenced(slot);
    return;
  }
  s.free.pop();
  const waiting = s.slots[slot] as Slot;
  const anonymous = port.suspects !== null;
  remember(waiting, anonymous ? NO_ID : s.nextId, frame);
  const adu = s.frames.wrap(s.nextId, frame);
  s.nextId = (s.nextId + 1) & 0xffff;
  port._transactionIdWrite = s.free.at(-1) ?? 0;
  if (anonymous) s.frames.reset();
  if (s.held) s.held.push(adu);
  else send(s, adu);
}

function send(s: State, adu: Buffer): void {
  s.port.activeMs = s.options.clock.monotonic();
  s.options.trace?.sent(s.port.activeMs, adu);
  s.wire?.write(adu);
}

function release(s: State, slot: number): void {
  const waiting = s.slots[slot];
  if (!waiting || waiting.id === NOBODY) return;
  waiting.id = NOBODY;
  s.free.push(slot);
  s.port._transactionIdWrite = slot;
}

function receive(s: State, chunk: Buffer): void {
  if (s.down) return;
  s.port.activeMs = s.options.clock.monotonic();
  s.options.trace?.received(s.port.activeMs, chunk);
  const held: Buffer[] = [];
  s.held = held;
  s.frames.take(chunk);
  s.held = null;
  if (s.down || held.length === 0) return;
  send(s, held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held));
}

const EMPTY = Buffer.alloc(0);

function expects(s: State, unit: number, code: number, id: number): boolean {
  for (const slot of s.slots) {
    if (slot.id === NOBODY || slot.unit !== unit || slot.code !== code) continue;
    if (id === NO_ID || slot.id === id) return true;
  }
  return s.port.suspects?.begins(unit, code) ?? false;
}

/** Handles one whole frame: finds who waits for it, checks that it answers that, hands it over. */
function taken(s: State, id: number, body: Buffer, adu: Buffer): void {
  const { port, options, slots } = s;
  let slot = 0;
  while (slot < slots.length && slots[slot]?.id !== id) slot += 1;
  const waiting = slots[slot];
  const verdict = judge(waiting, port.suspects, body);
  if (waiting === undefined || verdict === 'late') {
    options.onLate();
    return;
  }
  release(s, slot);
  if (verdict === 'garbled') {
    options.onGarbled(slot, (body[1] as number) > 0x7f && (body[2] === 2 || body[2] === 3));
    return;
  }
  const size = body.length;
  body.copy(s.frame);
  const crc = crc16(s.frame, size);
  s.frame[size] = crc & 0xff;
  s.frame[size + 1] = crc >> 8;
  port.received = adu;
  port.body = body;
  port._transactionIdRead = slot;
  port.emit('data', s.frame.subarray(0, size + 2));
  options.onAnswer(slot);
}

function damaged(s: State): void {
  const slot = s.slots.findIndex((one) => one.id !== NOBODY);
  if (slot < 0) {
    s.options.onLate();
    return;
  }
  // Its answer came, damaged, unless this was a late one: then its own may still come.
  const { unit, code } = s.slots[slot] as Slot;
  if (s.port.suspects?.begins(unit, code)) s.port.suspects.alike(s.slots[slot] as Slot);
  release(s, slot);
  s.options.onGarbled(slot, false);
}
