import { createHmac, randomBytes } from 'node:crypto';

/** A code is good for this long (RFC 6238, 4.1). */
const STEP_MS = 30_000;
const DIGITS = 6;
/** 160 bits, as long as the output of the hash (RFC 4226, section 4, R6). */
const SECRET_BYTES = 20;
/** Codes before and after the one of now: people are slow, and clocks differ. */
const AROUND = 1;

type Algorithm = 'sha1' | 'sha256' | 'sha512';

/** Number of the time step that a moment falls into. */
export const stepOf = (nowMs: number): number => Math.floor(nowMs / STEP_MS);

/** The code of one time step: HOTP (RFC 4226, 5.3) over the step (RFC 6238, 4.2). */
export function totp(
  secret: Buffer,
  step: number,
  digits = DIGITS,
  algorithm: Algorithm = 'sha1',
): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, secret).update(counter).digest();
  const at = mac.readUInt8(mac.length - 1) & 0x0f;
  const cut = mac.readUInt32BE(at) & 0x7fff_ffff;
  return String(cut % 10 ** digits).padStart(digits, '0');
}

/**
 * The step whose code this is, among those around now that were not used before; null when there is
 * none. All candidates are computed, so that the time taken tells nothing.
 */
export function stepFor(
  secret: string,
  code: string,
  nowMs: number,
  used: readonly number[],
): number | null {
  const now = stepOf(nowMs);
  const typed = code.replace(/\s/g, '');
  const key = fromBase32(secret);
  const steps = Array.from({ length: 2 * AROUND + 1 }, (_, i) => now - AROUND + i);
  const right = steps.filter((step) => step >= 0 && same(totp(key, step), typed));
  return right.find((step) => !used.includes(step)) ?? null;
}

/** A new secret, as apps take it. */
export const newTotpSecret = (): string => toBase32(randomBytes(SECRET_BYTES));

/** In groups of four, to be typed by hand. */
export const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ');

/** What apps read from a QR code (the "Key URI Format" that they share). */
export function otpauth(issuer: string, account: string, secret: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** RFC 4648, section 6; 20 bytes need no padding. */
const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function toBase32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => SIGNS[Number.parseInt(five, 2)]).join('');
}

function fromBase32(text: string): Buffer {
  let bits = '';
  for (const sign of text) bits += SIGNS.indexOf(sign).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Codes are short-lived and tries are counted; still no sign is told before another. */
function same(a: string, b: string): boolean {
  let differ = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) differ |= a.charCodeAt(i) ^ (b.charCodeAt(i) || 0);
  return differ === 0;
}
