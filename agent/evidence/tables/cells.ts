/** What a cell of a table can hold, and how a number is read from text. */

/** A cell as it comes from a file: CSV gives text, spreadsheets also numbers; null is empty. */
export type Cell = string | number | null;

export type Decimal = '.' | ',';

/** Ways in which programs write "no value". */
const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'null', '-', '--', '*', '.']);

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** True for an empty cell and for the usual words for "no value". */
export function isMissing(cell: Cell): boolean {
  if (cell === null) return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  return MISSING.has(cell.trim().toLowerCase());
}

/** The number in a cell; NaN when there is none. Nothing is guessed: '12 mm' is not a number. */
export function numberIn(cell: Cell, decimal: Decimal): number {
  if (cell === null) return Number.NaN;
  if (typeof cell === 'number') return cell;
  const text = withMinus(cell.trim());
  if (decimal === '.') return PLAIN.test(text) ? Number(text) : Number.NaN;
  if (text.includes('.')) return Number.NaN;
  const pointed = text.replace(',', '.');
  return PLAIN.test(pointed) ? Number(pointed) : Number.NaN;
}

/** The cell as text, as a person sees it. */
export function textIn(cell: Cell): string {
  return cell === null ? '' : typeof cell === 'number' ? String(cell) : cell.trim();
}

/** Word processors and some spreadsheets write the minus as a sign of its own, U+2212. */
function withMinus(text: string): string {
  return text.charCodeAt(0) === 0x2212 ? `-${text.slice(1)}` : text;
}
