/**
 * The one binary form of readings: what sources hand over, what crosses to the core thread, what
 * the journal keeps and what a replay reads. Columns in one buffer; no object per reading.
 *
 * A batch holds deliveries (one MQTT message, one PLC record, one line of a file); a delivery holds
 * readings. Layout, little-endian as typed arrays are on every machine Node runs on:
 *   header  8 × uint32: magic, version, deliveries D, readings N, text bytes T, raw bytes R, 0, 0
 *   float64 receiveMs[D] modulus[D] ownMs[D] value[N] sourceMs[N] sequence[N]
 *   uint32  first[D] stream[D] streamLen[D] context[D] contextLen[D] raw[D] rawLen[D] flags[D] char[N]
 *   bytes   quality[N] text[T] raw[R], zero-padded to a multiple of 8
 * Version 1, still read, has no ownMs.
 */

export const MAGIC = 0x4d59_4231;
export const VERSION = 2;
export const HEADER_BYTES = 32;
/** Columns per delivery and per reading: float64 and uint32 */
export const D64 = 3;
export const N64 = 3;
export const D32 = 8;
const N32 = 1;

/** Bytes one encoded batch occupies, without the padding to 8. */
export function bytesOf(d: number, n: number, text: number, raw: number, d64 = D64): number {
  return HEADER_BYTES + 8 * (d64 * d + N64 * n) + 4 * (D32 * d + N32 * n) + n + text + raw;
}

/** The next multiple of 8. */
export const padded = (bytes: number) => (bytes + 7) & ~7;

/** Float64 columns per delivery in this version; 0 for one that nobody knows. */
export const d64Of = (version: number) => (version === 2 ? 3 : version === 1 ? 2 : 0);
