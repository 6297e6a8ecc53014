import { createHmac } from 'node:crypto';

/**
 * What an authenticator app shows for a secret as the page gives it: written apart from the agent,
 * after RFC 4226 and RFC 6238.
 */
export function codeOf(secret: string, nowMs: number): string {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes: number[] = [];
  let kept = 0;
  let bits = 0;
  for (const sign of secret.replaceAll(' ', '')) {
    kept = ((kept << 5) | signs.indexOf(sign)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((kept >> bits) & 0xff);
  }
  const message = Buffer.alloc(8);
  message.writeUInt32BE(Math.floor(nowMs / 30_000), 4);
  const mac = createHmac('sha1', Buffer.from(bytes)).update(message).digest();
  const start = (mac.at(-1) ?? 0) % 16;
  const four = mac.subarray(start, start + 4);
  const number = four.reduce((sum, byte, i) => sum * 256 + (i === 0 ? byte % 128 : byte), 0);
  return (number % 1_000_000).toString().padStart(6, '0');
}
