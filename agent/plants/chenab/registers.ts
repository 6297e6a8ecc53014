import { putFloat, putUint32 } from '../modbus-server.ts';
import type { Casting } from './model.ts';

/**
 * Result blocks of the stations, one Modbus unit each on the serial line. +0 part counter (uint32),
 * +2 status bits, +3 die or tool, +4 recipe, +5 ladle, +6 … values (float32, high word first).
 */
export const UNITS = { press: 1, cnc: 2, leak: 3, inspection: 4 } as const;
/** Bits of the status register. */
const NEW = 1;
const WARM_UP = 1 << 4;
const MASTER_FAILED = 1 << 5;
const REGISTERS = 64;
const RECIPE = 35;

export type Banks = Map<number, Uint16Array>;

export function createBanks(): Banks {
  return new Map(Object.values(UNITS).map((unit) => [unit, new Uint16Array(REGISTERS)]));
}

/** The shot curve of the press, of warm-up shots too. */
export function putShot(banks: Banks, c: Casting): void {
  const { fastShot, intensification, rise, biscuit, dosing, metalT, dieT } = c;
  const values = [fastShot, intensification, rise, biscuit, dosing, metalT, dieT];
  const status = NEW | (c.warmUp ? WARM_UP : 0);
  put(banks, UNITS.press, c.shot, status, c.die === 'A' ? 1 : 2, c.ladle, values);
}

/** One part that was bored and tested; both stations count the parts that reached them. */
export function putPart(banks: Banks, c: Casting, part: number): void {
  put(banks, UNITS.cnc, part, NEW, c.tool, 0, [c.bore]);
  const status = NEW | (c.masterFailed ? MASTER_FAILED : 0);
  put(banks, UNITS.leak, part, status, 0, 0, [c.leak, Math.log(c.leak)]);
}

/** Porous parts found in one box. */
export function putBox(banks: Banks, box: number, porous: number): void {
  put(banks, UNITS.inspection, box, NEW, 0, 0, [porous]);
}

function put(
  banks: Banks,
  unit: number,
  counter: number,
  status: number,
  position: number,
  ladle: number,
  values: readonly number[],
): void {
  const bank = banks.get(unit);
  if (bank === undefined) return;
  putUint32(bank, 0, counter);
  bank[2] = status;
  bank[3] = position;
  bank[4] = RECIPE;
  bank[5] = ladle;
  values.forEach((value, i) => {
    putFloat(bank, 6 + 2 * i, value);
  });
}
