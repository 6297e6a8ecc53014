import type { Random } from '../../agent/plants/random.ts';
import { decodePayload, type Metric } from '../../agent/sources/sparkplug/payload.ts';
import { ProtobufError } from '../../agent/sources/sparkplug/protobuf.ts';
import { numberOf } from '../../agent/sources/sparkplug/values.ts';
import { sparkplugBytes } from '../support/sparkplug-bytes.ts';
import { noise } from './hostile-bytes.ts';
import type { Reader } from './hostile-input.ts';

/** Sparkplug payloads with bytes changed; a number that is accepted has its bits in the bytes. */
export function hostileSparkplug(random: Random): Reader {
  const chance = () => random.uniform();
  const bases = [
    { name: 'od', datatype: 10, double: 21.99 },
    { name: 'f', alias: 3, datatype: 9, float: Number.POSITIVE_INFINITY },
    { name: 'n', datatype: 10, double: Number.NaN },
    { alias: 7, datatype: 3, int: -5 },
    { alias: 9, datatype: 4, long: -5_000_000_000n },
    { name: 'b', datatype: 1, int: 0xfe, quality: 192 },
  ].map((metric) => sparkplugBytes({ timestamp: 1_772_352_000_000, seq: 3, metrics: [metric] }));
  const one = (bytes: Buffer) => {
    try {
      const { metrics } = decodePayload(bytes);
      return metrics.reduce((n, m) => n + checked(m, bytes), 0);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      return 0;
    }
  };
  return {
    next() {
      if (chance() < 0.1) return one(noise(Math.floor(chance() * 100), chance));
      const bytes = Buffer.from(bases[Math.floor(chance() * bases.length)] ?? []);
      const changes = Math.floor(chance() * 4);
      for (let i = 0; i < changes; i += 1) {
        bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
      }
      return one(chance() < 0.1 ? bytes.subarray(0, Math.floor(chance() * bytes.length)) : bytes);
    },
    bombs: () =>
      [
        Buffer.alloc(1_000_000, 0x12),
        Buffer.alloc(1_000_000, 0xff),
        Buffer.alloc(1_000_000),
      ].reduce((n, bomb) => n + one(bomb), 0),
  };
}

/** 1 when the metric holds a number; throws when that number is not in the bytes. */
function checked(m: Metric, bytes: Buffer): number {
  const datatype = m.datatype ?? 0;
  const value = numberOf(m, datatype);
  if (Number.isNaN(value)) return 0;
  if (!Number.isFinite(value) || !stands(value, datatype, bytes)) {
    throw new Error(`${value} of type ${datatype} does not stand in ${bytes.toString('hex')}`);
  }
  return 1;
}

const BITS: Record<number, number> = { 1: 8, 2: 16, 3: 32, 4: 64, 5: 8, 6: 16, 7: 32, 8: 64 };

function stands(value: number, datatype: number, bytes: Buffer): boolean {
  const scratch = Buffer.alloc(8);
  if (datatype === 9) {
    scratch.writeFloatLE(value);
    return bytes.includes(scratch.subarray(0, 4));
  }
  if (datatype === 10) {
    scratch.writeDoubleLE(value);
    return bytes.includes(scratch);
  }
  const bits = BITS[datatype] ?? 64;
  const wanted = BigInt.asUintN(bits, BigInt(value));
  for (let at = 0; at < bytes.length; at += 1) {
    if (BigInt.asUintN(bits, varint(bytes, at)) === wanted) return true;
  }
  return false;
}

function varint(bytes: Buffer, from: number): bigint {
  let value = 0n;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[from + i] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) break;
  }
  return value;
}
