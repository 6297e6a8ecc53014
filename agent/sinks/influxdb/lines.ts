import type { AlertEvent, Characteristic, Gap, Limits, Point, Signal } from '../../model.ts';
import type { Rows, SinkContext } from '../sink.ts';
import type { LineBuffer } from './line-protocol.ts';
import { fieldKeys, linePrefix, type Measurement, placeTags, STATE } from './measurements.ts';
import { SLOTS, sampleLines } from './samples.ts';

type Place = Pick<SinkContext, 'site' | 'characteristic' | 'characteristicById'>;

export interface RowLines {
  /** writes all lines of `rows`; yields whenever `full()` says that the buffer should be sent */
  lines(rows: Rows, out: LineBuffer, full: () => boolean): Generator<void>;
}

const SUBGROUP = fieldKeys('spc_subgroup');
const LIMITS = fieldKeys('spc_limits');
const EVENT = fieldKeys('spc_event');
/** Gaps of one source in one transaction: more than there are streams of a source. */
const GAPS_EACH = 1000;

/** Turns journal rows into lines. Prefixes are cached per series; the set of series is bounded. */
export function rowLines(place: Place, tags: Record<string, string>): RowLines {
  const samples = sampleLines(place, tags);
  const prefixes = new Map<string, { of: Characteristic; prefix: Uint8Array }>();
  const prefix = (measurement: Measurement, of: Characteristic, chart: string): Uint8Array => {
    const key = `${measurement}\n${of.id}\n${chart}`;
    const known = prefixes.get(key);
    if (known?.of === of) return known.prefix;
    const all = { ...placeTags(place.site, of), ...(chart === '' ? {} : { chart }) };
    const made = linePrefix(measurement, all, tags);
    prefixes.set(key, { of, prefix: made });
    return made;
  };

  const event = (of: Characteristic | undefined, own: Record<string, string>): Uint8Array =>
    linePrefix(
      'spc_event',
      { ...(of ? placeTags(place.site, of) : { site: place.site }), ...own },
      tags,
    );

  return {
    *lines(rows, out, full) {
      yield* samples(rows, out, full);
      for (const point of rows.points) {
        const of = place.characteristicById(point.characteristic);
        if (of === undefined) continue;
        pointLine(out, prefix('spc_subgroup', of, point.chart), point, of);
        if (full()) yield;
      }
      for (const limits of rows.limits) {
        const of = place.characteristicById(limits.characteristic);
        if (of === undefined) continue;
        limitsLine(out, prefix('spc_limits', of, ''), limits);
        if (full()) yield;
      }
      for (const signal of rows.signals) {
        const { chart, rule, statistic } = signal;
        const of = place.characteristicById(signal.characteristic);
        signalLine(out, event(of, { chart, rule, statistic, kind: 'signal' }), signal);
        if (full()) yield;
      }
      for (const { alert } of rows.alerts) {
        const of = place.characteristicById(alert.subject);
        const subject = of === undefined ? { source: alert.subject } : {};
        alertLine(out, event(of, { ...subject, kind: alert.kind }), alert);
        if (full()) yield;
      }
      for (const gap of rows.gaps) {
        gapLine(out, event(undefined, { source: gap.source, kind: 'gap' }), gap);
        if (full()) yield;
      }
    },
  };
}

function pointLine(out: LineBuffer, prefix: Uint8Array, p: Point, of: Characteristic): void {
  out.begin(prefix);
  out.float(SUBGROUP.value, p.value);
  out.float(SUBGROUP.cl, p.cl);
  out.float(SUBGROUP.lcl, p.lcl);
  out.float(SUBGROUP.ucl, p.ucl);
  out.float(SUBGROUP.z, p.z);
  out.int(SUBGROUP.rules, p.rules);
  out.float(SUBGROUP.spread, p.spread);
  out.float(SUBGROUP.spread_cl, p.spreadCl);
  out.float(SUBGROUP.spread_lcl, p.spreadLcl);
  out.float(SUBGROUP.spread_ucl, p.spreadUcl);
  out.int(SUBGROUP.spread_rules, p.spreadRules);
  out.float(SUBGROUP.lsl, of.lsl);
  out.float(SUBGROUP.usl, of.usl);
  out.float(SUBGROUP.target, of.nominal);
  out.int(SUBGROUP.n, p.size);
  out.int(SUBGROUP.index, p.index);
  out.int(SUBGROUP.seq, p.partSequence);
  out.int(SUBGROUP.state, pointState(p));
  out.int(SUBGROUP.phase, p.phase);
  out.int(SUBGROUP.limits_rev, p.limitsVersion);
  // The index never repeats within a chart, so it is the surest number inside the millisecond.
  out.end(p.timeMs, p.index % SLOTS);
}

