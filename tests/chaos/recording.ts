import { readFileSync } from 'node:fs';

/** One thing that a watched process did; see shim/record.c for the types. */
export interface Record {
  type: string;
  /** number of the file, or of the socket */
  what: number;
  offset: number;
  bytes: Buffer;
}

const HEAD = 24;

/** Reads what the shim wrote down; a last record that is cut off is left out. */
export function readRecording(file: string): Record[] {
  const all = readFileSync(file);
  const records: Record[] = [];
  let at = 0;
  while (at + HEAD <= all.length) {
    const length = all.readUInt32LE(at + 16);
    const end = at + HEAD + length;
    if (end > all.length) break;
    records.push({
      type: String.fromCharCode(all[at] ?? 0),
      what: all.readUInt32LE(at + 4),
      offset: Number(all.readBigUInt64LE(at + 8)),
      bytes: all.subarray(at + HEAD, end),
    });
    at = end;
  }
  return records;
}

/** What had been promised, and with which record it left the process. */
export interface Promised {
  key: string;
  at: number;
}

/**
 * Everything that was acknowledged, read off the bytes on the wire: PUBACKs for messages of the
 * broker, 2xx answers to values that were typed in.
 */
export function promised(records: readonly Record[]): Promised[] {
  const wires = new Map<number, Wire>();
  const found: Promised[] = [];
  for (const [at, { type, what, bytes }] of records.entries()) {
    if (type === 'X') wires.delete(what);
    if (type !== '<' && type !== '>') continue;
    let wire = wires.get(what);
    // A socket whose close went unseen begins anew with a CONNECT or a request.
    if (wire === undefined || (type === '>' && isConnect(bytes))) {
      wire = { mqtt: false, level: 5, in: Buffer.alloc(0), out: Buffer.alloc(0), ids: new Map() };
      wires.set(what, wire);
    }
    if (type === '>' && isConnect(bytes)) wire.mqtt = true;
    const keys = wire.mqtt ? takeMqtt(wire, type, bytes) : takeHttp(wire, type, bytes);
    for (const key of keys) found.push({ key, at });
  }
  return found;
}

/** The same of a core without a broker, which says on standard output what it has acknowledged. */
export function promisedOnStdout(records: readonly Record[]): Promised[] {
  return records.flatMap(({ type, what, bytes }, at) => {
    if (type !== '>' || what !== 1) return [];
    const upTo = /^ack (\d+)$/m.exec(bytes.toString())?.[1];
    return upTo === undefined ? [] : [{ key: `load/a#${upTo}`, at }];
  });
}

interface Wire {
  mqtt: boolean;
  level: number;
  in: Buffer;
  out: Buffer;
  /** what each packet id stands for */
  ids: Map<number, string>;
}

const isConnect = (bytes: Buffer) =>
  bytes[0] === 0x10 && bytes.subarray(0, 12).includes('MQTT', 0, 'latin1');

function takeMqtt(wire: Wire, type: string, bytes: Buffer): string[] {
  const side = type === '<' ? 'in' : 'out';
  wire[side] = Buffer.concat([wire[side], bytes]);
  const keys: string[] = [];
  for (;;) {
    const packet = nextPacket(wire[side]);
    if (packet === null) return keys;
    const { kind, body, total } = packet;
    wire[side] = wire[side].subarray(total);
    if (side === 'out' && kind === 1) wire.level = body[6] ?? 5;
    if (side === 'in' && kind === 3) takePublish(wire, body);
    if (side !== 'out' || kind !== 4) continue;
    const key = wire.ids.get(body.readUInt16BE(0));
    if (key !== undefined) keys.push(key);
  }
}

function nextPacket(bytes: Buffer): { kind: number; body: Buffer; total: number } | null {
  let length = 0;
  for (let i = 1; i < 5; i += 1) {
    const part = bytes[i];
    if (part === undefined) return null;
    length += (part & 127) * 128 ** (i - 1);
    if (part >= 128) continue;
    const total = i + 1 + length;
    if (bytes.length < total) return null;
    return { kind: (bytes[0] ?? 0) >> 4, body: bytes.subarray(i + 1, total), total };
  }
  throw new Error('not MQTT');
}

function takePublish(wire: Wire, body: Buffer): void {
  const named = 2 + body.readUInt16BE(0);
  const id = body.readUInt16BE(named);
  let at = named + 2;
  // The properties are short: their length is one byte.
  if (wire.level === 5) at += 1 + (body[at] ?? 0);
  const station = body.subarray(2, named).toString().split('/')[1] ?? '';
  const { seq } = JSON.parse(body.subarray(at).toString()) as { seq: number };
  wire.ids.set(id, `load/${station}#${seq}`);
}

function takeHttp(wire: Wire, type: string, bytes: Buffer): string[] {
  if (type === '<') {
    wire.in = Buffer.concat([wire.in, bytes]).subarray(-4000);
    return [];
  }
  const head = bytes.subarray(0, 12).toString('latin1');
  const asked = wire.in.toString();
  wire.in = Buffer.alloc(0);
  if (!head.startsWith('HTTP/1.1 2') || !asked.includes('POST /api/readings')) return [];
  const value = /"value":\s*([0-9.]+)/.exec(asked)?.[1];
  return value === undefined ? [] : [`people/entry=${Number(value)}`];
}
