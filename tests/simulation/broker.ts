import { publishPacket } from '../support/mqtt-bytes.ts';
import type { Peer, Server } from './network.ts';
import type { Trace } from './trace.ts';

export interface Message {
  topic: string;
  payload: string;
  retain?: boolean;
}

/** An MQTT 5 broker for one subscriber: a session, a queue, redelivery, forgetting. */
export interface Broker extends Server {
  /** takes a message over; false: the broker is off and the sender keeps it */
  publish(message: Message): boolean;
  /** off for so long; `forget`: what it held was only in memory */
  stop(forget: boolean): void;
  start(): void;
  waiting(): number;
  /** messages it had taken over and forgot */
  forgotten: Set<string>;
  /** payloads that the subscriber acknowledged */
  acknowledged: Set<string>;
}

interface State {
  on: boolean;
  session: boolean;
  subscribed: boolean;
  peer: Peer | null;
  queue: Message[];
  flying: Map<number, Message>;
  nextId: number;
  retained: Map<string, Message>;
}

const IN_FLIGHT = 20;

export function createBroker(trace: Trace): Broker {
  const s: State = {
    on: true,
    session: false,
    subscribed: false,
    peer: null,
    queue: [],
    flying: new Map(),
    nextId: 1,
    retained: new Map(),
  };
  const broker: Broker = {
    forgotten: new Set(),
    acknowledged: new Set(),
    refuses: () => !s.on,
    accept: (peer) => accept(s, broker, peer, trace),
    publish(message) {
      if (!s.on) return false;
      if (message.retain) s.retained.set(message.topic, message);
      if (!s.session) broker.forgotten.add(message.payload);
      else {
        // Only what comes with a new subscription is marked as retained (MQTT 5, 3.3.1.3).
        s.queue.push({ ...message, retain: false });
        flow(s);
      }
      return true;
    },
    stop(forget) {
      trace('broker stops', forget ? 'and forgets' : '');
      s.on = false;
      s.peer?.close();
      s.peer = null;
      if (!forget) return;
      for (const m of [...s.flying.values(), ...s.queue]) broker.forgotten.add(m.payload);
      s.queue.length = 0;
      s.flying.clear();
      s.session = false;
      s.subscribed = false;
    },
    start() {
      s.on = true;
    },
    waiting: () => s.queue.length + s.flying.size,
  };
  return broker;
}

function accept(s: State, broker: Broker, peer: Peer, trace: Trace) {
  let rest: Buffer = Buffer.alloc(0);
  return {
    data(bytes: Buffer) {
      rest = Buffer.concat([rest, bytes]);
      for (let packet = take(rest); packet !== null; packet = take(rest)) {
        rest = rest.subarray(packet.size);
        handle(s, broker, peer, packet.type, packet.body, trace);
      }
    },
    closed() {
      if (s.peer === peer) s.peer = null;
    },
  };
}

function handle(
  s: State,
  broker: Broker,
  peer: Peer,
  type: number,
  body: Buffer,
  trace: Trace,
): void {
  if (type === 1) connected(s, peer, ((body[7] as number) & 2) !== 0, trace);
  else if (s.peer !== peer) return;
  else if (type === 4) {
    const id = body.readUInt16BE(0);
    const message = s.flying.get(id);
    if (message === undefined) return;
    s.flying.delete(id);
    // A retained copy is no measurement: an agent that leaves it out has lost nothing.
    if (!message.retain) broker.acknowledged.add(message.payload);
    trace('acknowledged', message.payload);
    flow(s);
  } else if (type === 8) subscribed(s, peer, body);
  else if (type === 12) peer.send(Buffer.from([0xd0, 0]));
  else if (type === 14) peer.close();
}

function connected(s: State, peer: Peer, clean: boolean, trace: Trace): void {
  if (s.peer !== null && s.peer !== peer) s.peer.close();
  s.peer = peer;
  if (clean) s.session = false;
  trace('agent connects', String(s.session));
  peer.send(Buffer.from([0x20, 3, Number(s.session), 0, 0]));
  if (!s.session) {
    s.queue.length = 0;
    s.flying.clear();
    s.subscribed = false;
  }
  s.session = true;
  for (const [id, message] of s.flying) send(s, id, message, true);
  if (s.subscribed) flow(s);
}

/** Every filter is granted at QoS 1; retained messages come with a new subscription (rh 1). */
function subscribed(s: State, peer: Peer, body: Buffer): void {
  const id = body.readUInt16BE(0);
  let at = 3 + (body[2] as number);
  let filters = 0;
  while (at < body.length) {
    at += 2 + body.readUInt16BE(at) + 1;
    filters += 1;
  }
  peer.send(Buffer.from([0x90, 3 + filters, id >> 8, id & 255, 0, ...Array(filters).fill(1)]));
  const fresh = !s.subscribed;
  s.subscribed = true;
  if (fresh) for (const message of s.retained.values()) s.queue.push(message);
  flow(s);
}

function flow(s: State): void {
  while (s.peer !== null && s.subscribed && s.flying.size < IN_FLIGHT && s.queue.length > 0) {
    const message = s.queue.shift() as Message;
    while (s.flying.has(s.nextId)) s.nextId = (s.nextId % 65_535) + 1;
    s.flying.set(s.nextId, message);
    send(s, s.nextId, message, false);
    s.nextId = (s.nextId % 65_535) + 1;
  }
}

function send(s: State, id: number, message: Message, dup: boolean): void {
  const { topic, payload, retain = false } = message;
  const properties = Buffer.alloc(0);
  s.peer?.send(publishPacket({ topic, payload, qos: 1, id, dup, retain, properties }));
}

/** The first whole MQTT packet of these bytes. */
function take(bytes: Buffer): { type: number; body: Buffer; size: number } | null {
  let length = 0;
  for (let i = 1, shift = 0; i < bytes.length && i < 5; i += 1, shift += 7) {
    const byte = bytes[i] as number;
    length |= (byte & 127) << shift;
    if (byte > 127) continue;
    const size = i + 1 + length;
    if (bytes.length < size) return null;
    return { type: (bytes[0] as number) >> 4, body: bytes.subarray(i + 1, size), size };
  }
  return null;
}
