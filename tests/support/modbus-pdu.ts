/** What a device remembers, as far as requests can see it. */
export interface DeviceMemory {
  registers: Uint16Array;
  coils: Uint8Array;
  queues: Map<number, number[][]>;
  onWrite(address: number, values: number[], coil: boolean): void;
}

/** Function, address and count of a request; absent ones are 0. */
export function pduFields(pdu: Buffer): { code: number; address: number; length: number } {
  const word = (at: number) => (pdu.length >= at + 2 ? pdu.readUInt16BE(at) : 0);
  return { code: pdu.readUInt8(0), address: word(1), length: word(3) };
}

/** The PDU a sound device answers a request with: functions 1 to 6, 16, 22, 23 and 24. */
export function answerPdu(memory: DeviceMemory, pdu: Buffer): Buffer {
  const { code, address, length } = pduFields(pdu);
  if (code === 1 || code === 2) return bits(memory, code, address, length);
  if (code === 3 || code === 4) return registers(memory, code, address, length);
  const word = (at: number) => pdu.readUInt16BE(at);
  if (code === 24) return queue(memory, address);
  if (code === 5) write(memory, memory.coils, address, [length === 0xff00 ? 1 : 0]);
  else if (code === 6) write(memory, memory.registers, address, [length]);
  else if (code === 16) {
    const values = Array.from({ length }, (_, i) => pdu.readUInt16BE(6 + 2 * i));
    write(memory, memory.registers, address, values);
    return pdu.subarray(0, 5);
  } else if (code === 22) {
    const old = memory.registers[address] ?? 0;
    const or = pdu.readUInt16BE(5);
    write(memory, memory.registers, address, [(old & length) | (or & ~length)]);
  } else if (code === 23) {
    const values = Array.from({ length: word(7) }, (_, i) => word(10 + 2 * i));
    write(memory, memory.registers, word(5), values);
    return registers(memory, code, address, length);
  } else return Buffer.from([code | 0x80, 1]);
  return pdu;
}

function registers(memory: DeviceMemory, code: number, address: number, length: number): Buffer {
  if (length > 125) return Buffer.from([code | 0x80, 3]);
  const data = Buffer.alloc(2 + 2 * length);
  data.writeUInt8(code, 0);
  data.writeUInt8(2 * length, 1);
  for (let i = 0; i < length; i += 1) {
    data.writeUInt16BE(memory.registers[address + i] ?? 0, 2 + 2 * i);
  }
  return data;
}

function bits(memory: DeviceMemory, code: number, address: number, length: number): Buffer {
  const bytes = Math.ceil(length / 8);
  const data = Buffer.alloc(2 + bytes);
  data.writeUInt8(code, 0);
  data.writeUInt8(bytes, 1);
  for (let i = 0; i < length; i += 1) {
    const bit = (memory.coils[address + i] ?? 0) << (i & 7);
    data[2 + (i >> 3)] = (data[2 + (i >> 3)] ?? 0) | bit;
  }
  return data;
}

/** Whole records, at most 31 registers; the device forgets what it has sent. */
function queue(memory: DeviceMemory, address: number): Buffer {
  const waiting = memory.queues.get(address) ?? [];
  const values: number[] = [];
  while (waiting[0] && values.length + waiting[0].length <= 31) {
    values.push(...(waiting.shift() ?? []));
  }
  const data = Buffer.alloc(5 + 2 * values.length);
  data.writeUInt8(24, 0);
  data.writeUInt16BE(2 + 2 * values.length, 1);
  data.writeUInt16BE(values.length, 3);
  for (const [i, value] of values.entries()) data.writeUInt16BE(value, 5 + 2 * i);
  return data;
}

function write(
  memory: DeviceMemory,
  where: Uint16Array | Uint8Array,
  address: number,
  values: number[],
): void {
  where.set(values, address);
  memory.onWrite(address, values, where === memory.coils);
}
