import { QUALITY } from '../../model.ts';
import { type Metric, VALUE } from './payload.ts';
import { unsigned64 } from './protobuf.ts';

/** Bits and sign of the integer types, by datatype number (Sparkplug 3.0, 6.4.16). */
const INTEGERS: Record<number, { bits: 8 | 16 | 32 | 64; signed: boolean }> = {
  1: { bits: 8, signed: true },
  2: { bits: 16, signed: true },
  3: { bits: 32, signed: true },
  4: { bits: 64, signed: true },
  5: { bits: 8, signed: false },
  6: { bits: 16, signed: false },
  7: { bits: 32, signed: false },
  8: { bits: 64, signed: false },
};
const FLOAT = 9;
const DOUBLE = 10;
const BOOLEAN = 11;
const DATE_TIME = 13;
const STRINGS = new Set([12, 14, 15]);

const QUALITY_BAD = 0;
const QUALITY_STALE = 500;

/** May a metric of this datatype be a measured value? Strings, times and sets may not. */
export const isNumeric = (datatype: number): boolean =>
  INTEGERS[datatype] !== undefined || datatype === FLOAT || datatype === DOUBLE;

/** Booleans are no measured values, but they are said to be bad rather than left out. */
export const isBoolean = (datatype: number): boolean => datatype === BOOLEAN;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * The number of a metric, NaN when it holds none. Signed integers are two's complement in an
 * unsigned field; beyond 2^53 a double does not hold them exactly, so they are NaN too.
 */
export function numberOf(m: Metric, datatype: number): number {
  if (m.isNull) return Number.NaN;
  if (m.field === VALUE.float && datatype === FLOAT) {
    scratch.setUint32(0, m.low);
    return finite(scratch.getFloat32(0));
  }
  if (m.field === VALUE.double && datatype === DOUBLE) {
    scratch.setUint32(0, m.high);
    scratch.setUint32(4, m.low);
    return finite(scratch.getFloat64(0));
  }
  const type = INTEGERS[datatype];
  if (type === undefined || (m.field !== VALUE.int && m.field !== VALUE.long)) return Number.NaN;
  return integer(m, type.bits, type.signed);
}

/** Text of a metric for the context: strings, and numbers as text; '' when there is none. */
export function textOf(m: Metric, datatype: number): string {
  if (m.isNull) return '';
  if (STRINGS.has(datatype)) return m.field === VALUE.string ? m.text : '';
  if (datatype === BOOLEAN) return m.field === VALUE.boolean ? String(m.low !== 0) : '';
  const number = numberOf(m, datatype);
  return Number.isNaN(number) ? '' : String(number);
}

/** What the node itself says of the value (property `Quality`). */
export function qualityOf(m: Metric): number {
  if (m.quality === QUALITY_BAD) return QUALITY.BAD_DEVICE;
  if (m.quality === QUALITY_STALE) return QUALITY.STALE;
  return m.historical ? QUALITY.UNCERTAIN_LATE : QUALITY.GOOD;
}

/** Can a metric of this datatype have its value in this field? Integers are sent in either. */
export function fitsType(m: Metric, datatype: number): boolean {
  if (m.isNull || m.field === VALUE.none) return true;
  if (m.datatype !== 0 && m.datatype !== datatype) return false;
  const whole = m.field === VALUE.int || m.field === VALUE.long;
  if (INTEGERS[datatype] !== undefined || datatype === DATE_TIME) return whole;
  if (datatype === FLOAT) return m.field === VALUE.float;
  if (datatype === DOUBLE) return m.field === VALUE.double;
  if (datatype === BOOLEAN) return m.field === VALUE.boolean;
  return STRINGS.has(datatype) === (m.field === VALUE.string);
}

const finite = (x: number) => (Number.isFinite(x) ? x : Number.NaN);

function integer(m: Metric, bits: 8 | 16 | 32 | 64, signed: boolean): number {
  if (bits === 64) {
    const value = signed ? (m.high | 0) * 4_294_967_296 + m.low : unsigned64(m);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
  const shift = 32 - bits;
  return signed ? (m.low << shift) >> shift : (m.low << shift) >>> shift;
}

/** The number of a metric by name, null when it is not in the list or holds none. */
export function numberNamed(metrics: readonly Metric[], name: string): number | null {
  const metric = metrics.find((m) => m.name === name);
  if (metric === undefined || metric.isNull) return null;
  const value = unsigned64(metric);
  return metric.field === VALUE.int || metric.field === VALUE.long ? value : null;
}
