/** A connection to the broker, as far as acknowledgements go. */
export interface AckStream {
  readonly destroyed: boolean;
  readonly writable: boolean;
  write(bytes: Uint8Array): boolean;
}

/**
 * PUBACKs that wait for their commit, in the order in which the messages came. They belong to one
 * connection: the broker forgets the packet ids of a connection that is gone and sends the messages
 * again, so whatever still waits then is dropped, never sent on the next connection.
 */
export interface Acks {
  /** this message may be acknowledged once `delivery` is durable */
  hold(stream: AckStream, messageId: number, delivery: number): void;
  /** everything up to this delivery is durable: sends all acknowledgements that are due, in one write */
  release(upTo: number): void;
  /** sends what is due already; called when messages without a delivery were held */
  flush(): void;
  /** the connection is gone; returns how many were dropped */
  drop(): number;
  held(): number;
  sent(): number;
}

/** Packet ids have 16 bits: more can never wait on one connection. */
const MOST = 65_536;
const BYTES_PER_ACK = 4;
const PUBACK = 0x40;

interface Ring {
  ids: Uint16Array;
  numbers: Float64Array;
  head: number;
  size: number;
}

export function createAcks(): Acks {
  const ring: Ring = {
    ids: new Uint16Array(1024),
    numbers: new Float64Array(1024),
    head: 0,
    size: 0,
  };
  let stream: AckStream | null = null;
  let durable = 0;
  let sent = 0;

  const drop = () => {
    const dropped = ring.size;
    ring.head = 0;
    ring.size = 0;
    stream = null;
    return dropped;
  };

  const flush = () => {
    if (ring.size === 0 || stream === null) return;
    if (stream.destroyed || !stream.writable) return;
    const mask = ring.ids.length - 1;
    let due = 0;
    while (due < ring.size && (ring.numbers[(ring.head + due) & mask] as number) <= durable) {
      due += 1;
    }
    if (due === 0) return;
    stream.write(encode(ring, due));
    ring.head = (ring.head + due) & mask;
    ring.size -= due;
    sent += due;
  };

  return {
    hold(on, messageId, delivery) {
      if (on !== stream) {
        drop();
        stream = on;
      }
      if (ring.size === ring.ids.length && !grow(ring)) return;
      const at = (ring.head + ring.size) & (ring.ids.length - 1);
      ring.ids[at] = messageId;
      ring.numbers[at] = delivery;
      ring.size += 1;
    },
    release(upTo) {
      durable = Math.max(durable, upTo);
      flush();
    },
    flush,
    drop,
    held: () => ring.size,
    sent: () => sent,
  };
}

/** PUBACK without reason code: the same four bytes in MQTT 3.1.1 (3.4) and 5 (3.4.2.1). */
function encode(ring: Ring, count: number): Uint8Array {
  const bytes = new Uint8Array(count * BYTES_PER_ACK);
  const mask = ring.ids.length - 1;
  for (let i = 0; i < count; i += 1) {
    const id = ring.ids[(ring.head + i) & mask] as number;
    bytes[4 * i] = PUBACK;
    bytes[4 * i + 1] = 2;
    bytes[4 * i + 2] = id >> 8;
    bytes[4 * i + 3] = id & 0xff;
  }
  return bytes;
}

function grow(ring: Ring): boolean {
  const size = ring.ids.length;
  if (size >= MOST) return false;
  const ids = new Uint16Array(2 * size);
  const numbers = new Float64Array(2 * size);
  for (let i = 0; i < ring.size; i += 1) {
    const at = (ring.head + i) & (size - 1);
    ids[i] = ring.ids[at] as number;
    numbers[i] = ring.numbers[at] as number;
  }
  ring.ids = ids;
  ring.numbers = numbers;
  ring.head = 0;
  return true;
}
