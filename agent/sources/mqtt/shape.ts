import { parsePath } from './paths.ts';

/**
 * What stands between the values of an item, learned from one item: stations send the same keys in
 * the same order for years, so that only the values need to be read. Bytes, as they come.
 */
export interface Shape {
  /** the bytes before each value, and last those behind the last one */
  fixed: Uint8Array[];
  /** of each value: which of the wanted numbers it is, PLAIN for another one, TEXT for a text */
  values: Int16Array;
  wanted: number;
}

export const PLAIN = -1;
export const TEXT = -2;

const MOST_VALUES = 64;
const MOST_BYTES = 4096;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[ !#-[\]-~]*"/y;

type Path = readonly (string | number)[];

/** Numbers at these paths of an item are read; null when a path is none. */
export function wantedPaths(paths: readonly string[]): Path[] | null {
  const parsed = paths.map(parsePath);
  return parsed.every((path) => path !== undefined) ? (parsed as Path[]) : null;
}

/**
 * The shape of the first item of `[{…}, …]`; null when it is not one that can be relied on: a wanted
 * path without a number, a key twice, arrays, true, false, null, anything outside printable ASCII.
 */
export function learnShape(payload: Uint8Array, wanted: readonly Path[]): Shape | null {
  const length = Math.min(payload.length, MOST_BYTES);
  const text = Buffer.from(payload.buffer, payload.byteOffset, length).toString('latin1');
  const open = /^[ \n\r\t]*\[[ \n\r\t]*/.exec(text);
  if (open === null) return null;
  const l: Learning = {
    text,
    at: open[0].length,
    fixedFrom: open[0].length,
    fixed: [],
    values: [],
    wanted,
  };
  if (!object(l, [])) return null;
  l.fixed.push(bytes(l.text.slice(l.fixedFrom, l.at)));
  const found = wanted.every((_, i) => l.values.includes(i));
  if (!found || l.values.length > MOST_VALUES) return null;
  return { fixed: l.fixed, values: Int16Array.from(l.values), wanted: wanted.length };
}

interface Learning {
  text: string;
  at: number;
  /** where the bytes begin that stand before the next value */
  fixedFrom: number;
  fixed: Uint8Array[];
  values: number[];
  wanted: readonly Path[];
}

function object(l: Learning, path: Path): boolean {
  if (l.text[l.at] !== '{' || path.length > 16) return false;
  const keys = new Set<string>();
  do {
    l.at += 1;
    blank(l);
    const key = matched(l, STRING);
    if (key === null || keys.has(key)) return false;
    keys.add(key);
    blank(l);
    if (l.text[l.at] !== ':') return false;
    l.at += 1;
    blank(l);
    if (!value(l, [...path, key.slice(1, -1)])) return false;
    blank(l);
  } while (l.text[l.at] === ',');
  if (l.text[l.at] !== '}') return false;
  l.at += 1;
  return true;
}

function value(l: Learning, path: Path): boolean {
  if (l.text[l.at] === '{') return object(l, path);
  const start = l.at;
  const text = l.text[start] === '"';
  if (matched(l, text ? STRING : NUMBER) === null) return false;
  l.fixed.push(bytes(l.text.slice(l.fixedFrom, start)));
  l.fixedFrom = l.at;
  const at = l.wanted.findIndex((one) => same(one, path));
  l.values.push(text ? TEXT : at < 0 ? PLAIN : at);
  return true;
}

function matched(l: Learning, pattern: RegExp): string | null {
  pattern.lastIndex = l.at;
  const found = pattern.exec(l.text)?.[0];
  if (found === undefined) return null;
  l.at += found.length;
  return found;
}

function blank(l: Learning): void {
  while (' \n\r\t'.includes(l.text[l.at] ?? '.')) l.at += 1;
}

/** A step of a path may be a number where a key is meant. */
const same = (a: Path, b: Path) => a.length === b.length && a.every((s, i) => String(s) === b[i]);

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
