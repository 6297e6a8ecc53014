import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '../runtime/errors.ts';
import { keyId, publicKeys, seal } from './statement.ts';
import { TAR_END, tarBlocks } from './tar.ts';

/** What belongs to a release besides the packages it needs; what is missing is left out. */
const PARTS = [
  ...['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'release-key.pub'],
  ...['dist', 'config', 'deploy', 'docs', 'dashboards/grafana'],
];
const LEAST_NODE = '24.15.0';

interface Manifest {
  version: string;
}
interface Lock {
  packages: Record<string, { version?: string; dev?: boolean; optional?: boolean }>;
}

/**
 * Every file of a release by its path, in the order of their bytes: the built program, and the
 * packages of the lock file that are no development tools.
 */
export function releaseFiles(root: string): string[] {
  const lock = json<Lock>(join(root, 'package-lock.json'));
  const packages = Object.entries(lock.packages).flatMap(([path, one]) => {
    if (path === '' || one.dev === true) return [];
    const there = installed(join(root, path));
    if (there === null && one.optional === true) return [];
    if (there !== one.version) {
      throw new InputError(`${path} is ${there ?? 'missing'}, not ${one.version}: run npm ci`);
    }
    return filesIn(root, path, (name) => name !== 'node_modules');
  });
  const own = PARTS.flatMap((part) => filesIn(root, part, () => true));
  if (!own.some((path) => path.startsWith('dist/agent/'))) {
    throw new InputError('there is no dist/agent: run npm run build');
  }
  return [...own, ...packages].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The archive of these files: the same files give the same bytes, wherever and whenever. */
export function pack(root: string, files: readonly string[]): Buffer {
  const blocks = files.map((path) => {
    const file = join(root, path);
    const executable = (statSync(file).mode & 0o100) !== 0;
    return tarBlocks({ path, executable, bytes: readFileSync(file) });
  });
  return Buffer.concat([...blocks, TAR_END]);
}

/** Writes archive and signed statement into a folder; resolves to what was written. */
export function makeRelease(root: string, keyPem: string, store: number, out: string) {
  const { version } = json<Manifest>(join(root, 'package.json'));
  const key = createPrivateKey(keyPem);
  // The installed version checks the next one by this file: without it the chain would end here.
  const keys = publicKeys(readFileSync(join(root, 'release-key.pub'), 'utf8'));
  if (!keys.map(keyId).includes(keyId(createPublicKey(key)))) {
    throw new InputError('release-key.pub does not hold the public key that belongs to --key');
  }
  const files = releaseFiles(root);
  const tar = pack(root, files);
  const sha256 = createHash('sha256').update(tar).digest('hex');
  const archive = `meyar-${version}.tar.gz`;
  const about = { name: 'meyar' as const, version, archive, sha256, bytes: tar.length, store };
  const text = seal({ ...about, node: LEAST_NODE }, key);
  writeFileSync(join(out, archive), gzipSync(tar, { level: 9 }));
  writeFileSync(join(out, `meyar-${version}.release`), text);
  return { ...about, files: files.length };
}

function filesIn(root: string, path: string, take: (name: string) => boolean): string[] {
  const full = join(root, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(full)
    .filter(take)
    .flatMap((name) => filesIn(root, `${path}/${name}`, take));
}

function installed(folder: string): string | null {
  try {
    return json<Manifest>(join(folder, 'package.json')).version;
  } catch {
    return null;
  }
}

const json = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
