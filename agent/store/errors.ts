export type StoreFailure = 'full' | 'io' | 'damaged' | 'locked' | 'version' | 'refused' | 'other';

/** The store cannot do what was asked. What was not committed is not recorded, whatever it was. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly failure: StoreFailure;
  constructor(failure: StoreFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/** Primary result codes of SQLite that mean something to people. */
const FAILURES: Record<number, [StoreFailure, string]> = {
  5: ['locked', 'the database is locked by another process'],
  8: ['io', 'the database cannot be written: the disk or the file is read-only'],
  10: ['io', 'the disk reported an input/output error'],
  11: ['damaged', 'the database file is damaged'],
  13: ['full', 'the disk is full'],
  14: ['io', 'the database file cannot be opened'],
  26: ['damaged', 'the file is not a database'],
};

/** What was thrown by SQLite, as a `StoreError` that says what happened while doing what. */
export function storeError(doing: string, thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const code = sqliteCode(thrown);
  const [failure, said] = FAILURES[code] ?? ['other' as const, undefined];
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreError(failure, `${doing}: ${said ? `${said} (${detail})` : detail}`, thrown);
}

/** SQLITE_NOMEM, _INTERRUPT, _PROTOCOL and their like: the file may be quite all right. */
export function isPassing(thrown: unknown): boolean {
  return [2, 4, 6, 7, 9, 15, 17, 21].includes(sqliteCode(thrown));
}

/** Why a write failed, when that may pass; null for damage and all that needs a new start. */
export function passing(error: unknown): string | null {
  if (!(error instanceof StoreError)) return null;
  return ['io', 'full', 'locked'].includes(error.failure) ? error.message : null;
}

function sqliteCode(thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return -1;
  return Number(thrown.errcode) & 0xff;
}
