import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { readSettings } from '../../agent/settings/load.ts';

export const meanOf = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;

/** Standard deviation of all values together. */
export function overallSd(x: readonly number[]): number {
  const mean = meanOf(x);
  return Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1));
}

/** Standard deviation within groups of five that follow each other. */
export function withinSd(x: readonly number[]): number {
  let squares = 0;
  let freedom = 0;
  for (let i = 0; i + 5 <= x.length; i += 5) {
    const group = x.slice(i, i + 5);
    const center = meanOf(group);
    squares += group.reduce((a, b) => a + (b - center) ** 2, 0);
    freedom += 4;
  }
  return Math.sqrt(squares / freedom);
}

/** Distance of the mean to the nearer limit in three standard deviations. */
export const ppk = (x: readonly number[], lsl: number, usl: number) =>
  Math.min(usl - meanOf(x), meanOf(x) - lsl) / (3 * overallSd(x));

export const cwk = (x: readonly number[], lsl: number, usl: number) =>
  Math.min(usl - meanOf(x), meanOf(x) - lsl) / (3 * withinSd(x));

/** Distances of median to limit over median to the outer 0.135 % point (ISO 22514-2). */
export function percentilePpk(x: readonly number[], lsl: number | null, usl: number | null) {
  const sorted = [...x].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const upper = usl === null ? Infinity : (usl - at(0.5)) / (at(0.99865) - at(0.5));
  const lower = lsl === null ? Infinity : (at(0.5) - lsl) / (at(0.5) - at(0.00135));
  return Math.min(upper, lower);
}

/** Within ten percent of the index the plant was designed for. */
export function near(value: number, gold: number): void {
  expect(Math.abs(value / gold - 1), `${value} against ${gold}`).toBeLessThan(0.1);
}

/** Values of the process with and without its events, from the same parts of several seeds. */
export function compare<T>(
  make: (seed: number, events: boolean) => { next(): T },
  [first, last]: readonly [number, number],
  value: (part: T) => number,
) {
  const read = (events: boolean) =>
    [1, 2, 3, 4, 5, 6].flatMap((seed) => {
      const model = make(seed, events);
      const parts = Array.from({ length: last }, () => model.next());
      return parts.slice(first - 1).map(value);
    });
  const disturbed = read(true);
  const usual = read(false);
  return { shift: meanOf(disturbed) - meanOf(usual), disturbed, usual };
}

/** A demo's settings file is read without a complaint. */
export function expectSound(file: string): void {
  const path = new URL(`../../config/${file}`, import.meta.url).pathname;
  const { problems } = readSettings(readFileSync(path, 'utf8'), path, {});
  expect(problems).toEqual([]);
}
