/** Width of a floating-point number as a device holds it; null: nobody said. */
export type FloatBits = 16 | 32 | 64 | null;

/** Binary digits of the significand and the lowest exponent (IEEE 754-2019, table 3.5). */
const FORMATS = { 16: [11, -14], 32: [24, -126] } as const;
const view = new DataView(new ArrayBuffer(8));

/**
 * A number for people: the fewest decimal digits that mean the same number in the width it came
 * in, 0.1 and not 0.10000000149011612. Of unknown width, a number that is a float32 exactly and
 * would need 16 digits or more was one.
 */
export function shortest(value: number, bits: FloatBits): string {
  const whole = String(value);
  if (bits === 64 || !Number.isFinite(value) || value === 0) return whole;
  if (bits === null && (Math.fround(value) !== value || digitsOf(whole) < 16)) return whole;
  const [significand, lowest] = FORMATS[bits ?? 32];
  view.setFloat64(0, value);
  const exponent = Math.max(((view.getUint16(0) >>> 4) & 0x7ff) - 1023, lowest);
  const half = 2 ** (exponent - significand);
  const size = Math.abs(value);
  // Below a power of two the numbers stand twice as close.
  const below = size === 2 ** exponent && exponent > lowest ? half / 2 : half;
  for (let digits = 1; digits < 17; digits += 1) {
    const short = Math.abs(Number(value.toPrecision(digits)));
    if (short < size ? size - short < below : short - size < half) {
      return String(Number(value.toPrecision(digits)));
    }
  }
  return whole;
}

const digitsOf = (text: string) => text.replace(/e.*/, '').replace(/^-?0*\.?0*|\./g, '').length;
