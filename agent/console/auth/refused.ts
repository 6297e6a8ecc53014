import { accessSync, constants, createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError, messageOf } from '../../runtime/errors.ts';

/** Longest line that is read as a password; longer ones no person types. */
const MOST_LINE = 512;

/**
 * Whether a file (plain, or `.gz`) has this password in a line of its own; case does not matter.
 * Passwords are set seldom, so the list is read through each time and takes no memory between.
 */
export async function isListed(file: string, password: string): Promise<boolean> {
  const wanted = plain(password);
  let found = false;
  const look = async (bytes: AsyncIterable<Buffer>) => {
    // To the end also when it was found: a broken file is noticed whatever is looked for.
    for await (const line of linesOf(bytes)) found ||= plain(line) === wanted;
  };
  const bytes = createReadStream(file);
  if (file.endsWith('.gz')) await pipeline(bytes, createGunzip(), look);
  else await pipeline(bytes, look);
  return found;
}

/** Says at the start, not when the first password is set, that the list cannot be read. */
export function refuseUnreadable(file: string | undefined): void {
  if (file === undefined) return;
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new InputError(
      `security.refusedPasswords: ${file} cannot be read: ${messageOf(error)} — ` +
        'correct the path, or make the file readable for the user of the agent',
    );
  }
}

const plain = (text: string) => text.normalize('NFC').trim().toLowerCase();

/** Lines of a text; what is longer than any password is passed over. */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    // One sign more than any password: a longer line stays too long.
    rest = (lines.pop() ?? '').slice(0, MOST_LINE + 1);
    yield* lines.filter((line) => line.length <= MOST_LINE);
  }
  if (rest.length <= MOST_LINE) yield rest;
}
