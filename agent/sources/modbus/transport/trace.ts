/** The newest bytes of a line in both directions, for support: bounded, and cheap to keep. */
export interface Trace {
  sent(nowMs: number, bytes: Uint8Array): void;
  received(nowMs: number, bytes: Uint8Array): void;
  /** oldest first: monotonic ms, direction, bytes as hexadecimal characters */
  lines(): { ms: number; sent: boolean; hex: string }[];
}

const CHUNK = 272;

/** Keeps the last `size` pieces, each cut to the longest frame there is. */
export function createTrace(size = 64): Trace {
  const bytes = Buffer.alloc(size * CHUNK);
  const lengths = new Uint16Array(size);
  const times = new Float64Array(size);
  const sentBits = new Uint8Array(size);
  let count = 0;
  const put = (nowMs: number, piece: Uint8Array, sent: boolean) => {
    const at = count % size;
    const length = Math.min(piece.length, CHUNK);
    bytes.set(length === piece.length ? piece : piece.subarray(0, length), at * CHUNK);
    lengths[at] = length;
    times[at] = nowMs;
    sentBits[at] = sent ? 1 : 0;
    count += 1;
  };
  return {
    sent: (nowMs, piece) => put(nowMs, piece, true),
    received: (nowMs, piece) => put(nowMs, piece, false),
    lines() {
      const kept = Math.min(count, size);
      return Array.from({ length: kept }, (_, i) => {
        const at = (count - kept + i) % size;
        const hex = bytes.toString('hex', at * CHUNK, at * CHUNK + (lengths[at] ?? 0));
        return { ms: times[at] ?? 0, sent: sentBits[at] === 1, hex };
      });
    },
  };
}
