/** Packet ids of the PUBACKs in the bytes of one connection, in order. */
export function pubacks(bytes: Buffer): number[] {
  return packets(bytes)
    .filter((packet) => packet.type === 4)
    .map((packet) => packet.body.readUInt16BE(0));
}

/** Packet ids of the QoS 1 PUBLISHes in the bytes of one connection, in order. */
export function publishedIds(bytes: Buffer): number[] {
  return packets(bytes)
    .filter((packet) => packet.type === 3 && (packet.flags & 6) !== 0)
    .map((packet) => packet.body.readUInt16BE(2 + packet.body.readUInt16BE(0)));
}

/** Whole packets of a stream of MQTT bytes; what is cut short at the end is left out. */
function packets(bytes: Buffer): { type: number; flags: number; body: Buffer }[] {
  const found: { type: number; flags: number; body: Buffer }[] = [];
  let at = 0;
  while (at + 1 < bytes.length) {
    const first = bytes[at] ?? 0;
    let length = 0;
    let shift = 0;
    let next = at + 1;
    for (let more = true; more && next < bytes.length; next += 1) {
      const byte = bytes[next] ?? 0;
      length |= (byte & 127) << shift;
      shift += 7;
      more = byte > 127;
    }
    if (next + length > bytes.length) break;
    const body = bytes.subarray(next, next + length);
    found.push({ type: first >> 4, flags: first & 15, body });
    at = next + length;
  }
  return found;
}
