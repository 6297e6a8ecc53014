import type { Alert, Gap, Severity, SourceEvent } from '../model.ts';
import { type Answer, acknowledge } from './answer.ts';
import type { AlertOutput, BookState, Hit } from './episodes.ts';
import {
  clear,
  episodeOf,
  extend,
  hasOpen,
  kindsOf,
  openCount,
  raise,
  worstOpen,
} from './episodes.ts';
import { controlHit, missedHit, silenceHit, sourceHit, toleranceHit } from './hits.ts';
import { doubtLasting, holdFor, overFor } from './lasting.ts';
import { passing } from './passing.ts';
import type { AlertPolicy } from './policy.ts';
import { comeBack, endedLately, goodWanted } from './returns.ts';
import { type Shelving, shelve, unshelve } from './shelving.ts';
import type { SignalHit, SubjectInfo } from './words.ts';

export { type BookState, startBook } from './episodes.ts';

type Context = Readonly<Record<string, string>>;

/**
 * The life of alerts: one per subject and kind while its condition holds (E8), told once. No clock
 * and no input or output: the same calls on the same state give the same events and numbers.
 */
export interface AlertBook {
  /** rules broken by one subgroup, on all charts of the characteristic together */
  onSignals(
    state: BookState,
    subject: SubjectInfo,
    hits: readonly SignalHit[],
    context: Context,
    out: AlertOutput,
  ): void;
  /** a subgroup that broke no rule on any chart; call it after all charts have judged */
  onInControlPoint(state: BookState, subject: string, timeMs: number, out: AlertOutput): void;
  onOutOfTolerance(
    state: BookState,
    subject: SubjectInfo,
    value: number,
    lsl: number | null,
    usl: number | null,
    timeMs: number,
    context: Context,
    out: AlertOutput,
  ): void;
  onInTolerance(state: BookState, subject: string, timeMs: number, out: AlertOutput): void;
  /** the characteristic has been silent too long; may be called on every tick while it is */
  onSilence(
    state: BookState,
    subject: SubjectInfo,
    lastReadingMs: number | null,
    nowMs: number,
    out: AlertOutput,
  ): void;
  onDataBack(state: BookState, subject: string, timeMs: number, out: AlertOutput): void;
  onMissed(state: BookState, source: string, gap: Gap, out: AlertOutput): void;
  /** `parts` of earlier gaps arrived late; clears when none is left */
  onGapFilled(
    state: BookState,
    source: string,
    parts: number,
    timeMs: number,
    out: AlertOutput,
  ): void;
  /** events of severity 'info' are for the journal only and raise nothing */
  onSourceEvent(state: BookState, event: SourceEvent, out: AlertOutput): void;
  /** the answered alert, or in words why the answer cannot be taken */
  acknowledge(
    state: BookState,
    id: number,
    answer: Answer,
    timeMs: number,
    out: AlertOutput,
  ): Alert | string;
  /** people want to hear nothing of it until then; else in words why it cannot be put aside */
  shelve(
    state: BookState,
    id: number,
    shelving: Shelving,
    timeMs: number,
    out: AlertOutput,
  ): Alert | string;
  unshelve(
    state: BookState,
    id: number,
    by: string,
    timeMs: number,
    out: AlertOutput,
  ): Alert | string;
  tick(state: BookState, nowMs: number, out: AlertOutput): void;
  /** whether a tick at this time would end an episode or mend one from a clock that ran ahead */
  tickDue(state: BookState, nowMs: number): boolean;
  /** ends the conditions of subjects that the settings no longer know; call it after a restore */
  retire(
    state: BookState,
    known: (subject: string) => boolean,
    timeMs: number,
    out: AlertOutput,
  ): void;
  /** the machine's own clock was set: quiet times go on as if it had not been */
  onClockStep(state: BookState, shifted: (ms: number) => number): void;
  openCount(state: BookState, subject: string): number;
  worstOpen(state: BookState, subject: string): Severity | null;
  hasOpen(state: BookState, subject: string): boolean;
}

