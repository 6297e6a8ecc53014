import { writeFileSync } from 'node:fs';
import type { ReadWish } from '../evidence/tables/read.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import { nearest } from '../settings/nearest.ts';
import type { Values } from './command.ts';

/** Options of every command that reads a table. */
export const TABLE_OPTIONS = {
  sheet: { type: 'string' },
  delimiter: { type: 'string' },
  decimal: { type: 'string' },
} as const;

export const TABLE_HELP = [
  '--sheet NAME        sheet of an Excel file (default: the first)',
  '--delimiter C       comma, semicolon, tab or the sign itself   --decimal C   point or comma',
];

const DELIMITERS: Record<string, string> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
};

/** How to read the table, as far as the command line says. */
export function readWish(values: Values): ReadWish {
  const delimiter = textOption(values, 'delimiter');
  const decimal = oneOf(values, 'decimal', ['.', ',', 'point', 'comma', ''], '');
  const sign = delimiter === undefined ? undefined : (DELIMITERS[delimiter] ?? delimiter);
  if (sign !== undefined && sign.length !== 1) {
    throw new InputError(`--delimiter ${delimiter}: one sign, or comma, semicolon, tab, pipe`);
  }
  return {
    sheet: textOption(values, 'sheet'),
    delimiter: sign,
    decimal: decimal === '' ? undefined : decimal === ',' || decimal === 'comma' ? ',' : '.',
  };
}

/** `--lsl -5` as `--lsl=-5`: a negative number is not another option. */
export function withNegatives(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const before = joined.at(-1);
    const follows = before !== undefined && /^--[a-z-]+$/.test(before);
    if (follows && /^-\.?\d/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
    return joined;
  }, []);
}

/** A number given as an option; a decimal comma is understood. null when it is not given. */
export function numberOption(values: Values, name: string): number | null {
  const text = textOption(values, name);
  if (text === undefined) return null;
  const value = Number(text.trim().replace(/^([+-]?\d*),(\d+)$/, '$1.$2'));
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError(`--${name} ${text}: a number is needed`);
}

/** The text of an option, undefined when it is not given. */
export function textOption(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** An option that takes one of a list. */
export function oneOf<Word extends string>(
  values: Values,
  name: string,
  words: readonly Word[],
  otherwise: Word,
): Word {
  const text = textOption(values, name);
  if (text === undefined) return otherwise;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const close = nearest(text, words);
  const known = words.filter((word) => word !== '').join(', ');
  throw new InputError(
    `--${name} ${text}: ${close ? `did you mean ${close}?` : 'not known'} There are ${known}`,
  );
}

/** Writes a page to the file that --html names. */
export function writePage(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`--html ${file}: cannot be written: ${messageOf(error)}`);
  }
}
