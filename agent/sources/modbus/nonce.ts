import { isBits } from './plan.ts';
import type { Request } from './request.ts';
import type { Suspects } from './transport/suspects.ts';

/** Tells answers apart by their length, on lines whose frames carry no id. */
export interface Nonce {
  /**
   * Registers to ask for beyond the wanted ones, so that no answer which may still come late has
   * the length of the right one; -1 when there is no such number and the line must rest instead.
   */
  extra(request: Request): number;
  /** a longer request was not answered as it should: ask for exactly what is wanted from now on */
  refused(request: Request): void;
}

const MOST_EXACT = 1000;
const LONGEST = 7;

export function createNonce(
  mode: 'off' | 'after-timeout' | 'always',
  suspects: Suspects | null,
): Nonce {
  const exact = new Set<string>();
  let alternate = 0;
  return {
    extra(request) {
      if (suspects === null) return 0;
      if (request.code === 23) {
        return suspects.has(request.unit, 23, 2 * request.length) ? -1 : 0;
      }
      if (request.code > 4) return 0;
      const fixed = mode === 'off' || exact.has(keyOf(request));
      alternate = mode === 'always' ? 1 - alternate : 0;
      const first = !fixed && allowed(request, alternate) ? alternate : 0;
      const last = fixed ? 0 : first + LONGEST;
      for (let extra = first; extra <= last && allowed(request, extra); extra += 1) {
        if (!suspects.has(request.unit, request.code, bytesWith(request, extra))) return extra;
      }
      return -1;
    },
    refused(request) {
      if (exact.size < MOST_EXACT) exact.add(keyOf(request));
    },
  };
}

const keyOf = (r: Request) => `${r.unit} ${r.table} ${r.address}`;

function bytesWith({ table, length }: Request, extra: number): number {
  return isBits(table) ? (length + 8 * extra + 7) >> 3 : 2 * (length + extra);
}

function allowed({ table, address, length }: Request, extra: number): boolean {
  if (extra === 0) return true;
  const total = isBits(table) ? length + 8 * extra : length + extra;
  return total <= (isBits(table) ? 2000 : 125) && address + total <= 65_536;
}
