import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../runtime/errors.ts';

/** What a release says of itself; the signature is over exactly these bytes. */
const statement = z.strictObject({
  name: z.literal('meyar'),
  version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/),
  /** file beside this one */
  archive: z.string().regex(/^meyar-\d+\.\d+\.\d+\.tar\.gz$/),
  /** of the archive when it is unpacked: gzip may differ between machines, this does not */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z
    .int()
    .positive()
    .max(2 ** 31),
  /** format of the store that this version writes */
  store: z.int().positive(),
  /** least version of Node */
  node: z.string().regex(/^\d+\.\d+\.\d+$/),
});

export type Statement = z.output<typeof statement>;

const envelope = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z
    .array(z.object({ keyid: z.string(), sig: z.base64() }))
    .min(1)
    .max(8),
});

const TYPE = 'application/vnd.meyar.release+json';

/** DSSE, protocol version 1: what is signed says its type and its lengths, so nothing runs together. */
const signed = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload]);

/** The text of a `.release` file. The same statement and key give the same text. */
export function seal(about: Statement, key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(statement.parse(about)));
  const sig = sign(null, signed(payload), key).toString('base64');
  const signatures = [{ keyid: keyId(createPublicKey(key)), sig }];
  const said = { payloadType: TYPE, payload: payload.toString('base64'), signatures };
  return `${JSON.stringify(said, null, 2)}\n`;
}

/** What a `.release` file says, once one of the pinned keys has signed it. Throws `InputError`. */
export function unseal(text: string, pinned: readonly KeyObject[]): Statement {
  const { payload, signatures, payloadType } = parse(envelope, text);
  const bytes = Buffer.from(payload, 'base64');
  const good = signatures.some(({ sig }) =>
    pinned.some((key) => verify(null, signed(bytes), key, Buffer.from(sig, 'base64'))),
  );
  if (!good || payloadType !== TYPE) {
    const known = pinned.map(keyId).join(', ');
    throw new InputError(
      `this release is not signed with a key that is trusted here (${known}): it is not used — ` +
        'get it again from those who made the installed one',
    );
  }
  return parse(statement, bytes.toString('utf8'));
}

/** The keys of a PEM file; only Ed25519 is taken. Throws `InputError`. */
export function publicKeys(pem: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? [];
  const keys = blocks.map((block) => keyOf(block));
  if (keys.length === 0 || keys.some((key) => key?.asymmetricKeyType !== 'ed25519')) {
    throw new InputError('the file of keys holds no Ed25519 public key (PEM)');
  }
  return keys.filter((key) => key !== null);
}

/** Short name of a key, as people compare it: the first 16 digits of the hash of its DER form. */
export function keyId(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** Below, equal or above zero as versions are ordered. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (one?.[i] ?? 0) - (other?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function keyOf(block: string): KeyObject | null {
  try {
    return createPublicKey(block);
  } catch {
    return null;
  }
}

function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new InputError('this is no .release file of Meyar, or it is damaged');
  }
}
