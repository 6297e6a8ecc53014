/** What a PUBLISH is made of. */
export interface PublishParts {
  topic: string;
  payload: string;
  qos: number;
  /** packet id, 0 for QoS 0 */
  id: number;
  retain?: boolean;
  dup?: boolean;
  /** MQTT 5: the bytes of the properties; left out in 3.1.1 */
  properties?: Buffer;
}

/** A PUBLISH packet (MQTT 3.1.1 and 5, section 3.3). */
export function publishPacket(parts: PublishParts): Buffer {
  const { qos, retain = false, dup = false, properties } = parts;
  const topic = Buffer.from(parts.topic);
  const head = Buffer.from([topic.length >> 8, topic.length & 255]);
  const id = Buffer.from(qos > 0 ? [parts.id >> 8, parts.id & 255] : []);
  const more = properties ? [lengthBytes(properties.length), properties] : [];
  const body = Buffer.concat([head, topic, id, ...more, Buffer.from(parts.payload)]);
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  return Buffer.concat([Buffer.from([first]), lengthBytes(body.length), body]);
}

function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}

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
