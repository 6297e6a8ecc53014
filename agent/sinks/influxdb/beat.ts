import type { CharacteristicSummary, SourceHealth } from '../../model.ts';
import type { OwnHealth } from '../sink.ts';
import type { LineBuffer } from './line-protocol.ts';
import { fieldKeys, LINK_STATE, linePrefix, placeTags, STATE } from './measurements.ts';

export interface BeatPlace {
  site: string;
  sink: string;
  tags: Record<string, string>;
  nowMs: number;
}

const AGENT = fieldKeys('spc_agent');
const LINK = fieldKeys('spc_link');
const STATUS = fieldKeys('spc_status');
const CAPABILITY = fieldKeys('spc_capability');
const MAX_COUNTERS = 40;

const STATUS_NUMBER = {
  ok: STATE.ok,
  warning: STATE.warning,
  alarm: STATE.out,
  provisional: STATE.provisional,
  stale: STATE.stale,
} satisfies Record<CharacteristicSummary['status'], number>;

const SINK_NUMBER = { up: 0, retrying: 1, held: 2, stopped: 2 } as const;

const encoder = new TextEncoder();

/** The agent's own health as of now; yields whenever `maxLines` are in the buffer. */
export function* beatLines(
  out: LineBuffer,
  place: BeatPlace,
  sources: SourceHealth[],
  own: OwnHealth | undefined,
  maxLines: number,
): Generator<void> {
  if (own !== undefined) agentLine(out, place, own);
  for (const source of sources) {
    linkLine(out, place, source);
    if (out.count() >= maxLines) yield;
  }
  for (const summary of own?.summaries ?? []) {
    statusLine(out, place, summary);
    capabilityLine(out, place, summary);
    if (out.count() >= maxLines) yield;
  }
}

function agentLine(out: LineBuffer, place: BeatPlace, { health }: OwnHealth): void {
  out.begin(linePrefix('spc_agent', { site: place.site, sink: place.sink }, place.tags));
  out.int(AGENT.state, SINK_NUMBER[health.state]);
  out.int(AGENT.backlog, backlogOf(health));
  out.float(AGENT.oldest_unsent_s, age(place, health.oldestUnsentMs) ?? 0);
  out.int(AGENT.rows_written, health.rowsWritten);
  out.int(AGENT.rows_rejected, health.rowsRejected);
  out.end(place.nowMs, 0);
}

/** Transactions that are not there yet, in both lanes. */
const backlogOf = ({ head, cursor, behind }: OwnHealth['health']) => behind ?? head - cursor;

function linkLine(out: LineBuffer, place: BeatPlace, source: SourceHealth): void {
  const tags = { site: place.site, source: source.name, kind: source.kind };
  out.begin(linePrefix('spc_link', tags, place.tags));
  out.int(LINK.state, linkState(source.state));
  out.text(LINK.detail, source.detail);
  out.float(LINK.since_s, age(place, source.sinceMs));
  out.float(LINK.age_s, age(place, source.lastDataMs));
  out.int(LINK.parts_down, source.parts.filter((part) => part.state === 'down').length);
  for (const [name, value] of Object.entries(source.counters).slice(0, MAX_COUNTERS)) {
    // Always a float: a counter that is a mean once and whole another time keeps one type.
    out.float(encoder.encode(`count_${name.replace(/[^A-Za-z0-9_]/g, '_')}=`), value);
  }
  out.end(place.nowMs, 0);
}

function linkState(state: SourceHealth['state']): number {
  if (state === 'up') return LINK_STATE.up;
  return state === 'degraded' ? LINK_STATE.degraded : LINK_STATE.down;
}

function statusLine(out: LineBuffer, place: BeatPlace, x: CharacteristicSummary): void {
  out.begin(linePrefix('spc_status', placeTags(place.site, x), place.tags));
  out.int(STATUS.state, STATUS_NUMBER[x.status]);
  out.float(STATUS.age_s, age(place, x.lastReadingAt));
  out.float(STATUS.last_value, x.lastValue);
  out.int(STATUS.readings, x.readings);
  out.int(STATUS.bad_readings, x.badReadings);
  out.int(STATUS.out_of_tolerance, x.outOfTolerance);
  out.int(STATUS.open_alerts, x.openAlerts);
  out.int(STATUS.baseline_remaining, x.baselineRemaining);
  out.end(place.nowMs, 0);
}

function capabilityLine(out: LineBuffer, place: BeatPlace, x: CharacteristicSummary): void {
  const c = x.capability;
  out.begin(linePrefix('spc_capability', placeTags(place.site, x), place.tags));
  out.int(CAPABILITY.n, c.n);
  out.float(CAPABILITY.mean, c.mean);
  out.float(CAPABILITY.sigma_within, c.sigmaWithin);
  out.float(CAPABILITY.sigma_overall, c.sigmaOverall);
  out.float(CAPABILITY.cp, c.cp);
  out.float(CAPABILITY.cpk, c.cpk);
  out.float(CAPABILITY.pp, c.pp);
  out.float(CAPABILITY.ppk, c.ppk);
  out.float(CAPABILITY.cp_lo, c.cpLower95);
  out.float(CAPABILITY.cpk_lo, c.cpkLower95);
  out.float(CAPABILITY.pp_lo, c.ppLower95);
  out.float(CAPABILITY.ppk_lo, c.ppkLower95);
  out.text(CAPABILITY.estimator, c.estimator);
  out.text(CAPABILITY.method, c.method);
  out.text(CAPABILITY.reason, c.reason);
  out.end(place.nowMs, 0);
}

const age = (place: BeatPlace, ms: number | null) =>
  ms === null ? null : Math.max(0, place.nowMs - ms) / 1000;
