import { isUtf8 } from 'node:buffer';

/** Why a payload cannot be read, in words for people; goes to the dead letters. */
export class PayloadError extends Error {
  override name = 'PayloadError';
}

const NO_NUMBER = /[+-]?\b(?:NaN|Infinity)\b/g;

export function tooLarge(bytes: number, maxBytes: number): PayloadError {
  return new PayloadError(`${bytes} bytes; at most ${maxBytes} are read (maxBytes)`);
}

/** The text of a payload; throws a PayloadError when it is not UTF-8. */
export function textOf(payload: Buffer): string {
  const text = payload.toString('utf8');
  // A replacement character is either in the text or stands for a byte that is not UTF-8.
  if (text.includes('\uFFFD') && !isUtf8(payload)) throw new PayloadError('not UTF-8 text');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Parses JSON; some controllers and languages write NaN and Infinity, which JSON does not know:
 * they are read as null, so that the part is counted and its value is bad.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw badJson(error);
  }
  try {
    return JSON.parse(withNulls(text));
  } catch (error) {
    throw badJson(error);
  }
}

/** null for NaN and Infinity outside of strings; every sign is looked at once. */
function withNulls(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replace(NO_NUMBER, 'null'));
    at = end;
    if (quote < 0) break;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at += 1;
    parts.push(text.slice(quote, at));
  }
  return parts.join('');
}

function badJson(error: unknown): PayloadError {
  const why = error instanceof Error ? error.message.slice(0, 120) : '';
  return new PayloadError(`not JSON: ${why}`);
}
