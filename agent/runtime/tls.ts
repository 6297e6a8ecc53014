import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError, messageOf } from './errors.ts';

/**
 * Settings type of every connection with TLS. There is no switch that turns the check of the other
 * side off: a device with a certificate of its own making is trusted by naming that as `ca`.
 */
export const tlsSettings = z.strictObject({
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('File of the certificate that signed theirs (PEM); then no other signer is trusted'),
  cert: z.string().min(1).optional().describe('File of our own certificate, when they ask for it'),
  key: z.string().min(1).optional().describe('File of the key of our own certificate'),
  servername: z.string().min(1).optional().describe('Name in their certificate, when not the host'),
});

export type TlsSettings = z.output<typeof tlsSettings>;

/** Options of node:tls. `rejectUnauthorized` is said, so that no environment variable undoes it. */
export interface TlsOptions {
  rejectUnauthorized: true;
  minVersion: 'TLSv1.2';
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  servername?: string;
}

/** Reads the files. Throws when one cannot be read, with its name. */
export function tlsOptions(tls: TlsSettings = {}): TlsOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(tls.ca === undefined ? {} : { ca: pem(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: pem(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: pem(tls.key) }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  };
}

function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError(`the certificate file ${file} cannot be read: ${messageOf(error)}`);
  }
}

const NOBODY =
  'its certificate is signed by nobody we trust: name the file of the certificate that signed it ' +
  'as tls.ca';

const UNTRUSTED = new Set([
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** What is wrong with TLS, in words that say what to do; null when it is not about TLS. */
export function sayTls(error: unknown, nowMs: number): string | null {
  const code = codeOf(error);
  const ours = `the clock of this machine says ${new Date(nowMs).toISOString().slice(0, 16)}Z`;
  if (UNTRUSTED.has(code)) return NOBODY;
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has run out (${ours})`;
  if (code === 'CERT_NOT_YET_VALID') {
    return `its certificate is not valid yet: ${ours}; set the clock if that is wrong`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is for another name: ${messageOf(error)}; tls.servername can say which`;
  }
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'tls.key does not belong to tls.cert';
  if (/^ERR_OSSL_.*(PEM|ASN1)|^ERR_OSSL_WRONG_TAG/.test(code)) {
    return `a certificate file is no PEM file (${messageOf(error)})`;
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return handshake(error, code);
  return null;
}

function handshake(error: unknown, code: string): string {
  const text = `${code} ${messageOf(error)}`;
  if (/certificate.?required|bad.?certificate|unknown.?ca|handshake.?failure/i.test(text)) {
    return 'it does not accept us: it wants a certificate it knows, see tls.cert and tls.key';
  }
  if (/wrong.?version|packet length|unknown.?protocol|http.?request/i.test(text)) {
    return 'it does not speak TLS at this port, or only versions before 1.2';
  }
  return `no secure connection (${messageOf(error)})`;
}

/** Node wraps what each address of a name said. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('cause' in error && error.cause !== undefined) return codeOf(error.cause);
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return '';
}
