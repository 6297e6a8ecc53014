import type { Recording } from './core/protocol.ts';
import { sayDuration } from './runtime/duration.ts';
import { InputError } from './runtime/errors.ts';
import type { Log } from './runtime/log.ts';

/** Whether what comes in is written down, for everybody outside the core who must know. */
export interface RecordingState {
  /** the newest word of the core; logged when it begins and when it ends */
  take(now: Recording): void;
  /** whether what comes in is written down now */
  writes(): boolean;
  /** a person is told at once instead of waiting for a disk: throws InputError while it fails */
  refuse(): void;
  /** what `/readyz` says of the store */
  check(dead: boolean, commits: number): { name: string; ok: boolean; detail: string };
}

export function createRecordingState(log: Log): RecordingState {
  let known: Recording = { reason: '', forMs: 0, held: 0 };
  return {
    take(now) {
      if (now.reason !== '' && known.reason === '') log.error('store-failed', { ...now });
      else if (now.reason === '' && known.reason !== '') log.warn('store-back', { ...now });
      known = now;
    },
    writes: () => known.reason === '',
    refuse() {
      if (known.reason !== '') throw new InputError(`nothing was taken: ${known.reason}`);
    },
    check(dead, commits) {
      const ok = !dead && known.reason === '';
      const wrong = dead ? 'the core has ended' : sayUnrecorded(known);
      return { name: 'store', ok, detail: ok ? `journal at ${commits}` : wrong };
    },
  };
}

const sayUnrecorded = ({ reason, forMs, held }: Recording): string =>
  `not recorded for ${sayDuration(forMs)}: ${reason}; ${held} inputs wait, none acknowledged`;
