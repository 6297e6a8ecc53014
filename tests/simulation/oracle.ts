import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { unrecordedKey } from '../../agent/alerts/unrecorded.ts';
import { decodeBatch } from '../../agent/batch.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Command } from '../../agent/core/protocol.ts';
import { reducerOf } from '../../agent/core/serve.ts';
import type {
  AlertEvent,
  Gap,
  Limits,
  Point,
  Signal,
  SinkHealth,
  SourceEvent,
  SourceHealth,
} from '../../agent/model.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { type InfluxdbSettings, influxdbSink } from '../../agent/sinks/influxdb/influxdb.ts';
import { decodeRows } from '../../agent/sinks/rows.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { coreOptions } from '../../agent/wiring.ts';
import type { Broker } from './broker.ts';
import type { Influx } from './influx.ts';
import { cutLine } from './influx.ts';
import type { People } from './people.ts';
import type { Part, Plant } from './plant.ts';
import { simulatedSettings } from './settings.ts';

export interface Judged {
  plant: Plant;
  broker: Broker;
  influx: Influx;
  people: People;
  folder: string;
  health: { sinks: SinkHealth[]; sources: SourceHealth[] } | null;
}

interface Journal {
  /** how often each part was counted, by serial number */
  counted: Map<string, number>;
  values: Map<string, number>;
  points: Point[];
  signals: Signal[];
  alerts: AlertEvent[];
  limits: Limits[];
  gaps: Gap[];
  /** lines an InfluxDB that never failed would hold */
  lines: Map<string, string>;
}

const DUPLICATE = 255;
const MOST_SHOWN = 3;

/** Holds what was stored and told against what was made; from outside, after the last life. */
export async function judge(w: Judged) {
  const file = join(w.folder, 'meyar.db');
  const writer = openWriter(file, { monotonic: () => 0 });
  try {
    const journal = await readJournal(file, writer);
    const problems = [
      ...counts(w, journal),
      ...gapsTold(w.plant, journal),
      ...recomputed(writer, journal),
      ...delivered(w.influx, journal),
      ...told(w.people, journal, writer),
      ...atRest(w),
    ];
    const text = JSON.stringify([
      [...journal.counted],
      journal.points,
      journal.signals,
      journal.alerts,
      journal.limits,
      journal.gaps,
    ]);
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const raised = journal.alerts.filter((a) => a.transition === 'raised').length;
    return { problems, stored: journal.counted.size, alerts: raised, digest };
  } finally {
    writer.close();
  }
}

async function readJournal(file: string, writer: StoreWriter): Promise<Journal> {
  const journal: Journal = {
    counted: new Map(),
    values: new Map(),
    points: [],
    signals: [],
    alerts: [],
    limits: [],
    gaps: [],
    lines: new Map(),
  };
  const reader = openReader(file);
  const sink = perfectSink(writer, journal.lines);
  const head = reader.head();
  for (let after = 0; after < head; ) {
    const stored = reader.rows(after, 20_000);
    const { rows } = decodeRows(stored);
    await sink.write(rows, new AbortController().signal);
    for (const { batch } of rows.batches) {
      for (let d = 0; d < batch.deliveries; d += 1) {
        const end = d + 1 < batch.deliveries ? (batch.first[d + 1] as number) : batch.readings;
        for (let i = batch.first[d] as number; i < end; i += 1) {
          if (batch.quality[i] === DUPLICATE) continue;
          const { serial = '' } = JSON.parse(batch.context(d) || '{}') as { serial?: string };
          journal.counted.set(serial, (journal.counted.get(serial) ?? 0) + 1);
          journal.values.set(serial, batch.value[i] as number);
        }
      }
    }
    journal.points.push(...stored.points);
    journal.signals.push(...stored.signals);
    journal.alerts.push(...stored.alerts);
    journal.limits.push(...stored.limits);
    journal.gaps.push(...stored.gaps);
    after = stored.upTo;
  }
  reader.close();
  return journal;
}

