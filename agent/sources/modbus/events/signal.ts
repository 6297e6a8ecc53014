import type { Table } from '../plan.ts';
import type { Talk } from './talk.ts';

/** One bit in the PLC: a coil, a discrete input, or a bit of a register. */
export interface Signal {
  table: Table;
  address: number;
  bit: number;
}

/**
 * Sets or clears a bit. In a register only that bit is touched (function 22), unless the whole
 * register is ours (`whole`, function 6).
 */
export function setBit(talk: Talk, signal: Signal, whole: boolean, on: boolean): Promise<void> {
  const { table, address, bit } = signal;
  if (table === 'coil') return talk.write(5, table, address, [on ? 1 : 0]);
  const mask = 1 << bit;
  if (whole) return talk.write(6, table, address, [on ? mask : 0]);
  return talk.write(22, table, address, [0xffff & ~mask, on ? mask : 0]);
}

/** How far a counter went on from `last` to `now`; more than half of the modulus is going back. */
export function ahead(now: number, last: number, modulus: number): number {
  return (((now - last) % modulus) + modulus) % modulus;
}
