import { type Device, poke } from './modbus-device.ts';

/** The ways in which a PLC says that there is a new part. */
export const PATTERNS = ['counter', 'ring', 'handshake', 'combined', 'edge', 'fifo'] as const;
export type Pattern = (typeof PATTERNS)[number];

const SLOTS = 16;
const FIELDS = { id: { address: 2, type: 'uint32' } };
const COUNTED = {
  name: 'result',
  every: '5ms',
  sequence: { address: 0, type: 'uint32' },
  fields: FIELDS,
};

/** Settings of the record that reads a PLC of this pattern. */
export const RECORDS: Record<Pattern, Record<string, unknown>> = {
  counter: { ...COUNTED, sequence: { address: 0, type: 'uint32', copy: 4 } },
  ring: {
    ...COUNTED,
    sequence: undefined,
    ring: { head: 90, slots: SLOTS, first: 100, size: 4, tail: 95 },
  },
  handshake: {
    ...COUNTED,
    handshake: {
      ready: { table: 'coil', address: 0 },
      ack: { table: 'coil', address: 1 },
      timeout: '300ms',
    },
  },
  combined: {
    ...COUNTED,
    handshake: {
      ready: { address: 10, bit: 3 },
      ack: { address: 11, bit: 5, whole: true },
      combine: true,
      timeout: '300ms',
    },
  },
  edge: { ...COUNTED, on: { table: 'coil', address: 0, edge: 'change' } },
  fifo: { ...COUNTED, fifo: { address: 7, size: 4 } },
};

/**
 * The program of a PLC that makes parts 1, 2, 3 …; the number of a part is its counter and its
 * value. One scan runs before every request, so that everything happens between two of them.
 */
export interface Plc {
  made(): number;
  scan(): void;
  /** power off and on: bits are lost, counters and records are kept */
  restart(): void;
  /** makes no more parts, but finishes what is under way */
  finish(): void;
}

export function startPlc(
  pattern: Pattern,
  device: Device,
  parts: number,
  chance: () => number,
): Plc {
  let made = 0;
  let most = parts;
  let offered = 0;
  const next = () => {
    made += 1;
    return made;
  };
  const putRecord = (part: number) => {
    poke(device, 0, 'uint32', part);
    poke(device, 2, 'uint32', part);
    poke(device, 4, 'uint32', part);
  };
  const programs: Record<Pattern, () => void> = {
    counter() {
      if (chance() > 0.3) return;
      // Written in two scans now and then: the copy of the counter comes last.
      const part = next();
      putRecord(part);
    },
    ring() {
      if (chance() > 0.5) return;
      const part = next();
      const slot = (n: number) => 100 + 4 * ((n - 1) % SLOTS);
      poke(device, slot(part), 'uint32', part);
      poke(device, slot(part) + 2, 'uint32', part);
      poke(device, 90, 'uint32', part);
      // The slot after it is being written already.
      poke(device, slot(part + 1) + 2, 'uint32', 0xdead_beef);
    },
    handshake() {
      const [ready, ack] = [device.coils[0] === 1, device.coils[1] === 1];
      if (ready && ack) {
        device.coils[0] = 0;
        offered = 0;
      } else if (!ready && !ack) {
        if (offered === 0) offered = made < most ? next() : 0;
        if (offered === 0) return;
        putRecord(offered);
        device.coils[0] = 1;
      }
    },
    combined() {
      const [ready, ack] = [device.registers[10] !== 0, device.registers[11] !== 0];
      if (ready && ack) {
        device.registers[10] = 0;
        offered = 0;
      } else if (!ready && !ack) {
        if (offered === 0) offered = made < most ? next() : 0;
        if (offered === 0) return;
        putRecord(offered);
        device.registers[10] = 8;
      }
    },
    edge() {
      if (chance() > 0.2) return;
      putRecord(next());
      device.coils[0] = 1 - (device.coils[0] ?? 0);
    },
    fifo() {
      if (chance() > 0.5) return;
      const queue = device.queues.get(7) ?? [];
      const part = next();
      queue.push([part >>> 16, part & 0xffff, part >>> 16, part & 0xffff]);
      if (queue.length > 40) queue.shift();
      device.queues.set(7, queue);
    },
  };
  return {
    made: () => made,
    scan() {
      if (made < most || pattern === 'handshake' || pattern === 'combined') programs[pattern]();
    },
    restart() {
      device.coils.fill(0, 0, 2);
      device.registers.fill(0, 10, 12);
    },
    finish() {
      most = made;
    },
  };
}
