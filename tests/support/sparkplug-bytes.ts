/** A Sparkplug B payload written by hand, field by field: it shares no line with the decoder. */
export interface MetricInput {
  name?: string;
  alias?: number;
  timestamp?: number;
  datatype?: number;
  historical?: boolean;
  isNull?: boolean;
  int?: bigint | number;
  long?: bigint | number;
  float?: number;
  double?: number;
  boolean?: boolean;
  string?: string;
  /** property Quality */
  quality?: number;
}

export const TYPE = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
} as const;

export function sparkplugBytes(p: {
  timestamp?: number;
  seq?: number;
  metrics?: MetricInput[];
}): Buffer {
  return Buffer.concat([
    ...(p.timestamp === undefined ? [] : [number(1, p.timestamp)]),
    ...(p.metrics ?? []).map((m) => bytes(2, metricBytes(m))),
    ...(p.seq === undefined ? [] : [number(3, p.seq)]),
  ]);
}

/** The same in an envelope, as senders that compress make it. */
export function compressedBytes(inside: Buffer, seq?: number): Buffer {
  return Buffer.concat([
    ...(seq === undefined ? [] : [number(3, seq)]),
    bytes(4, Buffer.from('SPBV1.0_COMPRESSED')),
    bytes(5, inside),
  ]);
}

function metricBytes(m: MetricInput): Buffer {
  const parts: Buffer[] = [];
  if (m.name !== undefined) parts.push(bytes(1, Buffer.from(m.name)));
  if (m.alias !== undefined) parts.push(number(2, m.alias));
  if (m.timestamp !== undefined) parts.push(number(3, m.timestamp));
  if (m.datatype !== undefined) parts.push(number(4, m.datatype));
  if (m.historical) parts.push(number(5, 1));
  if (m.isNull) parts.push(number(7, 1));
  if (m.quality !== undefined) {
    const value = Buffer.concat([number(1, TYPE.Int32), number(3, m.quality)]);
    parts.push(bytes(9, Buffer.concat([bytes(1, Buffer.from('Quality')), bytes(2, value)])));
  }
  if (m.int !== undefined) parts.push(number(10, m.int));
  if (m.long !== undefined) parts.push(number(11, m.long));
  if (m.float !== undefined) {
    const b = Buffer.alloc(4);
    b.writeFloatLE(m.float);
    parts.push(Buffer.concat([key(12, 5), b]));
  }
  if (m.double !== undefined) {
    const b = Buffer.alloc(8);
    b.writeDoubleLE(m.double);
    parts.push(Buffer.concat([key(13, 1), b]));
  }
  if (m.boolean !== undefined) parts.push(number(14, m.boolean ? 1 : 0));
  if (m.string !== undefined) parts.push(bytes(15, Buffer.from(m.string)));
  return Buffer.concat(parts);
}

const key = (field: number, wire: number) => varint(BigInt(field * 8 + wire));
const number = (field: number, value: bigint | number) =>
  Buffer.concat([key(field, 0), varint(BigInt(value))]);
const bytes = (field: number, content: Buffer) =>
  Buffer.concat([key(field, 2), varint(BigInt(content.length)), content]);

function varint(value: bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 128n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}
