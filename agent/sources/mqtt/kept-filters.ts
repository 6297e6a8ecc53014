import { z } from 'zod';
import type { Memory } from '../../runtime/memory.ts';

/** What our session at the broker is subscribed to, as far as we know, over restarts. */
export interface KeptFilters {
  load(): readonly string[];
  save(filters: readonly string[]): void;
}

const shape = z.object({ session: z.string(), filters: z.array(z.string()) });

/** `session`: broker and client id; what was remembered of another session is of no use. */
export function keptFilters(memory: Memory | undefined, session: string): KeptFilters {
  let last = '';
  return {
    load() {
      try {
        const found = shape.parse(JSON.parse(memory?.load() ?? ''));
        return found.session === session ? found.filters : [];
      } catch {
        // Nothing is remembered: topics that left the settings stay subscribed, and are counted.
        return [];
      }
    },
    save(filters) {
      const text = JSON.stringify({ session, filters: [...new Set(filters)].sort() });
      if (text === last) return;
      last = memory?.save(text) === false ? '' : text;
    },
  };
}
