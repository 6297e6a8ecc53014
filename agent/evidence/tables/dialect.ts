/** Finds out from the beginning of a text file how it is written. */
import { type Decimal, isMissing, numberIn } from './cells.ts';

export interface Dialect {
  delimiter: string;
  decimal: Decimal;
  encoding: 'utf-8' | 'utf-16le' | 'windows-1252';
}

/** What a person may say about a file, so that nothing has to be found out. */
export interface DialectWish {
  delimiter?: string | undefined;
  decimal?: Decimal | undefined;
}

const DELIMITERS = ['\t', ';', ',', '|'];
const LINES_LOOKED_AT = 50;
const COMMA_NUMBER = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
const POINT_NUMBER = /^[+-]?\d*\.\d+(?:[eE][+-]?\d+)?$/;

/** Encoding by the byte order mark, else UTF-8 if the bytes are that, else Windows-1252. */
export function encodingOf(start: Uint8Array): Dialect['encoding'] {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  try {
    // A cut at the end may split a character, so `stream` forgives an unfinished one.
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Delimiter and decimal sign of a text file from its first lines. */
export function dialectOf(text: string, wish: DialectWish): Omit<Dialect, 'encoding'> {
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, LINES_LOOKED_AT);
  const delimiter = wish.delimiter ?? delimiterOf(lines, wish.decimal);
  return { delimiter, decimal: wish.decimal ?? decimalOf(lines, delimiter) };
}

/** The cells of one line as far as that can be said without reading the whole file. */
export function splitLine(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let quoted = false;
  let cell = '';
  for (const c of line) {
    if (c === '"') quoted = !quoted;
    else if (c === delimiter && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  return [...cells, cell];
}

/**
 * The delimiter that cuts most lines into the same number of cells. A comma counts last, because
 * it may be the decimal sign: where a header says one column and the lines below hold `12,5`,
 * it is.
 */
function delimiterOf(lines: string[], decimal: Decimal | undefined): string {
  const usable = DELIMITERS.filter((d) => !(d === ',' && decimal === ','));
  for (const delimiter of usable) {
    const counts = lines.map((line) => splitLine(line, delimiter).length);
    if (delimiter === ',' && isDecimalComma(lines, counts)) continue;
    const same = (count: number) => counts.filter((one) => one === count).length;
    if (counts.some((count) => count > 1 && same(count) * 2 >= counts.length)) return delimiter;
  }
  // One column: a delimiter that appears nowhere.
  return usable.find((d) => !lines.some((line) => line.includes(d))) ?? '\t';
}

/** One column with decimal commas: a header without a comma above lines that are such numbers. */
function isDecimalComma(lines: string[], counts: number[]): boolean {
  const [header = '', ...below] = lines;
  return (
    counts[0] === 1 &&
    below.length > 0 &&
    Number.isNaN(numberIn(header, '.')) &&
    below.every((line) => isMissing(line) || !Number.isNaN(numberIn(line, ',')))
  );
}

function decimalOf(lines: string[], delimiter: string): Decimal {
  if (delimiter === ',') return quotedCommas(lines) ? ',' : '.';
  const cells = lines.flatMap((line) => splitLine(line, delimiter)).map((cell) => cell.trim());
  const commas = cells.some((cell) => COMMA_NUMBER.test(cell));
  return commas && !cells.some((cell) => POINT_NUMBER.test(cell)) ? ',' : '.';
}

/** "12,5","12,6": commas between the cells and, in quotes, inside them. */
function quotedCommas(lines: string[]): boolean {
  const cells = lines.flatMap((line) => splitLine(line, ','));
  return cells.some((cell) => COMMA_NUMBER.test(cell)) && !cells.some((c) => POINT_NUMBER.test(c));
}
