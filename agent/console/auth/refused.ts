import { accessSync, constants, createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { InputError, messageOf } from '../../runtime/errors.ts';

/** Longest line that is read as a password; longer ones no person types. */
const MOST_LINE = 512;

/**
 * Whether a file has this password in a line of its own; case does not matter. Passwords are set
 * seldom, so the list is read through each time and takes no memory between.
 */
export async function isListed(file: string, password: string): Promise<boolean> {
  const wanted = plain(password);
  const stream = createReadStream(file, { encoding: 'utf8' });
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      if (line.length <= MOST_LINE && plain(line) === wanted) return true;
    }
    return false;
  } finally {
    lines.close();
    stream.destroy();
  }
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
