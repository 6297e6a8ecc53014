import type { RecordSettings } from '../settings.ts';

/** Settings of a record with every address of the PLC counted from 0, as in the protocol. */
export function fromZero(record: RecordSettings, base: number): RecordSettings {
  const place = <T extends { address: number; notated: boolean }>(p: T): T => ({
    ...p,
    address: p.address - (p.notated ? 0 : base),
  });
  const { ring, handshake, on, fifo } = record;
  return {
    ...record,
    ring: ring && {
      ...ring,
      head: ring.head - base,
      first: ring.first - base,
      tail: ring.tail === undefined ? undefined : ring.tail - base,
    },
    handshake: handshake && {
      ...handshake,
      ready: place(handshake.ready),
      ack: place(handshake.ack),
    },
    on: on && place(on),
    fifo: fifo && { ...fifo, address: fifo.address - base },
  };
}
