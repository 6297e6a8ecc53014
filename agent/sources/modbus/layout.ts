import { QUALITY } from '../../model.ts';
import {
  type Decoded,
  decoder,
  type FieldRule,
  ORDERS_16,
  ORDERS_32,
  ORDERS_64,
  widthOf,
} from './decode.ts';

/**
 * A float that is not 0 and smaller than this part of its limits is what swapped bytes look like:
 * differences of measured values are never that small, they end at the last bit.
 */
const TINY: Readonly<Record<string, number>> = { float32: 1e-9, float64: 1e-18 };
const TENS = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6].map((k) => [`10^${k}`, 10 ** k] as const);
const TWOS = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16].flatMap((k) => [
  [`2^${k}`, 2 ** k] as const,
  [`2^-${k}`, 2 ** -k] as const,
]);

type Factors = readonly (readonly [string, number])[];

/**
 * Says how the bytes of an implausible value would be plausible: in exactly one other byte order, or
 * times exactly one power of ten or two. '' while nothing is wrong or nothing single explains it.
 * A tiny float that another order explains is made bad as well: it is no measurement of nearly 0.
 */
export type LayoutCheck = (decoded: Decoded, view: DataView, at: number) => string;

/** The check of one field; null when it has no limits to be implausible against. */
export function layoutCheck(rule: FieldRule): LayoutCheck | null {
  const { min, max, type } = rule;
  if ((min === null && max === null) || type === 'bit' || type === 'bool' || rule.bits) return null;
  const [low, high] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  const size = Math.max(...[low, high].filter(Number.isFinite).map(Math.abs));
  const tiny = (value: number) => value !== 0 && Math.abs(value) < (TINY[type] ?? 0) * size;
  const fits = (value: number) => value >= low && value <= high && !tiny(value);
  const plain = decoder({ ...rule, min: null, max: null, clamp: null });
  const orders = ordersOf(rule);
  return (decoded, view, at) => {
    const { value, quality } = decoded;
    const suspect = quality === QUALITY.GOOD && tiny(value);
    if (!suspect && quality !== QUALITY.BAD_RANGE && quality !== QUALITY.BAD_VALUE) return '';
    const order = only(
      orders.map(({ name, read }) => [name, read(view, at).value]),
      fits,
    );
    if (order !== '') {
      decoded.value = Number.NaN;
      decoded.quality = QUALITY.BAD_RANGE;
    }
    if (order !== '' || suspect) return order;
    const { value: found } = plain(view, at);
    const scaled = (factors: Factors) =>
      only(
        factors.map(([name, factor]) => [`times ${name}`, found * factor]),
        fits,
      );
    return scaled(TENS) || scaled(TWOS);
  };
}

/** The other orders of a type; those that a byte order alone cannot have are left out. */
function ordersOf(rule: FieldRule) {
  const width = widthOf(rule.type);
  const all = width === 1 ? ORDERS_16 : width === 2 ? ORDERS_32 : ORDERS_64;
  return all
    .filter((order) => order !== rule.order)
    .map((order) => ({
      name: order as string,
      read: decoder({ ...rule, order, min: null, max: null, clamp: null }),
    }));
}

/** The name of the only value that fits; two names of one value are one. */
function only(found: Factors, fits: (v: number) => boolean): string {
  const fitting = found.filter(([, value]) => fits(value));
  const values = new Set(fitting.map(([, value]) => value));
  return values.size === 1 ? (fitting[0]?.[0] ?? '') : '';
}
