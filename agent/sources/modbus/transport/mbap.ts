import { type FrameSink, type Frames, MAX_BODY } from './frames.ts';

const PREFIX = 6;

/** Modbus TCP: id, protocol 0, length, then unit and PDU. */
export function mbapFrames(sink: FrameSink, datagrams: boolean): Frames {
  let rest: Buffer = EMPTY;
  let forgotten = false;
  return {
    wrap(id, body) {
      const size = body.length - 2;
      const adu = Buffer.allocUnsafe(PREFIX + size);
      adu.writeUInt16BE(id, 0);
      adu.writeUInt16BE(0, 2);
      adu.writeUInt16BE(size, 4);
      body.copy(adu, PREFIX, 0, size);
      return adu;
    },
    take(chunk) {
      if (rest.length > 0 && begins(chunk, sink)) {
        // A stream keeps its order: what is missing of the answer before will never come.
        sink.lost('half an answer');
        return;
      }
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      forgotten = false;
      let at = 0;
      while (!forgotten && bytes.length - at > PREFIX) {
        const length = bytes.readUInt16BE(at + 4);
        if (bytes.readUInt16BE(at + 2) !== 0 || length < 2 || length > MAX_BODY) {
          if (!datagrams) sink.lost('answer with a corrupt header');
          return;
        }
        const end = at + PREFIX + length;
        if (bytes.length < end) break;
        const body = bytes.subarray(at + PREFIX, end);
        sink.frame(bytes.readUInt16BE(at), body, bytes.subarray(at, end));
        at = end;
      }
      if (forgotten) return;
      // A copy, because the rest may be a few bytes of a large chunk.
      rest = at < bytes.length && !datagrams ? Buffer.from(bytes.subarray(at)) : EMPTY;
    },
    reset() {
      rest = EMPTY;
      forgotten = true;
    },
  };
}

const EMPTY = Buffer.alloc(0);

/** A whole answer to a request that is under way: its id, protocol, length, unit and function. */
function begins(chunk: Buffer, sink: FrameSink): boolean {
  if (chunk.length < PREFIX + 3 || chunk.readUInt16BE(2) !== 0) return false;
  const end = PREFIX + chunk.readUInt16BE(4);
  if (end < PREFIX + 3 || end > chunk.length) return false;
  const [unit, code] = [chunk[PREFIX] as number, (chunk[PREFIX + 1] as number) & 0x7f];
  return sink.expects(unit, code, chunk.readUInt16BE(0));
}