/** The life cycle under a policy. */
export function alertBook(policy: AlertPolicy): AlertBook {
  const hitOn: HitOn = (state, hit, out) => {
    const episode = episodeOf(state, hit.subject.id, hit.kind);
    if (episode !== undefined) return extend(state, episode, hit, out);
    const ended = endedLately(state, hit, policy.returnsWithinMs ?? 0);
    if (ended === undefined) raise(state, hit, policy.maxRemembered, out);
    else comeBack(state, ended, hit, out);
  };
  return {
    ...judgedParts(policy, hitOn),
    ...missingParts(hitOn),
    ...passing(policy),
    acknowledge,
    shelve: (state, id, shelving, timeMs, out) =>
      shelve(state, id, shelving, timeMs, policy.maxShelvedMs ?? MAX_SHELVED_MS, out),
    unshelve,
    retire(state, known, timeMs, out) {
      for (const subject of Object.keys(state.episodes)) {
        if (known(subject)) doubtLasting(state, subject);
        else for (const kind of kindsOf(state, subject)) clear(state, subject, kind, timeMs, out);
      }
    },
    openCount,
    worstOpen,
    hasOpen,
  };
}

/** For policies that an older program kept. */
const MAX_SHELVED_MS = 8 * 3_600_000;

type HitOn = (state: BookState, hit: Hit, out: AlertOutput) => void;

/** What points and readings that came say about the process and the parts. */
function judgedParts(
  policy: AlertPolicy,
  hitOn: HitOn,
): Pick<AlertBook, 'onSignals' | 'onInControlPoint' | 'onOutOfTolerance' | 'onInTolerance'> {
  return {
    onSignals(state, subject, hits, context, out) {
      if (hits.length > 0) hitOn(state, controlHit(subject, hits, context), out);
    },
    onInControlPoint(state, subject, timeMs, out) {
      const episode = episodeOf(state, subject, 'out-of-control');
      if (episode === undefined || episode.pointMs === timeMs) return;
      episode.pointMs = timeMs;
      episode.good += 1;
      if (episode.good >= goodWanted(state, episode, policy.clearAfterPoints)) {
        clear(state, subject, 'out-of-control', timeMs, out);
      }
    },
    onOutOfTolerance(state, subject, value, lsl, usl, timeMs, context, out) {
      hitOn(state, toleranceHit(subject, value, lsl, usl, timeMs, context), out);
    },
    onInTolerance(state, subject, timeMs, out) {
      const episode = episodeOf(state, subject, 'out-of-tolerance');
      if (episode === undefined) return;
      episode.good += 1;
      if (episode.good >= goodWanted(state, episode, policy.clearAfterReadings)) {
        clear(state, subject, 'out-of-tolerance', timeMs, out);
      }
    },
  };
}

/** What did not come: readings, parts, and sources that say why. */
function missingParts(
  hitOn: HitOn,
): Pick<AlertBook, 'onSilence' | 'onDataBack' | 'onMissed' | 'onGapFilled' | 'onSourceEvent'> {
  return {
    onSilence(state, subject, lastReadingMs, nowMs, out) {
      const episode = episodeOf(state, subject.id, 'no-data');
      const alert = state.alerts[episode?.id ?? 0];
      if (alert !== undefined) alert.lastMs = nowMs;
      else hitOn(state, silenceHit(subject, lastReadingMs, nowMs), out);
    },
    onDataBack(state, subject, timeMs, out) {
      if (episodeOf(state, subject, 'no-data') !== undefined) {
        clear(state, subject, 'no-data', timeMs, out);
      }
    },
    onMissed(state, source, gap, out) {
      if (!(gap.missed > 0)) return;
      const alert = state.alerts[episodeOf(state, source, 'missed-parts')?.id ?? 0];
      hitOn(state, missedHit(source, gap, alert?.count ?? 0), out);
    },
    onGapFilled(state, source, parts, timeMs, out) {
      const episode = episodeOf(state, source, 'missed-parts');
      if (episode === undefined) return;
      episode.outstanding -= parts;
      if (episode.outstanding <= 0) clear(state, source, 'missed-parts', timeMs, out);
    },
    onSourceEvent(state, event, out) {
      if (event.over === true) overFor(state, event, out);
      else if (event.severity !== 'info') {
        hitOn(state, sourceHit(event), out);
        holdFor(state, event);
      }
    },
  };
}
