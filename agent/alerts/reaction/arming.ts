import type { Clock } from '../../runtime/clock.ts';
import { InputError } from '../../runtime/errors.ts';
import type { ReactionSettings } from './settings.ts';

/** Whether an automatic stop may act: two people have said so, one in the settings. */
export interface Arming {
  armed(): boolean;
  by(): string | null;
  /** wall clock, ms; null while it is not armed */
  untilMs(): number | null;
  /** rejects a second yes of the same person */
  arm(by: string): void;
  disarm(): void;
}

/** A light needs no arming. An arming is never kept over a restart: somebody has to be there. */
export function createArming(settings: ReactionSettings, clock: Clock): Arming {
  let who: string | null = null;
  let fromMs = 0;
  let wallMs = 0;
  const armed = () => who !== null && clock.monotonic() - fromMs < settings.armFor;
  return {
    armed: () => settings.enabled && (settings.action === 'light' || armed()),
    by: () => (armed() ? who : null),
    untilMs: () => (armed() ? wallMs + settings.armFor : null),
    arm(by) {
      if (!settings.enabled) throw new InputError('this reaction is not enabled in the settings');
      if (settings.action === 'light') throw new InputError('a light needs no arming');
      if (sameName(by, settings.approvedBy ?? '')) {
        throw new InputError(`${by} approved it in the settings: another person has to arm it`);
      }
      who = by;
      fromMs = clock.monotonic();
      wallMs = clock.now();
    },
    disarm() {
      who = null;
    },
  };
}

/** Two spellings of one name are one person. */
function sameName(a: string, b: string): boolean {
  const plain = (text: string) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]/gu, '');
  return plain(a) === plain(b);
}
