/**
 * The points of one transaction as bytes: a row each would cost the store several times as much.
 * Layout: version u8, three zeros, u32 little-endian: where the directory begins; the points in
 * order; the directory: how many series, and of each the number of its characteristic, its kind of
 * chart and its points (varints). A point: flags u16, then as varints its series, ordinals left out
 * before it, index, size and version of the limits; then as doubles its time, its value and what the
 * flags name, in their order. Limits like those of the point before of the same series are left out.
 */
export const VERSION = 1;
export const HEADER = 8;

export const FLAG = {
  cl: 1,
  lcl: 2,
  ucl: 4,
  spreadCl: 8,
  spreadLcl: 16,
  spreadUcl: 32,
  part: 64,
  z: 128,
  spread: 256,
  spreadZ: 512,
  rules: 1024,
  spreadRules: 2048,
  phase1: 4096,
  sameLines: 8192,
} as const;

/** The first so many flags are those of the lines. */
export const LINES = 6;
export const ALL_LINES = 2 ** LINES - 1;
