import { putFloat, putUint32 } from '../modbus-server.ts';
import type { Shaft } from './model.ts';

/**
 * Result blocks of the three machines, one Modbus unit each. +0 part counter (uint32), +2 status
 * bits (bit 0 new, bit 1 ok), +3 spindle, +4 recipe, +6 … values (float32, high word first).
 */
export const UNITS = { cnc: 1, grinder: 2, induction: 3 } as const;
const REGISTERS = 64;

export function createBanks(): Map<number, Uint16Array> {
  return new Map(Object.values(UNITS).map((unit) => [unit, new Uint16Array(REGISTERS)]));
}

/** Writes one finished shaft into every block; runs to its end before any request is answered. */
export function putShaft(banks: Map<number, Uint16Array>, shaft: Shaft): void {
  put(banks, UNITS.cnc, shaft, [shaft.odTurned]);
  put(banks, UNITS.grinder, shaft, [shaft.odGround]);
  put(banks, UNITS.induction, shaft, [shaft.power, shaft.scanSpeed, shaft.quench]);
}

function put(banks: Map<number, Uint16Array>, unit: number, shaft: Shaft, values: number[]): void {
  const bank = banks.get(unit);
  if (bank === undefined) return;
  putUint32(bank, 0, shaft.part);
  bank[2] = 0b11;
  bank[3] = shaft.spindle;
  bank[4] = 22;
  values.forEach((value, i) => {
    putFloat(bank, 6 + 2 * i, value);
  });
}
