import type { Random } from '../../agent/plants/random.ts';
import type { Broker, Message } from './broker.ts';
import type { SimTime } from './time.ts';
import type { Trace } from './trace.ts';

/** Wall time at which every simulation begins. */
export const EPOCH_MS = 1_750_000_000_000;

/** One part that was made, as the oracle knows it. */
export interface Part {
  /** serial number: unique in the whole run */
  serial: string;
  stream: string;
  seq: number | null;
  /** counters begin again now and then; numbers are compared within one era only */
  era: number;
  value: number;
  ms: number;
  payload: string;
}

/** Machines that count their parts, and one that does not. */
export interface Plant {
  parts: Map<string, Part>;
  /** parts that the broker never took over */
  waiting(): number;
  /** the counter of a machine begins at 1 again */
  restart(stream: string): void;
  /** so many parts at once */
  burst(stream: string, count: number): void;
  poison(): void;
  stop(): void;
  begin(): void;
}

export const COUNTED = ['a', 'b'] as const;
const STREAMS = [...COUNTED, 'c'] as const;
const RETRY_MS = 5000;

interface Machine {
  stream: string;
  seq: number;
  era: number;
  everyMs: number;
  shifted: boolean;
  /** messages not taken over by the broker yet, oldest first */
  outbox: Message[];
}

export function createPlant(time: SimTime, random: Random, broker: Broker, trace: Trace): Plant {
  const parts = new Map<string, Part>();
  const machines = STREAMS.map(
    (stream): Machine => ({
      stream,
      seq: 0,
      era: 0,
      everyMs: 60_000 + 240_000 * random.uniform(),
      shifted: false,
      outbox: [],
    }),
  );
  const machine = (stream: string) => machines.find((m) => m.stream === stream) as Machine;
  let on = false;
  let bad = 0;

  const offer = (m: Machine) => {
    while (m.outbox.length > 0) {
      if (!broker.publish(m.outbox[0] as Message)) return;
      // An answer of the broker that is lost: the machine sends the same message again.
      if (random.uniform() < 0.03) return;
      m.outbox.shift();
    }
  };
  const make = (m: Machine) => {
    const part = nextPart(m, time, random);
    parts.set(part.serial, part);
    trace('made', part.serial);
    const retain = random.uniform() < 0.02;
    m.outbox.push({ topic: `sim/${m.stream}`, payload: part.payload, retain });
    const [last, other] = [m.outbox.length - 1, m.outbox.length - 2];
    if (other >= 0 && random.uniform() < 0.05) {
      [m.outbox[last], m.outbox[other]] = [m.outbox[other] as Message, m.outbox[last] as Message];
    }
    offer(m);
  };
  const work = (m: Machine) => {
    if (!on) return;
    if (random.uniform() < 0.01) m.shifted = !m.shifted;
    make(m);
    time.after(m.everyMs * (0.5 + random.uniform()), () => work(m));
  };
  const retry = () => {
    for (const m of machines) offer(m);
    time.after(RETRY_MS, retry);
  };
  return {
    parts,
    waiting: () => machines.reduce((n, m) => n + m.outbox.length, 0),
    restart(stream) {
      trace('counter restarts', stream);
      machine(stream).seq = 0;
      machine(stream).era += 1;
    },
    burst(stream, count) {
      for (let i = 0; i < count; i += 1) make(machine(stream));
    },
    poison() {
      bad += 1;
      broker.publish({ topic: 'sim/a', payload: `{"seq":${bad}, not json` });
    },
    stop() {
      on = false;
    },
    begin() {
      on = true;
      for (const m of machines) time.after(m.everyMs * random.uniform(), () => work(m));
      time.after(RETRY_MS, retry);
    },
  };
}

function nextPart(m: Machine, time: SimTime, random: Random): Part {
  m.seq += 1;
  const value = Math.round((10 + 0.1 * (random.normal() + (m.shifted ? 2.5 : 0))) * 1e4) / 1e4;
  // Parts of a burst differ in their time, as a machine cannot make two at once.
  const ms = EPOCH_MS + Math.floor(time.now()) + m.seq / 1000;
  const serial = `${m.stream}-${m.era}-${m.seq}`;
  const counted = m.stream !== 'c';
  const payload = JSON.stringify({
    ...(counted ? { seq: m.seq } : {}),
    ts: ms,
    v: value,
    sn: serial,
  });
  return { serial, stream: m.stream, seq: counted ? m.seq : null, era: m.era, value, ms, payload };
}
