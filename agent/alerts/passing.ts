import type { AlertBook } from './book.ts';
import { clear, type Episode, episodeOf, kindsOf } from './episodes.ts';
import { escalate, escalationDue, shiftEscalations } from './escalation.ts';
import { lasts } from './lasting.ts';
import type { AlertPolicy } from './policy.ts';
import { endsByQuiet } from './severity.ts';
import { endShelves, shelfDue, shiftShelves } from './shelving.ts';

type Passing = Pick<AlertBook, 'tick' | 'tickDue' | 'onClockStep'>;

/** What time alone does: quiet ends episodes, what was put aside comes back, silence is told on. */
export function passing({ missedQuietMs, escalations = [] }: AlertPolicy): Passing {
  const quiet = quietTimes(missedQuietMs);
  return {
    tick(state, nowMs, out) {
      quiet.tick(state, nowMs, out);
      endShelves(state, nowMs, out);
      escalate(state, escalations, nowMs, out);
    },
    tickDue: (state, nowMs) =>
      quiet.tickDue(state, nowMs) ||
      shelfDue(state, nowMs) ||
      escalationDue(state, escalations, nowMs),
    onClockStep(state, shifted) {
      quiet.onClockStep(state, shifted);
      shiftShelves(state, shifted);
      shiftEscalations(state, shifted);
    },
  };
}

/** Episodes that end when nothing more is heard of them for `quietMs`. */
function quietTimes(quietMs: number): Passing {
  const isQuiet = (episode: Episode, nowMs: number) =>
    !lasts(episode) && nowMs - episode.touchedMs >= quietMs;
  // The clock of a source, or ours before it was set back, may be years ahead.
  const isAhead = (episode: Episode, nowMs: number) => episode.touchedMs - nowMs > quietMs;
  return {
    tick(state, nowMs, out) {
      state.nowMs = nowMs;
      for (const subject of Object.keys(state.episodes)) {
        for (const kind of kindsOf(state, subject).filter(endsByQuiet)) {
          const episode = episodeOf(state, subject, kind) as Episode;
          if (isAhead(episode, nowMs)) episode.touchedMs = nowMs;
          if (isQuiet(episode, nowMs)) clear(state, subject, kind, nowMs, out);
        }
      }
    },
    onClockStep(state, shifted) {
      for (const subject of Object.keys(state.episodes)) {
        for (const kind of kindsOf(state, subject).filter(endsByQuiet)) {
          const episode = episodeOf(state, subject, kind) as Episode;
          episode.touchedMs = shifted(episode.touchedMs);
        }
      }
    },
    tickDue(state, nowMs) {
      for (const subject in state.episodes) {
        for (const kind of kindsOf(state, subject)) {
          if (!endsByQuiet(kind)) continue;
          const episode = episodeOf(state, subject, kind) as Episode;
          if (isQuiet(episode, nowMs) || isAhead(episode, nowMs)) return true;
        }
      }
      return false;
    },
  };
}
