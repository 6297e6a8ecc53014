/** Numbers as people read them. */
import type { Fractions } from '../../spc/nonconforming.ts';

/** Seven significant digits without a tail of zeros. */
export function figures(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)) {
    return value.toExponential(4);
  }
  return String(Number(value.toPrecision(7)));
}

/** A value with the digits that matter beside this spread: 1000000000.002 beside 0.001. */
export function near(value: number, spread: number | null): string {
  if (spread === null || !(spread > 0)) return String(Number(value.toPrecision(12)));
  const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(spread))));
  return String(Number(value.toFixed(decimals)));
}

/** The same, a dash for none. */
export function numberOr(value: number | null): string {
  return value === null ? '–' : figures(value);
}

/** An index with the two decimals that mean something, and a third for comparing. */
export function index(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

/** 0.95 as 95 %. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

/** Parts per million with the split by side. */
export function sayPpm(fractions: Fractions | null): string {
  if (fractions === null) return '–';
  const one = (x: number) =>
    x >= 10 ? x.toFixed(0) : x >= 0.01 ? x.toFixed(2) : x.toExponential(1);
  const side = (x: number | null) => (x === null ? '–' : x === 0 ? '0' : one(x));
  return `${side(fractions.total)} (below ${side(fractions.below)}, above ${side(fractions.above)})`;
}

/** Parameters of a distribution as name = value. */
export function sayParams(params: Record<string, number>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${figures(value)}`)
    .join(', ');
}
