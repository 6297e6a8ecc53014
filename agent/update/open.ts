import { createHash, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError, messageOf } from '../runtime/errors.ts';
import { compareVersions, type Statement, unseal } from './statement.ts';

const MOST_STATEMENT = 64 * 1024;

/** The `.release` file that is meant: itself, or the newest by name of a folder. */
export function findRelease(from: string): string {
  const found = statSync(from, { throwIfNoEntry: false });
  if (found === undefined) throw new InputError(`${from} does not exist`);
  if (found.isFile())
    return from.endsWith('.tar.gz') ? from.replace(/\.tar\.gz$/, '.release') : from;
  const names = readdirSync(from)
    .filter((name) => /^meyar-\d+\.\d+\.\d+\.release$/.test(name))
    .sort((a, b) => compareVersions(numbers(a), numbers(b)));
  const newest = names.at(-1);
  if (newest === undefined) throw new InputError(`${from} holds no meyar-VERSION.release`);
  return join(from, newest);
}

const numbers = (name: string) => name.slice('meyar-'.length, -'.release'.length);

/** Reads a statement and checks its signature before anything else is looked at. */
export function readStatement(file: string, pinned: readonly KeyObject[]): Statement {
  let text: string;
  try {
    if (statSync(file).size > MOST_STATEMENT) throw new Error('it is too large');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${messageOf(error)}`);
  }
  return unseal(text, pinned);
}

/**
 * Unpacks the archive that belongs to a statement into one private file while it is counted and
 * hashed: what was checked is what is used, whatever happens to the archive meanwhile. An archive
 * that is longer than it says is cut off there. Throws `InputError`.
 */
export async function fetchArchive(file: string, about: Statement, to: string): Promise<void> {
  const archive = join(dirname(file), about.archive);
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes > about.bytes) done(new Error('it is longer than its statement says'));
      else done(null, chunk);
    },
  });
  try {
    const target = createWriteStream(to, { mode: 0o600, flags: 'wx' });
    await pipeline(createReadStream(archive), createGunzip(), count, target);
  } catch (error) {
    throw new InputError(`${archive} cannot be used: ${messageOf(error)}`);
  }
  if (bytes === about.bytes && hash.digest('hex') === about.sha256) return;
  throw new InputError(
    `${archive} is not what was signed (${bytes} of ${about.bytes} bytes, or another content): ` +
      'it is not used — copy it again',
  );
}
