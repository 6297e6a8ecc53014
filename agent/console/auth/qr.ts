import { bestMasked, type Rows } from './qr-mask.ts';

/**
 * QR codes (ISO/IEC 18004, model 2): bytes, error correction level M, versions 1 to 20. Written here
 * because it is the only picture that the agent ever makes; a test reads it back with zbarimg.
 */
export interface Qr {
  /** modules on each side, with a quiet zone of four */
  size: number;
  /** path of an SVG of that size: every dark module is a unit square */
  path: string;
}

/** By version, from 1 on: codewords of error correction in each block, and blocks (level M). */
const PER_BLOCK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const QUIET = 4;
const LEVEL_M = 0;

type Grid = Rows;

/** The code of a text; null when it is too long for one that a phone reads from a screen. */
export function qrOf(text: string): Qr | null {
  const data = Buffer.from(text, 'utf8');
  const version = BLOCKS.findIndex((_, i) => data.length <= roomFor(i + 1)) + 1;
  if (version === 0) return null;
  const size = 17 + 4 * version;
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | null>(size).fill(null));
  drawFixed(grid, version);
  const free = grid.map((row) => row.map((cell) => cell === null));
  drawBits(grid, withCorrection(codewords(data, version), version));
  return { size: size + 2 * QUIET, path: pathOf(bestMasked(grid, free, drawFormat)) };
}

const pathOf = (grid: Grid): string =>
  grid
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
    .join('');

/** Modules that carry data (ISO/IEC 18004, table 1), in whole codewords. */
function allCodewords(version: number): number {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    modules -= (25 * marks - 10) * marks - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

const dataCodewords = (version: number) =>
  allCodewords(version) - (PER_BLOCK[version - 1] ?? 0) * (BLOCKS[version - 1] ?? 0);

const lengthBits = (version: number) => (version < 10 ? 8 : 16);
const roomFor = (version: number) =>
  Math.floor((8 * dataCodewords(version) - 4 - lengthBits(version)) / 8);

function codewords(data: Buffer, version: number): number[] {
  const room = 8 * dataCodewords(version);
  let bits = `0100${data.length.toString(2).padStart(lengthBits(version), '0')}`;
  for (const byte of data) bits += byte.toString(2).padStart(8, '0');
  bits += '0'.repeat(Math.min(4, room - bits.length));
  bits += '0'.repeat((8 - (bits.length % 8)) % 8);
  const words = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  for (let pad = 0xec; words.length < room / 8; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** Split into blocks, each with its Reed-Solomon remainder, and interleaved. */
function withCorrection(words: number[], version: number): number[] {
  const blocks = BLOCKS[version - 1] ?? 1;
  const degree = PER_BLOCK[version - 1] ?? 10;
  const short = Math.floor(words.length / blocks);
  const shorts = blocks - (words.length % blocks);
  const divisor = generator(degree);
  const parts: { data: number[]; check: number[] }[] = [];
  for (let at = 0, i = 0; i < blocks; i += 1) {
    const data = words.slice(at, at + short + (i < shorts ? 0 : 1));
    at += data.length;
    parts.push({ data, check: remainder(data, divisor) });
  }
  const out: number[] = [];
  for (let i = 0; i <= short; i += 1) {
    for (const { data } of parts) if (i < data.length) out.push(data[i] ?? 0);
  }
  for (let i = 0; i < degree; i += 1) for (const { check } of parts) out.push(check[i] ?? 0);
  return out;
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0;
  for (let i = 7; i >= 0; i -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> i) & 1) * a;
  }
  return product;
}

function generator(degree: number): number[] {
  const out = [...Array<number>(degree - 1).fill(0), 1];
  for (let root = 1, i = 0; i < degree; i += 1, root = times(root, 2)) {
    for (let j = 0; j < degree; j += 1) out[j] = times(out[j] ?? 0, root) ^ (out[j + 1] ?? 0);
  }
  return out;
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const rest = Array<number>(divisor.length).fill(0);
  for (const word of data) {
    const factor = word ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [i, d] of divisor.entries()) rest[i] = (rest[i] ?? 0) ^ times(d, factor);
  }
  return rest;
}

function put(grid: Grid, x: number, y: number, dark: boolean): void {
  const row = grid[y];
  if (row !== undefined && x >= 0 && x < row.length) row[x] = dark;
}

function drawFixed(grid: Grid, version: number): void {
  const size = grid.length;
  for (let i = 0; i < size; i += 1) {
    put(grid, 6, i, i % 2 === 0);
    put(grid, i, 6, i % 2 === 0);
  }
  const corners: [number, number][] = [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ];
  for (const [x, y] of corners) drawRings(grid, x, y, 4);
  const marks = marksOf(version);
  const last = marks.length - 1;
  for (const [i, x] of marks.entries()) {
    for (const [j, y] of marks.entries()) {
      const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!corner) drawRings(grid, x, y, 2);
    }
  }
  drawFormat(grid, 0);
  if (version >= 7) drawVersion(grid, version);
}

/** A finder (radius 4, with its light border) or an alignment mark (radius 2). */
function drawRings(grid: Grid, x: number, y: number, radius: number): void {
  for (let dy = -radius; dy <= radius; dy += 1) {
    for (let dx = -radius; dx <= radius; dx += 1) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      put(grid, x + dx, y + dy, radius === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
    }
  }
}

function marksOf(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const size = 17 + 4 * version;
  const far = Array.from({ length: count - 1 }, (_, i) => size - 7 - i * step);
  return [6, ...far.reverse()];
}

/** Level and mask, with their BCH code, twice. */
function drawFormat(grid: Grid, mask: number): void {
  const size = grid.length;
  const data = (LEVEL_M << 3) | mask;
  let rest = data;
  for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const bit = (i: number) => ((bits >>> i) & 1) === 1;
  for (let i = 0; i <= 5; i += 1) put(grid, 8, i, bit(i));
  put(grid, 8, 7, bit(6));
  put(grid, 8, 8, bit(7));
  put(grid, 7, 8, bit(8));
  for (let i = 9; i < 15; i += 1) put(grid, 14 - i, 8, bit(i));
  for (let i = 0; i < 8; i += 1) put(grid, size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i += 1) put(grid, 8, size - 15 + i, bit(i));
  put(grid, 8, size - 8, true);
}

function drawVersion(grid: Grid, version: number): void {
  let rest = version;
  for (let i = 0; i < 12; i += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; i += 1) {
    const dark = ((bits >>> i) & 1) === 1;
    const a = grid.length - 11 + (i % 3);
    const b = Math.floor(i / 3);
    put(grid, a, b, dark);
    put(grid, b, a, dark);
  }
}

/** Two columns at a time from the right, up and down in turn; column 6 belongs to the timing. */
function drawBits(grid: Grid, words: readonly number[]): void {
  const size = grid.length;
  let n = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let vertical = 0; vertical < size; vertical += 1) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - vertical : vertical;
        if (grid[y]?.[x] !== null) continue;
        put(grid, x, y, (((words[n >>> 3] ?? 0) >>> (7 - (n & 7))) & 1) === 1);
        n += 1;
      }
    }
  }
}
