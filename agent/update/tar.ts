import { InputError } from '../runtime/errors.ts';

/**
 * The part of the ustar format (POSIX.1-1988) that a release needs: files and nothing else. No
 * owner, no time: the same files give the same bytes.
 */
export const BLOCK = 512;

export interface TarFile {
  path: string;
  executable: boolean;
  bytes: Buffer;
}

/** Header and content of one file. */
export function tarBlocks({ path, executable, bytes }: TarFile): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { name, prefix } = split(path);
  header.write(name, 0);
  header.write(executable ? '0000755' : '0000644', 100);
  header.write('0000000', 108);
  header.write('0000000', 116);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  header.write('00000000000', 136);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\u0000 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))]);
}

/** What ends an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/**
 * The files of an archive, read piece by piece. Anything but a plain file below the folder is an
 * error, also in an archive that is signed.
 */
export function* readTar(
  read: (at: number, length: number) => Buffer,
  total: number,
): Generator<TarFile> {
  const seen = new Set<string>();
  let at = 0;
  while (at + BLOCK <= total) {
    const header = read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    at += BLOCK;
    const { path, size, mode } = parseHeader(header);
    if (at + size > total) throw broken(path);
    if (seen.has(path)) throw broken(path);
    seen.add(path);
    yield { path, executable: (mode & 0o100) !== 0, bytes: read(at, size) };
    at += size + (-size & (BLOCK - 1));
  }
  throw broken('its end');
}

function parseHeader(header: Buffer): { path: string; size: number; mode: number } {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString('utf8');
  };
  const octal = (from: number, length: number) => {
    const digits = text(from, length).trim();
    return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
  };
  const prefix = text(345, 155);
  const path = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
  const size = octal(124, 12);
  const kind = text(156, 1);
  const sound =
    octal(148, 8) === sumOf(header) && text(257, 6) === 'ustar' && Number.isSafeInteger(size);
  if (!sound || kind !== '0' || !isPlain(path)) throw broken(path);
  return { path, size, mode: octal(100, 8) };
}

/** A relative path that stays where it is put. */
function isPlain(path: string): boolean {
  const parts = path.split('/');
  const printable = !/[\p{Cc}\\]/u.test(path);
  return printable && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Sum of all bytes, those of the sum itself taken as spaces. */
function sumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [i, byte] of header.entries()) if (i < 148 || i >= 156) sum += byte;
  return sum;
}

function split(path: string): { name: string; prefix: string } {
  const fits = (text: string, most: number) => Buffer.byteLength(text) <= most;
  if (!isPlain(path)) throw new InputError(`${path} cannot be in a release`);
  if (fits(path, 100)) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (fits(prefix, 155) && fits(name, 100)) return { name, prefix };
  }
  throw new InputError(`${path} is too long for a release`);
}

const broken = (where: string) =>
  new InputError(`the archive of the release cannot be used (at ${where.slice(0, 200)})`);
