import { messageOf } from '../../runtime/errors.ts';

/** Why a folder cannot be read, in words for the person who can mend it. */
export function describeFault(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return `the folder ${folder} is not there (is the share mounted?)`;
  if (code === 'ENOTDIR') return `${folder} is no folder`;
  if (code === 'EACCES' || code === 'EPERM') return `${folder} may not be read by this user`;
  return `${folder}: ${messageOf(error)}`;
}
