import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, of a few megabytes, that can be filled and emptied. */
export interface SmallDisk {
  path: string;
  /** takes all that is free but this much */
  fill(leaveBytes?: number): void;
  empty(): void;
  close(): void;
}

/** True when this user may mount; on CI it must be so. */
export function mayMount(): boolean {
  try {
    mountSmallDisk(1).close();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    console.warn('skipped: a small file system cannot be mounted by this user');
    return false;
  }
}

export function mountSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'meyar-disk-'));
  const size = `size=${megabytes}m`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', path], { stdio: 'pipe' });
  const filler = join(path, 'filler');
  return {
    path,
    fill(leaveBytes = 0) {
      const left = execFileSync('df', ['--output=avail', '-B1', path], { encoding: 'utf8' });
      const free = Number(left.trim().split('\n').at(-1)) - leaveBytes;
      if (free > 0) writeFileSync(filler, Buffer.alloc(free), { flag: 'a' });
    },
    empty: () => rmSync(filler, { force: true }),
    close() {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      if (existsSync(path)) rmSync(path, { recursive: true, force: true });
    },
  };
}
