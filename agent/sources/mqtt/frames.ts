import { userProperty } from './publisher.ts';

/** What a PUBLISH says besides topic and payload. The object is reused: read it during the call. */
export interface MessageMeta {
  qos: number;
  /** packet id, 0 for QoS 0 */
  messageId: number;
  retain: boolean;
  /** sent before, and never acknowledged */
  dup: boolean;
  /** who sent it, where the broker says so; '' when it does not */
  publisher: string;
}

export interface FrameHandlers {
  /** true: take no message, and keep it and all after it until `resume` */
  paused(): boolean;
  /** `bytes` is the size of the payload; when it is larger than the payload, the rest was skipped */
  publish(topic: string, payload: Buffer, meta: MessageMeta, bytes: number): void;
  /** any other packet, whole */
  control(packet: Buffer): void;
}

/** Cuts the bytes of one connection into MQTT packets. */
export interface FrameReader {
  /** throws when the bytes are not MQTT: the connection is beyond help then */
  push(chunk: Buffer): void;
  /** goes on with what was kept back while paused */
  resume(): void;
  /** a message waits for `resume`: reading more from the network would only fill memory */
  blocked(): boolean;
}

/** Topic and properties may add this much to the largest payload before a packet is skipped. */
const HEADER_ROOM = 200_000;
/** Acknowledgements and the like are small; a broker that sends more is none. */
const LARGEST_CONTROL = 1_048_576;
const SAMPLE = 256;
const EMPTY = Buffer.alloc(0);

interface Work {
  handlers: FrameHandlers;
  v5: boolean;
  /** user property that names the publisher, '' = none */
  property: string;
  largest: number;
  rest: Buffer;
  /** bytes of a packet that is too large and still on its way */
  skip: number;
  running: boolean;
  blocked: boolean;
  meta: MessageMeta;
}

/**
 * Reader for MQTT 3.1.1 (section 3.3) and 5. A PUBLISH is read here; everything else is handed on
 * as bytes. A packet that is far too large is never held: its beginning is handed over and the
 * rest is skipped as it arrives.
 */
export function frameReader(
  handlers: FrameHandlers,
  v5: boolean,
  maxBytes: number,
  property = '',
): FrameReader {
  const w: Work = {
    handlers,
    v5,
    property,
    largest: maxBytes + HEADER_ROOM,
    rest: EMPTY,
    skip: 0,
    running: false,
    blocked: false,
    meta: { qos: 0, messageId: 0, retain: false, dup: false, publisher: '' },
  };
  const run = (data: Buffer) => {
    w.running = true;
    w.blocked = false;
    w.rest = EMPTY;
    let at = 0;
    while (at < data.length) {
      const next = readPacket(w, data, at);
      if (next === at) break;
      at = next;
    }
    if (at < data.length) w.rest = at === 0 ? data : data.subarray(at);
    w.running = false;
  };
  return {
    push: (chunk) => run(w.rest.length === 0 ? chunk : Buffer.concat([w.rest, chunk])),
    resume() {
      if (!w.running && w.rest.length > 0) run(w.rest);
    },
    blocked: () => w.blocked,
  };
}

/** Reads one packet at `at`; returns where the next begins, or `at` when more bytes are needed. */
function readPacket(w: Work, data: Buffer, at: number): number {
  if (w.skip > 0) {
    const skipped = Math.min(w.skip, data.length - at);
    w.skip -= skipped;
    return at + skipped;
  }
  const first = data[at] as number;
  let length = 0;
  let p = at + 1;
  for (let shift = 0; ; shift += 7) {
    if (shift > 21) throw new Error('not MQTT: a length of more than four bytes');
    if (p >= data.length) return at;
    const byte = data[p] as number;
    p += 1;
    length += (byte & 127) << shift;
    if (byte < 128) break;
  }
  // QoS 2 is never asked for; should it come, it is not ours to answer.
  const isPublish = first >> 4 === 3 && (first & 4) === 0;
  if (isPublish && w.handlers.paused()) {
    w.blocked = true;
    return at;
  }
  const whole = p + length <= data.length;
  if (!whole && !isPublish && length > LARGEST_CONTROL) throw new Error('not MQTT: too large');
  if (!whole && (!isPublish || length <= w.largest || !hasHead(data, p, first))) return at;
  if (isPublish) publish(w, data, p, p + length, first);
  else w.handlers.control(data.subarray(at, p + length));
  if (whole) return p + length;
  w.skip = p + length - data.length;
  return data.length;
}

/** Are topic and packet id there, so that a packet too large to hold can be named and answered? */
function hasHead(data: Buffer, p: number, first: number): boolean {
  if (p + 2 > data.length) return false;
  return p + 2 + data.readUInt16BE(p) + ((first & 2) !== 0 ? 2 : 0) <= data.length;
}

function publish(w: Work, data: Buffer, start: number, end: number, first: number): void {
  const { meta } = w;
  if (end - start < 2) throw new Error('not MQTT: a message without a topic');
  const topicEnd = start + 2 + (((data[start] as number) << 8) | (data[start + 1] as number));
  meta.qos = (first >> 1) & 3;
  meta.retain = (first & 1) !== 0;
  meta.dup = (first & 8) !== 0;
  let p = topicEnd;
  meta.messageId = 0;
  meta.publisher = '';
  if (meta.qos > 0 && p + 2 <= end) {
    meta.messageId = ((data[p] as number) << 8) | (data[p + 1] as number);
    p += 2;
  }
  if (p > end || (meta.qos > 0 && meta.messageId === 0)) {
    throw new Error('not MQTT: a message that ends too soon');
  }
  const topic = data.toString('utf8', start + 2, topicEnd);
  if (end > data.length) {
    w.handlers.publish(topic, data.subarray(p, p + SAMPLE), meta, end - p);
    return;
  }
  if (w.v5) {
    const properties = p;
    p = afterProperties(data, p, end);
    if (w.property !== '' && p - properties > 1) {
      const bytes = p - properties < 130 ? 1 : p - properties < 16_386 ? 2 : 3;
      meta.publisher = userProperty(data, properties + bytes, p, w.property);
    }
  }
  w.handlers.publish(topic, data.subarray(p, end), meta, end - p);
}

function afterProperties(data: Buffer, start: number, end: number): number {
  let length = 0;
  let p = start;
  for (let shift = 0; shift <= 21 && p < end; shift += 7) {
    const byte = data[p] as number;
    p += 1;
    length += (byte & 127) << shift;
    if (byte < 128 && p + length <= end) return p + length;
    if (byte < 128) break;
  }
  throw new Error('not MQTT: properties that end too soon');
}
