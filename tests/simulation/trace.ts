import { createHash } from 'node:crypto';
import type { SimTime } from './time.ts';

/** Notes what happens, in order and with its time: the hash of a run is the hash of all of it. */
export type Trace = (what: string, detail?: string) => void;

export function createTrace(
  time: SimTime,
  say: ((line: string) => void) | null,
): { trace: Trace; digest(): string } {
  const hash = createHash('sha256');
  return {
    trace(what, detail = '') {
      const line = `${time.now().toFixed(3)} ${what} ${detail}`;
      hash.update(line);
      say?.(line);
    },
    digest: () => hash.digest('hex').slice(0, 16),
  };
}
