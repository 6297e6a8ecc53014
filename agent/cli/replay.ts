import { alertBook } from '../alerts/book.ts';
import { policyOf } from '../alerts/policy.ts';
import type { Batch } from '../batch.ts';
import { planAll } from '../core/groups/plan.ts';
import type { Outputs } from '../core/outputs.ts';
import { createReducer } from '../core/reducer.ts';
import { readTable } from '../evidence/tables/read.ts';
import { type Alert, type Limits, QUALITY, type Signal } from '../model.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { type Command, EXIT } from './command.ts';
import { readWish, TABLE_HELP, TABLE_OPTIONS, textOption } from './options.ts';
import { feed } from './replay-feed.ts';
import { type ReplayPlan, replayPlan } from './replay-rows.ts';
import { namesOf, type Track, trackOf } from './replay-track.ts';

/** Runs a file of readings through the agent's own core with given settings. */
export const replay: Command = {
  summary: 'run a file of readings through the charts and alerts of a settings file',
  usage: 'FILE -c SETTINGS [--json]',
  help: [
    'FILE                CSV or .xlsx with columns found by name: time, characteristic (or tag),',
    '                    value, sequence; or one column per characteristic, named after it or its tag',
    '                    fast signals and the triggers of their cycles: by tag; rows of one time are read',
    '                    together; of whole curves (trigger array) the sequence numbers the curve',
    '-c, --config FILE   the settings file (YAML)',
    '--time NAME, --characteristic NAME, --value NAME, --sequence NAME   when names differ',
    '--every DURATION    time between rows when the file has no times (default 1s)',
    '--json              print {readings, points, signals: […], alerts: […], limits: […], …}',
    ...TABLE_HELP,
    '',
    'The same file and settings give the same answer, whenever and wherever it is run.',
    'exit code 0: done; 2: bad input',
  ],
  example: 'meyar replay march.csv -c plant.yaml --json',
  options: {
    config: { type: 'string', short: 'c' },
    time: { type: 'string' },
    characteristic: { type: 'string' },
    value: { type: 'string' },
    sequence: { type: 'string' },
    every: { type: 'string', default: '1s' },
    json: { type: 'boolean' },
    ...TABLE_OPTIONS,
  },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    const config = textOption(values, 'config');
    if (config === undefined) {
      throw new InputError('meyar replay: name a settings file with -c FILE');
    }
    const settings = loadSettings(config, terminal.env);
    const every = String(values['every']);
    const everyMs = parseDuration(every);
    if (everyMs === undefined) {
      throw new InputError(`--every ${every}: write a duration such as 1s or 5m`);
    }
    const table = await readTable(file, readWish(values));
    const plan = replayPlan(table, namesOf(settings), {
      ...{ everyMs, value: textOption(values, 'value'), time: textOption(values, 'time') },
      characteristic: textOption(values, 'characteristic'),
      sequence: textOption(values, 'sequence'),
    });
    const found = runThrough(settings, trackOf(settings, plan), plan);
    terminal.out(values['json'] === true ? JSON.stringify(found) : sayReplay(found));
    return EXIT.done;
  },
};

interface Replayed {
  readings: number;
  points: number;
  signalCount: number;
  duplicates: number;
  late: number;
  missedParts: number;
  /** rows of characteristics that the settings do not know, by name */
  unknown: Record<string, number>;
  /** the first of them; `signalCount` is all */
  signals: Signal[];
  /** as they stand at the end */
  alerts: Alert[];
  limits: Limits[];
  /** numbers of cycles that were worked out of signals, the first of them; `featureCount` is all */
  features: FeatureReading[];
  featureCount: number;
  notes: string[];
}

interface FeatureReading {
  characteristic: string;
  timeMs: number;
  value: number | null;
  quality: string;
}

const MOST_SIGNALS = 10_000;
const MOST_ALERTS = 10_000;
const MOST_FEATURES = 10_000;

