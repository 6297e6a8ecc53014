import { isUtf8 } from 'node:buffer';

/** Why a payload cannot be read, in words for people; goes to the dead letters. */
export class PayloadError extends Error {
  override name = 'PayloadError';
}

const OUTSIDE_STRINGS = /"(?:[^"\\]|\\.)*"|[+-]?\b(?:NaN|Infinity)\b/g;

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
    return JSON.parse(text.replace(OUTSIDE_STRINGS, (part) => (part[0] === '"' ? part : 'null')));
  } catch (error) {
    throw badJson(error);
  }
}

function badJson(error: unknown): PayloadError {
  const why = error instanceof Error ? error.message.slice(0, 120) : '';
  return new PayloadError(`not JSON: ${why}`);
}
