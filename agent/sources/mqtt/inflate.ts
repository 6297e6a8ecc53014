import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { messageOf } from '../../runtime/errors.ts';
import { PayloadError } from './payload.ts';

/**
 * The contents of a compressed payload, told by its first bytes (gzip, zlib, zstd); any other
 * payload as it is. Throws a PayloadError when it is damaged or larger than `most` bytes inside:
 * inflating stops there, so that a small message cannot fill the memory.
 */
export function inflate(payload: Buffer, most: number): Buffer {
  const open = opener(payload);
  if (open === null) return payload;
  try {
    return open(payload, { maxOutputLength: most });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new PayloadError(`more than ${most} bytes when inflated (maxInflated)`);
    }
    throw new PayloadError(`cannot be inflated: ${messageOf(error)}`);
  }
}

function opener(p: Buffer) {
  if (p.length < 4) return null;
  const first = p.readUInt16BE(0);
  if (first === 0x1f8b) return gunzipSync;
  if (p.readUInt32LE(0) === 0xfd2f_b528) return zstdDecompressSync;
  // A zlib header is a multiple of 31 whose low four bits of the first byte say deflate (RFC 1950).
  if (first % 31 === 0 && ((p[0] ?? 0) & 0x0f) === 8 && (p[0] ?? 0) >> 4 <= 7) return inflateSync;
  return null;
}
