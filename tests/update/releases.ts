import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeRelease } from '../../agent/update/pack.ts';

/** A pair of keys, and the PEM texts that people handle. */
export function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = (key: KeyObject, type: 'spki' | 'pkcs8') =>
    key.export({ type, format: 'pem' }).toString();
  return { privateKey, publicPem: pem(publicKey, 'spki'), privatePem: pem(privateKey, 'pkcs8') };
}

export const folder = (): string => mkdtempSync(join(tmpdir(), 'meyar-update-'));

const LONG = `node_modules/pack/${'a-long-name/'.repeat(9)}file.js`;

/** A program that is small and says its version, laid out like ours. */
export function project(version: string, publicPem: string, order: 1 | -1 = 1): string {
  const root = folder();
  const files: [string, string][] = [
    ['package.json', JSON.stringify({ name: 'meyar', version, type: 'module' })],
    ['package-lock.json', JSON.stringify({ packages: LOCK })],
    ['release-key.pub', publicPem],
    ['dist/agent/main.js', `console.log('${version}');\n`],
    ['node_modules/pack/package.json', JSON.stringify({ version: '1.0.0' })],
    ['node_modules/pack/bin/tool.js', '#!/usr/bin/env node\n'],
    [LONG, 'export {};\n'],
    ['node_modules/tool/package.json', JSON.stringify({ version: '2.0.0' })],
    ['.env', 'not for anybody'],
  ];
  for (const [path, text] of order === 1 ? files : files.toReversed()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: order === 1 ? 0o644 : 0o600 });
  }
  chmodSync(join(root, 'node_modules/pack/bin/tool.js'), order === 1 ? 0o755 : 0o700);
  return root;
}

const LOCK = {
  '': {},
  'node_modules/pack': { version: '1.0.0' },
  'node_modules/absent': { version: '1.0.0', optional: true },
  'node_modules/tool': { version: '2.0.0', dev: true },
};

/** A release of such a program in a folder of its own. */
export function release(version: string, keys: ReturnType<typeof keyPair>, store = 5) {
  const out = folder();
  makeRelease(project(version, keys.publicPem), keys.privatePem, store, out);
  return {
    out,
    statement: join(out, `meyar-${version}.release`),
    archive: join(out, `meyar-${version}.tar.gz`),
  };
}
