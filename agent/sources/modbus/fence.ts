import type { UnitGroups } from './poll.ts';

/** One write that the settings allow: device address, function, place, and what may be written. */
export interface AllowedWrite {
  unit: number;
  code: 5 | 6 | 16 | 22 | 23;
  address: number;
  /** registers that functions 16 and 23 write; 1 for the others */
  words: number;
  /** the words after the address that are allowed, each a whole set; null = any value */
  values: readonly (readonly number[])[] | null;
}

/**
 * Stands in front of the wire of one link: every frame passes here last, so that whatever asks for
 * a write, only what the settings name leaves the machine. Reads pass; all else needs an entry.
 */
export interface Fence {
  /** `frame` is unit and PDU as the library coded them */
  allows(frame: Uint8Array): boolean;
  /** frames that were held back */
  refused(): number;
}

/** A coil as function 5 writes it (Modbus Application Protocol V1.1b3, 6.5). */
export const COIL = { on: 0xff00, off: 0x0000 } as const;

/** A fence with these openings and no others. */
export function createFence(allowed: readonly AllowedWrite[]): Fence {
  let refused = 0;
  return {
    allows(frame) {
      const code = frame[1] ?? 0;
      if ((code >= 1 && code <= 4) || code === 24) return true;
      if (allowed.some((one) => fits(one, frame))) return true;
      refused += 1;
      return false;
    },
    refused: () => refused,
  };
}

/** For links that only read. */
export const NO_WRITES: Fence = createFence([]);

/** What the records of a source may write: their acknowledge bits and tails, where allowed. */
export function allowedWrites(units: readonly UnitGroups[]): AllowedWrite[] {
  return units.flatMap(({ id: unit, groups }) =>
    groups.flatMap(({ writes, event }): AllowedWrite[] => {
      if (!writes || event === null) return [];
      const { ring, handshake } = event;
      if (ring?.tail !== undefined) {
        const wide = ring.type === 'uint32';
        const place = { unit, address: ring.tail, values: null };
        return [wide ? { ...place, code: 16, words: 2 } : { ...place, code: 6, words: 1 }];
      }
      if (handshake === undefined) return [];
      const { address, bit, table, whole } = handshake.ack;
      const { combine } = handshake;
      const mask = 1 << bit;
      const place = { unit, address, words: 1 };
      if (table === 'coil') return [{ ...place, code: 5, values: [[COIL.on], [COIL.off]] }];
      if (whole) {
        const alone = { ...place, code: 6 as const, values: [[0], [mask]] };
        return combine ? [alone, { ...alone, code: 23 }] : [alone];
      }
      const kept = 0xffff & ~mask;
      return [
        {
          ...place,
          code: 22,
          values: [
            [kept, 0],
            [kept, mask],
          ],
        },
      ];
    }),
  );
}

/** Bytes of a frame before its CRC: unit, function, address and what follows. */
function fits(one: AllowedWrite, frame: Uint8Array): boolean {
  const word = (at: number) => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  if (frame[0] !== one.unit || frame[1] !== one.code) return false;
  // Function 23 says what it reads first, and only then what it writes.
  const at = one.code === 23 ? 6 : 2;
  if (word(at) !== one.address) return false;
  const many = one.code === 16 || one.code === 23;
  if (many && (word(at + 2) !== one.words || frame[at + 4] !== 2 * one.words)) return false;
  const start = many ? at + 5 : 4;
  const count = one.code === 22 ? 2 : one.words;
  if (frame.length !== start + 2 * count + CRC_BYTES) return false;
  if (one.code === 5 && word(4) !== COIL.on && word(4) !== COIL.off) return false;
  return one.values?.some((set) => set.every((value, i) => word(start + 2 * i) === value)) ?? true;
}

const CRC_BYTES = 2;