/** Out = beyond a limit; warning = another rule, and the most while the baseline is learned. */
function pointState(p: Point): number {
  const beyond =
    outside(p.value, p.lcl, p.ucl) ||
    (p.spread !== null && outside(p.spread, p.spreadLcl, p.spreadUcl));
  const marked = beyond || p.rules !== 0 || p.spreadRules !== 0;
  if (p.phase === 1) return marked ? STATE.warning : STATE.provisional;
  if (beyond) return STATE.out;
  return marked ? STATE.warning : STATE.ok;
}

const outside = (x: number, low: number | null, high: number | null) =>
  (low !== null && x < low) || (high !== null && x > high);

function limitsLine(out: LineBuffer, prefix: Uint8Array, x: Limits): void {
  out.begin(prefix);
  out.int(LIMITS.rev, x.version);
  out.float(LIMITS.center, x.center);
  out.float(LIMITS.sigma, x.sigma);
  out.text(LIMITS.origin, x.origin);
  out.text(LIMITS.estimator, x.estimator);
  out.int(LIMITS.subgroups, x.subgroups);
  out.int(LIMITS.readings, x.readings);
  out.int(LIMITS.baseline_outside, x.baselineOutside);
  out.text(LIMITS.approved_by, x.approvedBy);
  out.int(LIMITS.approved_ms, x.approvedAtMs);
  out.text(LIMITS.note, x.note);
  out.end(x.frozenAtMs, x.version % SLOTS);
}

function signalLine(out: LineBuffer, prefix: Uint8Array, x: Signal): void {
  out.begin(prefix);
  out.text(EVENT.severity, x.severity);
  out.text(EVENT.text, x.text);
  out.float(EVENT.value, x.value);
  out.int(EVENT.seq, x.pointIndex);
  out.int(EVENT.provisional, x.provisional ? 1 : 0);
  out.end(x.timeMs, x.pointIndex % SLOTS);
}

/** Same tags and time for the whole life of an alert: each step rewrites the point in place. */
function alertLine(out: LineBuffer, prefix: Uint8Array, x: AlertEvent['alert']): void {
  out.begin(prefix);
  out.int(EVENT.event_id, x.id);
  out.text(EVENT.severity, x.severity);
  out.text(EVENT.title, x.title);
  out.text(EVENT.text, x.detail);
  out.float(EVENT.value, x.value);
  out.text(EVENT.state, x.state);
  out.int(EVENT.open, x.state === 'closed' ? 0 : 1);
  out.int(EVENT.count, x.count);
  out.text(EVENT.rules, x.rules.join(' '));
  out.int(EVENT.onset_ms, x.onsetMs);
  out.text(EVENT.ack_by, x.acknowledgedBy);
  out.int(EVENT.ack_ms, x.acknowledgedMs);
  out.int(EVENT.cleared_ms, x.clearedMs);
  out.text(EVENT.cause, x.cause);
  out.text(EVENT.action, x.action);
  out.text(EVENT.comment, x.comment);
  out.text(EVENT.serial, x.context['serial'] ?? null);
  out.text(EVENT.lot, x.context['lot'] ?? null);
  out.end(x.openedMs, x.id % SLOTS);
}

function gapLine(out: LineBuffer, prefix: Uint8Array, x: Gap): void {
  out.begin(prefix);
  out.text(EVENT.severity, 'warning');
  out.text(EVENT.stream, x.stream);
  out.int(EVENT.first_missed, x.from);
  out.int(EVENT.last_missed, x.to);
  out.int(EVENT.missed, x.missed);
  out.end(x.timeMs, (x.seq * GAPS_EACH + x.ordinal) % SLOTS);
}