function runThrough(settings: Settings, track: Track, plan: ReplayPlan): Replayed {
  const { characteristics, joins } = planAll(track.rows, settings.groups);
  // In a file every characteristic is a stream of its own: its rows say what belongs together.
  const across = joins.map((join) => ({ ...join, across: true }));
  const reducer = createReducer({
    characteristics,
    joins: across,
    cycles: track.cycles,
    numbers: characteristics.map(({ id }) => track.numbers.get(id) ?? -1),
    sources: Object.keys(settings.sources),
    book: alertBook(policyOf(settings.alerts)),
  });
  const kept = keeper(characteristics.map(({ id }) => [track.numbers.get(id) ?? -1, id]));
  feed(plan.rows, { reducer, lanes: track.lanes, out: kept.out, features: kept.features });
  const { readings, points, signals, duplicates, late, missedParts } = reducer.figures;
  return {
    ...{ readings, points, signalCount: signals, duplicates, late, missedParts },
    unknown: Object.fromEntries(plan.unknown),
    ...kept.found(),
    notes: [...plan.notes, ...track.notes],
  };
}

/** What the core gives out, kept up to a bound. */
function keeper(ids: Iterable<readonly [number, string]>) {
  const idOf = new Map(ids);
  const signals: Signal[] = [];
  const alerts = new Map<number, Alert>();
  const limits: Limits[] = [];
  const features: FeatureReading[] = [];
  let featureCount = 0;
  const out: Outputs = {
    point() {},
    signal(signal) {
      if (signals.length < MOST_SIGNALS) signals.push({ ...signal });
    },
    alert({ alert }) {
      if (alerts.size < MOST_ALERTS || alerts.has(alert.id)) {
        alerts.set(alert.id, structuredClone(alert));
      }
    },
    limits: (one) => limits.push({ ...one }),
    gap() {},
    reading() {},
  };
  return {
    out,
    features(batch: Batch) {
      featureCount += batch.readings;
      for (let i = 0; i < batch.readings && features.length < MOST_FEATURES; i += 1) {
        const value = batch.value[i] ?? Number.NaN;
        features.push({
          characteristic: idOf.get(batch.characteristic[i] ?? -1) ?? '',
          timeMs: batch.sourceMs[i] ?? Number.NaN,
          value: Number.isFinite(value) ? value : null,
          quality: QUALITY_NAMES.get(batch.quality[i] ?? -1) ?? '',
        });
      }
    },
    found: () => ({ signals, alerts: [...alerts.values()], limits, featureCount, features }),
  };
}

const QUALITY_NAMES = new Map<number, string>(Object.entries(QUALITY).map(([k, v]) => [v, k]));

const SHOWN = 40;

function sayReplay(found: Replayed): string {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const unknown = Object.entries(found.unknown).map(
    ([name, count]) => `  ! ${count} rows of '${name}' are in no characteristic of the settings`,
  );
  return [
    `${found.readings} readings, ${found.points} points, ${found.signalCount} signals, ` +
      `${found.alerts.length} alerts, ${found.missedParts} missed parts` +
      (found.featureCount > 0 ? `, ${found.featureCount} of them features of cycles` : ''),
    ...found.notes.map((note) => `  note: ${note}`),
    ...unknown,
    ...found.limits.map(
      (l) =>
        `  limits ${l.characteristic} v${l.version}: ${l.center} ± sigma ${l.sigma} (${l.estimator})`,
    ),
    ...found.signals
      .slice(0, SHOWN)
      .map(
        (s) =>
          `  ${time(s.timeMs)}  ${s.characteristic}  point ${s.pointIndex}: ${s.text} (${s.rule})`,
      ),
    ...(found.signalCount > SHOWN
      ? [`  and ${found.signalCount - SHOWN} more signals (see --json)`]
      : []),
    ...(found.alerts.length > 0 ? ['Alerts'] : []),
    ...found.alerts
      .slice(0, SHOWN)
      .map((a) => `  ${time(a.openedMs)}  ${a.severity}  ${a.title} (${a.state})`),
    ...(found.alerts.length > SHOWN
      ? [`  and ${found.alerts.length - SHOWN} more alerts (see --json)`]
      : []),
  ].join('\n');
}
