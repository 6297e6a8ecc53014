import { type FrameSink, type Frames, MAX_BODY, NO_ID } from './frames.ts';

const COLON = 0x3a;
const CR = 0x0d;
/** Longest ASCII frame: colon, two characters a byte with LRC, CR, LF. */
const MAX_ADU = 2 * (MAX_BODY + 1) + 3;

/** Modbus ASCII: ':' then unit, PDU and LRC as hexadecimal characters, then CR LF. */
export function asciiFrames(sink: FrameSink): Frames {
  let bytes: Buffer = EMPTY;
  return {
    wrap(_id, body) {
      const sum = lrc(body, body.length - 2);
      const text = body.toString('hex', 0, body.length - 2) + sum.toString(16).padStart(2, '0');
      return Buffer.from(`:${text.toUpperCase()}\r\n`, 'latin1');
    },
    take(chunk) {
      bytes = bytes.length > 0 ? Buffer.concat([bytes, chunk]) : Buffer.from(chunk);
      for (;;) {
        const start = bytes.indexOf(COLON);
        if (start < 0) {
          bytes = EMPTY;
          return;
        }
        const end = bytes.indexOf(CR, start);
        // A second colon begins a frame anew: the first one was cut off.
        const again = bytes.lastIndexOf(COLON, end < 0 ? bytes.length - 1 : end);
        const adu = bytes.subarray(again, end < 0 ? bytes.length : end);
        if (end < 0) {
          bytes = adu.length > MAX_ADU ? EMPTY : adu;
          return;
        }
        bytes = bytes.subarray(end + 1);
        const body = decode(adu);
        if (body === null) sink.damaged();
        else sink.frame(NO_ID, body, adu);
      }
    },
    reset() {
      bytes = EMPTY;
    },
  };
}

const EMPTY = Buffer.alloc(0);
const HEX = /^:([0-9A-Fa-f]{2}){3,255}$/;

function decode(adu: Buffer): Buffer | null {
  const text = adu.toString('latin1');
  if (!HEX.test(text)) return null;
  const all = Buffer.from(text.slice(1), 'hex');
  const size = all.length - 1;
  return lrc(all, size) === all[size] ? all.subarray(0, size) : null;
}

/** Longitudinal check of the first bytes: their sum and it are 0 modulo 256. */
export function lrc(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += bytes[i] as number;
  return -sum & 0xff;
}
