import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long a one-time code is good for. */
export const CODE_MS = 15 * 60_000;

/** Letters and digits that are not taken for one another when they are read aloud. */
const SIGNS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The one-time code makes whoever can read the data folder an administrator: the first one, or one
 * who forgot the password. The file is readable by its owner only and gone once used.
 */
export function writeCode(dataDir: string, nowMs: number): string {
  const file = codeFile(dataDir);
  const groups = [0, 1, 2].map(() => Array.from({ length: 4 }, sign).join(''));
  const code = groups.join('-');
  rmSync(file, { force: true });
  // 'wx': whatever somebody else put there meanwhile is not written through.
  const text = `${JSON.stringify({ code, until: new Date(nowMs + CODE_MS).toISOString() })}\n`;
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  return code;
}

/** True once for the right code in time; then the file is gone. */
export function takeCode(dataDir: string, given: string, nowMs: number): boolean {
  if (!isCode(dataDir, given, nowMs)) return false;
  rmSync(codeFile(dataDir), { force: true });
  return true;
}

/** True for the right code in time; it stays. */
export function isCode(dataDir: string, given: string, nowMs: number): boolean {
  const kept = waitingCode(dataDir, nowMs);
  if (kept === null) return false;
  const typed = Buffer.from(plain(given));
  const right = Buffer.from(plain(kept));
  return typed.length === right.length && timingSafeEqual(typed, right);
}

/** Where the code lies. */
export const codeFile = (dataDir: string): string => join(dataDir, 'admin-code.json');

/** The code that is good now; null when there is none. */
export function waitingCode(dataDir: string, nowMs: number): string | null {
  try {
    const text = readFileSync(codeFile(dataDir), 'utf8');
    const { code, until } = JSON.parse(text) as { code?: unknown; until?: unknown };
    const leftMs = Date.parse(String(until)) - nowMs;
    // More than 15 minutes: the clock was set back, or somebody wrote the file by hand.
    return typeof code === 'string' && leftMs > 0 && leftMs <= CODE_MS ? code : null;
  } catch {
    return null;
  }
}

const plain = (code: string) => code.toUpperCase().replace(/[^0-9A-Z]/g, '');

/** Bytes beyond the last whole round of the alphabet are thrown away, so that all signs are alike. */
function sign(): string {
  for (;;) {
    const byte = randomBytes(1)[0] ?? 255;
    if (byte < 256 - (256 % SIGNS.length)) return SIGNS.charAt(byte % SIGNS.length);
  }
}
