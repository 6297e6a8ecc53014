import type { Reactions } from './alerts/reaction/index.ts';
import type {
  ConsoleView,
  EnteredEvent,
  EnteredReading,
  Histogram,
  Metric,
  ReadingRow,
} from './console/view.ts';
import type { CoreClient } from './core/client.ts';
import type { Command, CoreFigures } from './core/protocol.ts';
import { poolGauges } from './gauges-view.ts';
import type { LiveState } from './live.ts';
import { manualView } from './manual-view.ts';
import {
  type Actor,
  type Alert,
  type CharacteristicSummary,
  QUALITY,
  type SinkHealth,
  type SourceHealth,
} from './model.ts';
import { rejectedRows } from './rejected.ts';
import { InputError } from './runtime/errors.ts';
import type { Settings } from './settings/schema.ts';
import type { Shipper } from './sinks/shipper.ts';
import type { AsyncReader } from './store/reader-client.ts';

const QUALITY_NAMES = new Map<number, string>(Object.entries(QUALITY).map(([k, v]) => [v, k]));
const HISTOGRAM_BINS = 48;

export interface ViewParts {
  plant: { name: string; site: string };
  version: string;
  startedMs: number;
  now(): number;
  live: LiveState;
  reader: AsyncReader;
  core: CoreClient;
  sources(): SourceHealth[];
  /** hands a typed value to the source that its characteristic reads */
  enter(entry: EnteredReading): Promise<void>;
  sinks(): SinkHealth[];
  shipper(name: string): Shipper | undefined;
  channels(): string[];
  reactions(): Reactions;
  readiness(): ReturnType<ConsoleView['readiness']>;
  figures(): CoreFigures;
  memory(): { rssBytes: number };
  /** of the disk and the store */
  moreMetrics(): Metric[];
  storage: ConsoleView['storage'];
  settings(): Settings;
}

/** What the page may see and do, put together from the parts that know it. */
export function createView(p: ViewParts): ConsoleView {
  return {
    plant: () => ({ ...p.plant, version: p.version, startedMs: p.startedMs, nowMs: p.now() }),
    characteristics: () => p.live.summaries(),
    characteristic: (id) => p.live.summary(id),
    points: (id, query) => p.reader.points(id, query),
    signals: (id, limit) => p.reader.signals(id, limit),
    limits: (id) => p.reader.limits(id),
    async readings(id, limit) {
      const rows = await p.reader.readings(id, limit);
      return rows.map(
        (row): ReadingRow => ({
          timeMs: row.sourceMs,
          value: row.value,
          quality: QUALITY_NAMES.get(row.quality) ?? String(row.quality),
          sequence: row.sequence,
        }),
      );
    },
    histogram: (id, limit) => histogramOf(p, id, limit),
    alerts: (query) => p.reader.alerts(query),
    occasion: (id, seq, timeMs) => p.reader.occasion(id, { seq, timeMs }),
    ...manualView(p.settings, p.reader),
    storage: p.storage,
    alertHistory: (id, limit) => p.reader.alertHistory(id, limit),
    gaps: (limit) => p.reader.gaps(limit),
    events: (limit) => p.reader.events(limit),
    sources: p.sources,
    sinks: p.sinks,
    ...rejectedRows(p),
    reactions: () => p.reactions().list(),
    armReaction: (name, by, on, actor) => arm(p, name, by, on, actor),
    readiness: p.readiness,
    metrics: () => [...metricsOf(p), ...p.moreMetrics()],
    acknowledge: (alert, answer, actor) =>
      tellCore(p, { kind: 'acknowledge', alert, ...answer, timeMs: p.now() }, actor),
    shelve: (alert, { by, reason, forMs, untilMs }, actor) => {
      const timeMs = p.now();
      const until = forMs === null ? (untilMs ?? timeMs) : timeMs + forMs;
      return tellCore(p, { kind: 'shelve', alert, by, reason, untilMs: until, timeMs }, actor);
    },
    unshelve: (alert, by, actor) =>
      tellCore(p, { kind: 'unshelve', alert, by, timeMs: p.now() }, actor),
    enterReading: (entry, actor) => enter(p, entry, actor),
    addEvent: (event, actor) => addEvent(p, event, actor),
    poolGauges: (characteristic, by, reason, actor) =>
      poolGauges(p.core, { characteristic, by, reason, timeMs: p.now() }, actor),
    approveLimits: (id, version, by, actor) => approve(p, { id, version, by }, actor),
    subscribe: (listener) => p.live.subscribe(listener),
  };
}

/** What a person does about an alert. */
async function tellCore(p: ViewParts, command: Command, actor: Actor): Promise<Alert> {
  const reply = await p.core.command(command, actor);
  if (reply.alert === undefined) throw new InputError(reply.error ?? 'not possible');
  return reply.alert;
}

/**
 * The row of the audit log comes after the value is durable, in a transaction of its own: the value
 * goes the way of every reading, and carries who, gauge and reason with it.
 */
