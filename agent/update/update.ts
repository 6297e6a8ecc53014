import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, messageOf } from '../runtime/errors.ts';
import { alone } from './lock.ts';
import { fetchArchive, findRelease, readStatement } from './open.ts';
import { type Place, removeOld, statementOf, switchTo, unpack, versionAt } from './place.ts';
import { compareVersions, publicKeys, type Statement } from './statement.ts';

export interface Wish {
  from: string;
  place: Place;
  /** file of public keys; null: those of the installed version */
  keyFile: string | null;
  /** look, and change nothing */
  checkOnly: boolean;
}

export interface Updated {
  about: Statement;
  before: string | null;
}

/**
 * Checks a release and puts it in place. The keys are those of the installed version or given by
 * hand, never those that come with the release. Throws `InputError`.
 */
export async function installRelease(o: Wish): Promise<Updated> {
  const { place } = o;
  const pinned = keysFor(place, o.keyFile);
  const file = findRelease(o.from);
  const about = readStatement(file, pinned);
  const before = versionAt(place, 'current');
  refuseOlder(about, before);
  mkdirSync(join(place.folder, 'versions'), { recursive: true, mode: 0o755 });
  return alone(place.folder, async () => {
    const tar = join(place.folder, '.incoming.tar');
    rmSync(tar, { force: true });
    try {
      await fetchArchive(file, about, tar);
      if (o.checkOnly) return { about, before };
      unpack(place, tar, about);
    } finally {
      rmSync(tar, { force: true });
    }
    switchTo(place, about.version);
    removeOld(place);
    return { about, before };
  });
}

/** What `rollBack` would go back to. Throws `InputError` when there is nothing. */
export function wayBack(place: Place): { version: string; about: Statement | null } {
  const version = versionAt(place, 'previous');
  const there =
    version !== null &&
    statSync(join(place.folder, 'versions', version), { throwIfNoEntry: false }) !== undefined;
  if (version === null || !there) {
    throw new InputError(`${place.folder} holds no version from before: there is no way back`);
  }
  return { version, about: statementOf(place, version) };
}

/** The version before runs again from the next start on; the one until now stays as well. */
export function rollBack(place: Place): Promise<{ version: string; left: string | null }> {
  return alone(place.folder, async () => {
    const { version } = wayBack(place);
    const left = versionAt(place, 'current');
    switchTo(place, version);
    return { version, left };
  });
}

function keysFor({ folder }: Place, keyFile: string | null): KeyObject[] {
  const file = keyFile ?? join(folder, 'current', 'release-key.pub');
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    const hint = keyFile === null ? ' — name the key of those who make releases with --key' : '';
    throw new InputError(`${file} cannot be read: ${messageOf(error)}${hint}`);
  }
  return publicKeys(pem);
}

function refuseOlder(about: Statement, before: string | null): void {
  const order = before === null ? 1 : compareVersions(about.version, before);
  if (order === 0) throw new InputError(`${before} is installed already`);
  if (order < 0) {
    throw new InputError(
      `the release is ${about.version}, older than the installed ${before}: it is not used — ` +
        'an older version may have holes that are known; the one before is brought back with ' +
        '`meyar update --rollback`',
    );
  }
  if (compareVersions(about.node, process.versions.node) > 0) {
    throw new InputError(
      `the release needs Node ${about.node}, and this is ${process.versions.node}: install that first`,
    );
  }
}
