/** Takes a line apart; the words between by name, or why it does not fit. */
export type FormReader = (line: string) => Record<string, string> | string;

/** A form, compiled once: fixed signs, {names}, and blanks that stand for any or no blanks. */
export interface Form {
  names: string[];
  read: FormReader;
}

type Part = { kind: 'text'; text: string } | { kind: 'blank' } | { kind: 'name'; name: string };

const PIECE = /\{([A-Za-z][A-Za-z0-9_]*)\}|(\s+)|([^{}\s]+)|[{}]/g;

/** Compiles 'S S {value} {unit}'; a sentence when it is no form. `numbers` are names of values. */
export function compileForm(text: string, numbers: ReadonlySet<string>): Form | string {
  const parts: Part[] = [];
  for (const [whole, name, blank, fixed] of text.trim().matchAll(PIECE)) {
    if (name !== undefined) parts.push({ kind: 'name', name });
    else if (blank !== undefined) parts.push({ kind: 'blank' });
    else if (fixed !== undefined) parts.push({ kind: 'text', text: fixed });
    else return `'${whole}': a name stands between { and }, such as {value}`;
  }
  const names = parts.flatMap((part) => (part.kind === 'name' ? [part.name] : []));
  const twice = names.find((name, i) => name !== 'skip' && names.indexOf(name) !== i);
  if (twice !== undefined) return `{${twice}} stands here twice`;
  for (const [i, part] of parts.entries()) {
    const next = parts[i + 1];
    const open = part.kind === 'name' && !numbers.has(part.name);
    if (open && next?.kind === 'name') {
      return `nothing says where {${part.name}} ends and {${next.name}} begins`;
    }
  }
  return { names, read: (line) => take(parts, numbers, line) };
}

/** Every part begins where the one before ended and nothing is tried twice: time grows with length. */
function take(
  parts: readonly Part[],
  numbers: ReadonlySet<string>,
  line: string,
): Record<string, string> | string {
  const found: Record<string, string> = {};
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'blank') at = pastBlanks(line, at);
    else if (part.kind === 'text') {
      if (!line.startsWith(part.text, at)) return `'${part.text}' is not where it should be`;
      at += part.text.length;
    } else if (numbers.has(part.name)) {
      const number = numberAt(line, at);
      if (number === null) return `no number where {${part.name}} should be`;
      found[part.name] = number.text;
      at = number.end;
    } else {
      const end = endOf(line, at, parts[i + 1]);
      if (end < 0) return `nothing ends {${part.name}}`;
      found[part.name] = line.slice(at, end).trim();
      at = end;
    }
  }
  return pastBlanks(line, at) < line.length ? 'more behind the end of the form' : found;
}

const isBlank = (sign: string | undefined) => sign === ' ' || sign === '\t';

function pastBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line[at])) at += 1;
  return at;
}

function endOf(line: string, from: number, next: Part | undefined): number {
  if (next === undefined) return line.length;
  if (next.kind === 'text') return line.indexOf(next.text, from);
  let at = from;
  while (at < line.length && !isBlank(line[at])) at += 1;
  return at;
}

/** A number with its sign, which gauges like to set apart: '- 0012,5' is -12,5. */
function numberAt(line: string, from: number): { text: string; end: number } | null {
  let at = pastBlanks(line, from);
  let sign = '';
  if (line[at] === '+' || line[at] === '-') {
    sign = line[at] === '-' ? '-' : '';
    at = pastBlanks(line, at + 1);
  }
  const begin = at;
  let points = 0;
  for (; at < line.length; at += 1) {
    const c = line[at] as string;
    if (c === '.' || c === ',') points += 1;
    else if (c < '0' || c > '9') break;
    if (points > 1) break;
  }
  const digits = line.slice(begin, at);
  return /\d/.test(digits) ? { text: sign + digits, end: at } : null;
}