async function enter(p: ViewParts, entry: EnteredReading, actor: Actor): Promise<number> {
  const timeMs = entry.timeMs ?? p.now();
  await p.enter(entry);
  const { characteristic, value, gauge, operator, reason } = entry;
  const after = JSON.stringify({ value, gauge, operator, at: new Date(timeMs).toISOString() });
  await p.core.audit({
    ...{ actor, what: 'manual-reading', object: characteristic, before: '', after, why: reason },
  });
  return timeMs;
}

async function addEvent(p: ViewParts, { timeMs, ...said }: EnteredEvent, actor: Actor) {
  const event = { ...said, source: 'person', severity: 'info' as const, timeMs: timeMs ?? p.now() };
  const reply = await p.core.command({ kind: 'event', event }, actor);
  if (reply.error !== undefined) throw new InputError(reply.error);
}

async function arm(p: ViewParts, name: string, by: string, on: boolean, actor: Actor) {
  const status = p.reactions().arm(name, by, on);
  const what = on ? 'reaction-arm' : 'reaction-disarm';
  const [before, after] = on ? ['', 'armed'] : ['armed', ''];
  const { error } = await p.core.audit({ actor, what, object: name, before, after, why: '' });
  if (error === undefined || !on) return status;
  // Nothing is armed that the records do not show.
  p.reactions().arm(name, by, false);
  throw new InputError(error);
}

interface Approval {
  id: string;
  version: number;
  by: string;
}

async function approve(p: ViewParts, { id, version, by }: Approval, actor: Actor) {
  const command = { kind: 'approve' as const, characteristic: id, version, by, timeMs: p.now() };
  const reply = await p.core.command(command, actor);
  if (reply.limits === undefined) throw new InputError(reply.error ?? 'not possible');
  return reply.limits;
}

/** Bins span the tolerance with a quarter on each side, or the process spread without one. */
async function histogramOf(p: ViewParts, id: string, limit: number): Promise<Histogram> {
  const summary = p.live.summary(id);
  const [from, to] = spanOf(summary);
  return p.reader.histogram(id, { limit, from, to, bins: HISTOGRAM_BINS });
}

function spanOf(s: CharacteristicSummary | undefined): [number, number] {
  if (s?.lsl != null && s.usl != null) {
    const margin = (s.usl - s.lsl) / 4;
    return [s.lsl - margin, s.usl + margin];
  }
  const center = s?.capability.mean ?? s?.limits?.center ?? s?.nominal ?? s?.lastValue ?? 0;
  const sigma = s?.capability.sigmaOverall ?? s?.limits?.sigma ?? 0;
  const half = sigma > 0 ? 5 * sigma : Math.max(1e-9, Math.abs(center) * 0.01);
  const from = s?.lsl != null ? Math.min(s.lsl, center - half) : center - half;
  const to = s?.usl != null ? Math.max(s.usl * 1.02, center + half) : center + half;
  return [from, to];
}

function metricsOf(p: ViewParts): Metric[] {
  const f = p.figures();
  const counter = (name: string, help: string, value: number): Metric => ({
    name: `meyar_${name}_total`,
    help,
    type: 'counter',
    samples: [{ labels: {}, value }],
  });
  const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
    name: `meyar_${name}`,
    help,
    type: 'gauge',
    samples,
  });
  return [
    counter('readings', 'Readings taken in', f.readings),
    counter('duplicates', 'Readings refused as duplicates', f.duplicates),
    counter('late_readings', 'Readings that came too late for their subgroup', f.late),
    counter('points', 'Points plotted', f.points),
    counter('signals', 'Rules broken', f.signals),
    counter('alerts', 'Alerts raised', f.alerts),
    counter('missed_parts', 'Parts that a counter says are missing', f.missedParts),
    gauge('journal_seq', 'Last committed transaction', [{ labels: {}, value: f.commits }]),
    gauge('memory_rss_bytes', 'Resident memory', [{ labels: {}, value: p.memory().rssBytes }]),
    gauge(
      'source_up',
      '1 when the source is up',
      p.sources().map((s) => ({ labels: { source: s.name }, value: s.state === 'up' ? 1 : 0 })),
    ),
    gauge(
      'source_counter',
      'Counters of the sources',
      p.sources().flatMap((s) =>
        Object.entries(s.counters).map(([name, value]) => ({
          labels: { source: s.name, name },
          value,
        })),
      ),
    ),
    gauge(
      'sink_lag_transactions',
      'Journal transactions not yet shipped',
      p.sinks().map((s) => ({ labels: { sink: s.name }, value: Math.max(0, s.head - s.cursor) })),
    ),
    gauge(
      'store',
      'Figures of the store',
      Object.entries(f.store).map(([name, value]) => ({ labels: { name }, value })),
    ),
    gauge(
      'last_reading_age_seconds',
      'Age of the newest reading',
      p.live
        .summaries()
        .flatMap((s) =>
          s.lastReadingAt === null
            ? []
            : [{ labels: { characteristic: s.id }, value: (p.now() - s.lastReadingAt) / 1000 }],
        ),
    ),
  ];
}