/** The sink under test, on a connection that takes everything at once. */
function perfectSink(writer: StoreWriter, lines: Map<string, string>) {
  const settings = simulatedSettings();
  const ids = Object.keys(settings.characteristics);
  const numbers = writer.numbers(ids);
  const byNumber = new Map([...numbers].map(([id, number]) => [number, id]));
  const reducer = reducerOf(coreSettings(), writer);
  const rows = new Map(reducer.summaries(0).map((s) => [s.id, s]));
  const own = settings.sinks['influx'] as unknown as InfluxdbSettings;
  const context = {
    name: 'influx',
    site: settings.plant.site,
    characteristic: (number: number) => rows.get(byNumber.get(number) ?? ''),
    characteristicById: (id: string) => rows.get(id),
    clock: { now: () => 0, monotonic: () => 0 },
    log: silentLog,
  };
  return influxdbSink(own, context, () => ({
    async post(body) {
      for (const line of body.split('\n')) if (line !== '') lines.set(...cutLine(line));
    },
    ping: async () => true,
    close() {},
  }));
}

function coreSettings() {
  const settings = simulatedSettings();
  const clock = { now: () => 0, monotonic: () => 0 };
  const rest = { dataDir: '', version: '', clock, random: () => 0, log: silentLog };
  return coreOptions({ settings, ...rest }, '').settings;
}

/** What was made is stored once, unless the broker forgot it; what was acknowledged is stored. */
function counts(w: Judged, journal: Journal): string[] {
  const problems: string[] = [];
  const { forgotten, acknowledged } = w.broker;
  const lost: string[] = [];
  const wrong: string[] = [];
  const early: string[] = [];
  for (const part of w.plant.parts.values()) {
    const stored = journal.values.get(part.serial);
    if (stored === undefined) {
      if (acknowledged.has(part.payload)) early.push(part.serial);
      if (!forgotten.has(part.payload)) lost.push(part.serial);
    } else if (stored !== part.value) wrong.push(`${part.serial}: ${stored} for ${part.value}`);
  }
  const twice = [...journal.counted].filter(([, times]) => times > 1).map(([serial]) => serial);
  const unknown = [...journal.counted.keys()].filter((serial) => !w.plant.parts.has(serial));
  say(problems, 'acknowledged and not stored', early);
  say(problems, 'lost', lost);
  say(problems, 'stored with another value', wrong);
  say(problems, 'counted twice', twice);
  say(problems, 'stored and never made', unknown);
  return problems;
}

/** Numbers that are missing between two that were stored stand in a gap record. */
function gapsTold(plant: Plant, journal: Journal): string[] {
  const problems: string[] = [];
  const eras = new Map<string, Part[]>();
  for (const part of plant.parts.values()) {
    if (part.seq === null) continue;
    const key = `${part.stream}/${part.era}`;
    const list = eras.get(key);
    if (list === undefined) eras.set(key, [part]);
    else list.push(part);
  }
  const untold: string[] = [];
  for (const list of eras.values()) {
    const stored = list.filter((part) => journal.counted.has(part.serial));
    const first = stored[0]?.seq ?? Number.POSITIVE_INFINITY;
    const last = stored.at(-1)?.seq ?? 0;
    for (const { stream, seq, serial } of list) {
      if (seq === null || seq < first || seq > last || journal.counted.has(serial)) continue;
      const own = (g: Gap) => g.stream === `cells/${stream}` && g.from <= seq && seq <= g.to;
      if (!journal.gaps.some(own)) untold.push(serial);
    }
  }
  say(problems, 'missing without a gap record', untold);
  return problems;
}

/** State and findings are those that a fresh reducer has after the whole journal. */
function recomputed(writer: StoreWriter, journal: Journal): string[] {
  const problems: string[] = [];
  const reducer = reducerOf(coreSettings(), writer);
  const found = { points: [], signals: [], alerts: [], limits: [], gaps: [] } as {
    points: Point[];
    signals: Signal[];
    alerts: AlertEvent[];
    limits: Limits[];
    gaps: Gap[];
  };
  const out: Outputs = {
    point: (point) => void found.points.push({ ...point }),
    signal: (signal) => void found.signals.push({ ...signal }),
    alert: (event) => void found.alerts.push(structuredClone(event)),
    limits: (limits) => void found.limits.push({ ...limits }),
    gap: (gap) => void found.gaps.push({ ...gap }),
    reading() {},
  };
  for (const { kind, bytes } of writer.frames(0)) {
    if (kind === 'batch') reducer.batch(decodeBatch(bytes.slice()), out);
    else {
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (kind === 'event') reducer.event(value as SourceEvent, out);
      else if (kind === 'command') reducer.command(value as Command, out);
      else {
        const tick = value as { nowMs: number; start: boolean };
        reducer.tick(tick.nowMs, tick.start, out);
      }
    }
  }
  for (const kind of ['points', 'signals', 'alerts', 'gaps'] as const) {
    const a = journal[kind].map(plain);
    const b = found[kind].map(plain);
    const at = a.findIndex((text, i) => text !== b[i]);
    if (a.length !== b.length) problems.push(`${a.length} ${kind}, recomputed ${b.length}`);
    else if (at >= 0) problems.push(`${kind}[${at}]: ${a[at]}, recomputed ${b[at]}`);
  }
  const saved = writer.loadState().entries;
  const differs = [...reducer.snapshot(true)]
    .filter(([key, json]) => saved.get(key) !== json)
    .map(([key, json]) => `${key}: ${saved.get(key)?.slice(0, 300)} for ${json.slice(0, 300)}`);
  say(problems, 'state other than recomputed', differs);
  return problems;
}

