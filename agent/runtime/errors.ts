import { maskSecrets } from './secrets.ts';

/** Retrying cannot help: the runner records it and goes on (or holds, see `HoldError`). */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** Keep everything, tell people, and probe again after `probeMs`: wrong token, missing database. */
export class HoldError extends Error {
  override name = 'HoldError';
  readonly probeMs: number;
  constructor(message: string, probeMs = 60_000) {
    super(message);
    this.probeMs = probeMs;
  }
}

/** Try the same thing again, not before `afterMs` when the other side named a time. */
export class RetryError extends Error {
  override name = 'RetryError';
  readonly afterMs: number | null;
  constructor(message: string, afterMs: number | null = null) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** Bad input of a person: what is wrong, where, and what to do. The command line exits with 2. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The message of anything thrown, secrets blacked out: some libraries throw what is no error. */
export function messageOf(thrown: unknown): string {
  return maskSecrets(textOf(thrown));
}

/** Why a file cannot be read, and what to do about it. */
export function sayUnreadable(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ENOENT')
    return 'cannot be read: no such file — is the path right, seen from this folder?';
  if (code === 'EISDIR') return 'is a folder — name a file in it';
  if (code === 'EACCES') return 'cannot be read: not allowed — look at its owner and rights';
  return `cannot be read: ${messageOf(thrown)}`;
}

function textOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    return String(thrown.message);
  }
  return String(thrown);
}
