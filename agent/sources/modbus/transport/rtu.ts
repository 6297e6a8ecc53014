import { crc16 } from './crc16.ts';
import { type FrameSink, type Frames, NO_ID } from './frames.ts';

/** Longest RTU frame, and what is kept at most while looking for one. */
const MAX_ADU = 256;
const UNKNOWN = -1;
const MORE = 0;

/**
 * Modbus RTU: unit, PDU, CRC. Nothing marks where a frame begins, so it is found by what may be
 * expected: bytes that cannot begin an awaited answer are passed over as noise of the line.
 */
export function rtuFrames(sink: FrameSink): Frames {
  let bytes: Buffer = EMPTY;
  return {
    wrap: (_id, body) => body,
    take(chunk) {
      bytes = bytes.length > 0 ? Buffer.concat([bytes, chunk]) : Buffer.from(chunk);
      while (bytes.length >= 2) {
        const start = beginning(bytes, sink);
        if (start > 0) bytes = bytes.subarray(start);
        const size = answerSize(bytes);
        if (size === MORE) break;
        if (size === UNKNOWN || size > MAX_ADU) {
          bytes = EMPTY;
          sink.damaged();
          return;
        }
        if (bytes.length < size) break;
        const adu = bytes.subarray(0, size);
        if (crc16(adu, size - 2) !== adu.readUInt16LE(size - 2)) {
          bytes = EMPTY;
          sink.damaged();
          return;
        }
        bytes = bytes.subarray(size);
        sink.frame(NO_ID, adu.subarray(0, size - 2), adu);
      }
    },
    reset() {
      bytes = EMPTY;
    },
  };
}

const EMPTY = Buffer.alloc(0);

/** First place where an awaited answer may begin; the last byte may be the first of one. */
function beginning(bytes: Buffer, sink: FrameSink): number {
  let at = 0;
  while (at + 1 < bytes.length && !sink.expects(bytes[at] ?? 0, (bytes[at + 1] ?? 0) & 0x7f))
    at += 1;
  return at;
}

/** Bytes of an answer, told by its function code and its own count. */
function answerSize(bytes: Buffer): number {
  if (bytes.length < 2) return MORE;
  const code = bytes[1] ?? 0;
  if (code > 0x7f) return 5;
  if (code === 24) return bytes.length < 4 ? MORE : 4 + bytes.readUInt16BE(2) + 2;
  if (code <= 4 || code === 23) return bytes.length < 3 ? MORE : 5 + (bytes[2] ?? 0);
  if (code === 22) return 10;
  return code === 5 || code === 6 || code === 15 || code === 16 ? 8 : UNKNOWN;
}