/** Everything of a row that is stored, but its place in the journal. */
function plain(row: object): string {
  const hidden = ['seq', 'ordinal', 'onsetIndex', 'onsetMs'];
  const isAlert = 'alert' in row;
  const shown = Object.entries(row).filter(([key]) => isAlert || !hidden.includes(key));
  return JSON.stringify(
    shown.filter(([key]) => !['seq', 'ordinal'].includes(key)).sort(([x], [y]) => (x < y ? -1 : 1)),
  );
}

function delivered(influx: Influx, journal: Journal): string[] {
  const problems: string[] = [];
  const refused = new Set([...influx.refused].map((line) => cutLine(line)[0]));
  const missing: string[] = [];
  const other: string[] = [];
  for (const [key, fields] of journal.lines) {
    const there = influx.rows.get(key);
    if (there === undefined) {
      if (!refused.has(key)) missing.push(key);
    } else if (there !== fields && !refused.has(key)) other.push(`${key}: ${there} for ${fields}`);
  }
  say(problems, 'not in InfluxDB', missing);
  say(problems, 'other in InfluxDB', other);
  if (influx.tooEarly > 0) problems.push(`${influx.tooEarly} requests before Retry-After`);
  return problems;
}

/** Programs hear every alert event, people every new alarm; answers that were taken are kept. */
function told(people: People, journal: Journal, writer: StoreWriter): string[] {
  const problems: string[] = [];
  const prefix = `${JSON.parse(writer.loadState().entries.get('store-id') ?? '""')}-`;
  // While the disk failed an event was told before it was recorded, under a key of its own.
  const untold = journal.alerts
    .filter((e) => !people.taken.has(prefix + unrecordedKey(e)))
    .map((e) => `${prefix}${e.alert.id}-${e.transition}-${e.seq}-${e.ordinal}`)
    .filter((key) => !people.taken.has(key));
  say(problems, 'alert events never told', untold);
  const answered = new Set(
    journal.alerts.filter((e) => e.alert.acknowledgedMs !== null).map((e) => e.alert.id),
  );
  say(
    problems,
    'answers that were taken and forgotten',
    [...people.answered].filter((id) => !answered.has(id)).map(String),
  );
  return problems;
}

/** An hour after the last fault everything works and nothing waits. */
function atRest(w: Judged): string[] {
  const problems: string[] = [];
  if (w.health === null) return ['the agent does not run after the faults'];
  for (const { name, state, detail } of w.health.sources) {
    if (state !== 'up') problems.push(`source ${name} is ${state}: ${detail}`);
  }
  for (const { name, state, cursor, head, detail } of w.health.sinks) {
    if (state !== 'up') problems.push(`sink ${name} is ${state}: ${detail}`);
    if (cursor < head) problems.push(`sink ${name} is at ${cursor} of ${head}`);
  }
  if (w.plant.waiting() > 0) problems.push(`${w.plant.waiting()} parts wait at their machines`);
  if (w.broker.waiting() > 0) problems.push(`${w.broker.waiting()} messages wait at the broker`);
  return problems;
}

function say(problems: string[], what: string, list: string[]): void {
  if (list.length === 0) return;
  const shown = list.slice(0, MOST_SHOWN).join(', ');
  problems.push(`${list.length} ${what}: ${shown}${list.length > MOST_SHOWN ? ', …' : ''}`);
}
