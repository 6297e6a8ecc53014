import type { ContextPart } from './plan.ts';

const MAX_VALUE = 64;
const MAX_BYTES = 512;

/**
 * Part, serial, lot … of one item as a small JSON object of strings, keys in the order of the
 * settings. What is not there is left out; longer values are cut to 64 characters, and a key that
 * would make the text longer than 512 bytes is left out with all after it. `first` is a pair that is
 * written already.
 */
export function contextText(
  parts: readonly ContextPart[],
  item: unknown,
  root: unknown,
  first = '',
): string {
  let text = first;
  let bytes = 2 + Buffer.byteLength(first);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] as ContextPart;
    const value = part.get === null ? part.text : read(part.get(item) ?? part.get(root));
    if (value === null) continue;
    const pair = part.key + JSON.stringify(value.length > MAX_VALUE ? cut(value) : value);
    bytes += Buffer.byteLength(pair) + 1;
    if (bytes > MAX_BYTES) break;
    text = text === '' ? pair : `${text},${pair}`;
  }
  return text === '' ? '' : `{${text}}`;
}

function read(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const cut = (text: string) => text.slice(0, MAX_VALUE);
