import type { AlertKind, Gap, SourceEvent } from '../model.ts';
import type { Hit } from './episodes.ts';
import { controlSeverity, missedSeverity, silenceSeverity } from './severity.ts';
import {
  type SignalHit,
  type SubjectInfo,
  sayMissed,
  sayNoData,
  sayOutOfControl,
  sayOutOfTolerance,
  saySourceEvent,
} from './words.ts';

type Context = Readonly<Record<string, string>>;

/** Rules broken by one subgroup; the onset is the first point of the longest run. */
export function controlHit(
  subject: SubjectInfo,
  hits: readonly SignalHit[],
  context: Context,
): Hit {
  const times = hits.map((hit) => hit.timeMs);
  return {
    ...hitOf('out-of-control', subject, Math.max(...times)),
    ...sayOutOfControl(subject, hits),
    severity: controlSeverity(hits, subject.class),
    onsetMs: Math.min(...hits.map((hit) => hit.onsetMs ?? hit.timeMs)),
    count: hits.length,
    value: hits[0]?.value ?? null,
    rules: hits.map((hit) => hit.rule),
    context,
  };
}

/** Parts missed in this gap, on top of those `before` it in the same episode. */
export function missedHit(source: string, gap: Gap, before: number): Hit {
  const total = before + gap.missed;
  return {
    ...hitOf('missed-parts', sourceSubject(source), gap.timeMs),
    ...sayMissed(source, total, gap),
    severity: missedSeverity(total),
    count: gap.missed,
    context: { stream: gap.stream },
  };
}

/** Silence of a characteristic; it began with the last reading. */
export function silenceHit(subject: SubjectInfo, lastReadingMs: number | null, nowMs: number): Hit {
  return {
    ...hitOf('no-data', subject, nowMs),
    ...sayNoData(subject.name, lastReadingMs, nowMs),
    severity: silenceSeverity(subject.class),
    onsetMs: lastReadingMs ?? nowMs,
  };
}

/** A fault that a source reports, with the severity that the source gave it. */
export function sourceHit(event: SourceEvent): Hit {
  return {
    ...hitOf('source', sourceSubject(event.source), event.timeMs),
    ...saySourceEvent(event),
    severity: event.severity,
    rules: [event.kind],
  };
}

/** A reading outside its tolerance is always an alarm. */
export function toleranceHit(
  subject: SubjectInfo,
  value: number,
  lsl: number | null,
  usl: number | null,
  timeMs: number,
  context: Context,
): Hit {
  return {
    ...hitOf('out-of-tolerance', subject, timeMs),
    ...sayOutOfTolerance(subject, value, lsl, usl),
    severity: 'alarm',
    value,
    context,
  };
}

function sourceSubject(id: string): Hit['subject'] {
  return { id, unit: '', class: 'none', reactionPlan: '' };
}

function hitOf(kind: AlertKind, subject: Hit['subject'], timeMs: number): Omit<Hit, 'severity'> {
  return {
    kind,
    subject,
    title: '',
    detail: '',
    timeMs,
    onsetMs: timeMs,
    count: 1,
    value: null,
    rules: [],
    context: {},
  };
}
