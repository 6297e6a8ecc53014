import { batchBuilder, type Delivery } from './batch.ts';

/**
 * Between the sources and the core thread: collects deliveries into batches, hands them over, and
 * says what is durable. Its only memory is the batch being filled and the bytes on their way, and
 * both are bounded: beyond `maxHeldBytes` every source is paused until the core caught up.
 */
export interface Intake {
  /** a source joins; what is returned is its way in */
  join(name: string, source: { committed(upTo: number): void; pause(on: boolean): void }): WayIn;
  /** the core committed every batch up to this id */
  committed(batchId: number): void;
  /** sends what is collected at once */
  flush(): void;
  /** much is on its way to the core: more comes in than is recorded */
  behind(): boolean;
  figures(): { heldBytes: number; pauses: number; batches: number; inFlight: number };
  stop(): void;
}

/** Readings and events of one source, on one count: what `committed` speaks of. */
export interface WayIn {
  deliver(delivery: Delivery): number;
  /** goes behind all that was delivered before it */
  event(post: (id: number) => void): number;
}

export interface IntakeOptions {
  post(buffer: ArrayBuffer, id: number): void;
  monotonic(): number;
  /** at least this long between two batches unless one is full */
  spacingMs: number;
  maxReadings: number;
  maxHeldBytes: number;
}

interface Member {
  name: string;
  source: { committed(upTo: number): void; pause(on: boolean): void };
  delivered: number;
  lastStream: string;
  fullStream: string;
}

interface InFlight {
  id: number;
  bytes: number;
  /** how far each member's deliveries go with this batch */
  upTo: number[];
}

/** Some ten batches of a thousand readings. */
const BEHIND_BYTES = 1024 * 1024;
/** What an event counts for while it waits: its texts are bounded, and it is an object on the way. */
const EVENT_BYTES = 1024;

export function createIntake(options: IntakeOptions): Intake {
  const builder = batchBuilder();
  const members: Member[] = [];
  const flying: InFlight[] = [];
  let timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  let lastFlush = Number.NEGATIVE_INFINITY;
  let nextId = 1;
  let heldBytes = 0;
  let paused = false;
  let pauses = 0;

  const setPaused = (on: boolean) => {
    if (on === paused) return;
    paused = on;
    if (on) pauses += 1;
    for (const m of members) m.source.pause(on);
  };

  const flush = () => {
    cancel(timer);
    timer = null;
    if (builder.deliveries() === 0) return;
    const buffer = builder.take();
    lastFlush = options.monotonic();
    send(buffer.byteLength, (id) => options.post(buffer, id));
  };

  const send = (bytes: number, post: (id: number) => void) => {
    flying.push({ id: nextId, bytes, upTo: members.map((m) => m.delivered) });
    heldBytes += bytes;
    post(nextId);
    nextId += 1;
    if (heldBytes > options.maxHeldBytes) setPaused(true);
  };

  const schedule = () => {
    if (timer !== null) return;
    const wait = options.spacingMs - (options.monotonic() - lastFlush);
    timer = wait <= 0 ? setImmediate(flush) : setTimeout(flush, wait);
  };

  return {
    join(name, source) {
      const member: Member = { name, source, delivered: 0, lastStream: '', fullStream: `${name}/` };
      members.push(member);
      const deliver = (delivery: Delivery) => {
        const own = delivery.stream;
        if (own !== member.lastStream) {
          member.lastStream = own;
          member.fullStream = `${name}/${own}`;
        }
        delivery.stream = member.fullStream;
        builder.add(delivery);
        delivery.stream = own;
        member.delivered += 1;
        if (builder.readings() >= options.maxReadings) flush();
        else schedule();
        return member.delivered;
      };
      const event = (post: (id: number) => void) => {
        flush();
        member.delivered += 1;
        send(EVENT_BYTES, post);
        return member.delivered;
      };
      return { deliver, event };
    },
    committed(batchId) {
      while (flying.length > 0 && (flying[0] as InFlight).id <= batchId) {
        const done = flying.shift() as InFlight;
        heldBytes -= done.bytes;
        if (flying.length > 0 && (flying[0] as InFlight).id <= batchId) continue;
        for (let i = 0; i < done.upTo.length; i += 1) {
          members[i]?.source.committed(done.upTo[i] as number);
        }
      }
      if (paused && heldBytes < options.maxHeldBytes / 2) setPaused(false);
    },
    flush,
    behind: () => heldBytes > BEHIND_BYTES,
    figures: () => ({ heldBytes, pauses, batches: nextId - 1, inFlight: flying.length }),
    stop() {
      flush();
    },
  };
}

function cancel(timer: NodeJS.Timeout | NodeJS.Immediate | null): void {
  if (timer === null) return;
  clearTimeout(timer as NodeJS.Timeout);
  clearImmediate(timer as NodeJS.Immediate);
}
