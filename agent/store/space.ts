import { randomFillSync } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Space } from './store.ts';

/** The ballast is written in pieces, so that the writer never waits long for it. */
const PIECE = 1 << 20;
/** Room beyond the ballast that must be there before things go on as usual. */
const MARGIN = 4 << 20;

/**
 * The ballast: a file beside the database that holds room for the hour when the disk is full. Given
 * free, it lets alarms, what people do, and an orderly end still be written.
 */
export function openSpace(file: string, ballastBytes: number): Space {
  const ballast = `${file}.ballast`;
  const margin = Math.min(MARGIN, Math.max(PIECE / 4, ballastBytes / 4));
  const free = () => {
    const at = statfsSync(dirname(file));
    return at.bavail * at.bsize;
  };
  const held = () => (existsSync(ballast) ? statSync(ballast).size : 0);
  return {
    look: () => ({ freeBytes: free(), ballastBytes: held() }),
    release() {
      const had = held() > 0;
      rmSync(ballast, { force: true });
      return had;
    },
    restore() {
      const missing = ballastBytes - held();
      if (missing <= 0) return true;
      const piece = Math.min(PIECE, missing);
      if (free() < piece + margin) return false;
      try {
        append(ballast, piece);
      } catch {
        // Somebody else took the room meanwhile; the next tick looks again.
        rmSync(ballast, { force: true });
      }
      return held() >= ballastBytes;
    },
    enough: () => free() + held() >= ballastBytes + margin,
  };
}

/** Chance bytes: file systems that compress, or keep no zeros, would hold no room for them. */
function append(path: string, bytes: number): void {
  const handle = openSync(path, 'a', 0o600);
  try {
    writeSync(handle, randomFillSync(Buffer.allocUnsafe(bytes)));
  } finally {
    closeSync(handle);
  }
}
