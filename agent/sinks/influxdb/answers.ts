import type { HttpError } from '@influxdata/influxdb-client';
import { HoldError, messageOf, RetryError } from '../../runtime/errors.ts';
import { maskSecrets } from '../../runtime/secrets.ts';

/**
 * What an answer of the server means for the rows that were sent:
 * 'retry' the same again later · 'hold' keep all, people must act · 'large' send less at once ·
 * 'bad' some line cannot be written · 'broken' 5xx, which one line may cause for ever.
 */
export type Answer =
  | { kind: 'retry'; afterMs: number | null; text: string }
  | { kind: 'hold' | 'large' | 'bad' | 'broken'; text: string };

/** A server may not stop us for longer than this with one Retry-After. */
const MAX_RETRY_AFTER_MS = 3_600_000;

const HINTS: Record<number, string> = {
  401: 'check token, or username and password',
  403: 'the token or user may not write there',
  404: 'no such database or bucket; InfluxDB before 1.8 needs `database`, not `bucket`',
};

/** Sorts a failed request; everything that is not an answer (network, time-out) is 'retry'. */
export function classify(error: unknown, nowMs: number): Answer {
  if (!isAnswer(error)) return { kind: 'retry', afterMs: null, text: saying(error) };
  const status = error.statusCode;
  const text = `${status}: ${short(wordsOf(error))}`;
  if (status === 400 || status === 422) return { kind: 'bad', text };
  if (status === 413) return { kind: 'large', text };
  if (status === 429 || status === 503) {
    return { kind: 'retry', afterMs: retryAfter(error.headers?.['retry-after'], nowMs), text };
  }
  if (status === 408 || status === 425) return { kind: 'retry', afterMs: null, text };
  if (status >= 500) return { kind: 'broken', text };
  const hint = status < 400 ? 'a redirect: set its final address as url' : HINTS[status];
  return { kind: 'hold', text: hint === undefined ? text : `${text} (${hint})` };
}

/** By its shape: the package has two forms, each with a class of its own. */
function isAnswer(error: unknown): error is HttpError {
  return error instanceof Error && typeof (error as Partial<HttpError>).statusCode === 'number';
}

/** The error that tells the runner what to do about a whole write. */
export function errorOf(answer: Answer): Error {
  if (answer.kind === 'hold') return new HoldError(answer.text);
  return new RetryError(answer.text, answer.kind === 'retry' ? answer.afterMs : null);
}

/** Retry-After: seconds or an HTTP date (RFC 9110 10.2.3), as ms from now. */
export function retryAfter(header: string | string[] | undefined, nowMs: number): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || text.trim() === '') return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : null;
}

/** Network errors of Node may have an empty message and several causes (IPv4 and IPv6). */
function saying(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const text = messageOf(error);
  if (typeof code === 'string' && !text.includes(code)) return `${code} ${text}`.trim();
  return text;
}

/** InfluxDB 1.x puts its text under `error`, 2.x and 3 under `message`. */
function wordsOf(error: HttpError): string {
  const json: unknown = error.json;
  if (typeof json === 'object' && json !== null) {
    if ('error' in json && typeof json.error === 'string') return json.error;
    if ('message' in json && typeof json.message === 'string') return json.message;
  }
  return error.message;
}

/** A server may send back what it was sent, the token among it. */
const short = (text: string) => maskSecrets(text).replace(/\s+/g, ' ').trim().slice(0, 500);
