import { alertBook } from '../alerts/book.ts';
import { policyOf } from '../alerts/policy.ts';
import { batchBuilder, decodeBatch, emptyDelivery } from '../batch.ts';
import { planAll } from '../core/groups/plan.ts';
import type { Outputs } from '../core/outputs.ts';
import { createReducer, type Reducer } from '../core/reducer.ts';
import { readTable } from '../evidence/tables/read.ts';
import type { Alert, Limits, Signal } from '../model.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { type Command, EXIT } from './command.ts';
import { readWish, TABLE_HELP, TABLE_OPTIONS, textOption } from './options.ts';
import { deliveryOf, type ReplayPlan, replayPlan } from './replay-rows.ts';

/** Runs a file of readings through the agent's own core with given settings. */
export const replay: Command = {
  summary: 'run a file of readings through the charts and alerts of a settings file',
  usage: 'FILE -c SETTINGS [--json]',
  help: [
    'FILE                CSV or .xlsx with columns found by name: time, characteristic (or tag),',
    '                    value, sequence; or one column per characteristic, named after it',
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
    const plan = replayPlan(table, settings.characteristics, {
      ...{ everyMs, value: textOption(values, 'value'), time: textOption(values, 'time') },
      characteristic: textOption(values, 'characteristic'),
      sequence: textOption(values, 'sequence'),
    });
    const found = runThrough(settings, plan);
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
  notes: string[];
}

const MOST_SIGNALS = 10_000;
const MOST_ALERTS = 10_000;
const BATCH_READINGS = 1000;

function runThrough(settings: Settings, plan: ReplayPlan): Replayed {
  const rows = Object.entries(settings.characteristics);
  const present = [...plan.present].flatMap((i) => rows.slice(i, i + 1));
  const { characteristics, joins } = planAll(Object.fromEntries(present), settings.groups);
  // In a file every characteristic is a stream of its own: its rows say what belongs together.
  const across = joins.map((join) => ({ ...join, across: true }));
  const at = new Map(rows.map(([id], i) => [id, i]));
  const reducer = createReducer({
    characteristics,
    joins: across,
    numbers: characteristics.map(({ id }, i) => at.get(id) ?? rows.length + i),
    sources: Object.keys(settings.sources),
    book: alertBook(policyOf(settings.alerts)),
  });
  const kept = {
    signals: [] as Signal[],
    alerts: new Map<number, Alert>(),
    limits: [] as Limits[],
  };
  const out: Outputs = {
    point() {},
    signal(signal) {
      if (kept.signals.length < MOST_SIGNALS) kept.signals.push({ ...signal });
    },
    alert({ alert }) {
      if (kept.alerts.size < MOST_ALERTS || kept.alerts.has(alert.id)) {
        kept.alerts.set(alert.id, structuredClone(alert));
      }
    },
    limits: (limits) => kept.limits.push({ ...limits }),
    gap() {},
    reading() {},
  };
  feed(
    reducer,
    plan,
    rows.map(([id, row]) => `${row.source}/${id}`),
    out,
  );
  const { readings, points, signals, duplicates, late, missedParts } = reducer.figures;
  return {
    ...{ readings, points, signalCount: signals, duplicates, late, missedParts },
    unknown: Object.fromEntries(plan.unknown),
    signals: kept.signals,
    alerts: [...kept.alerts.values()],
    limits: kept.limits,
    notes: plan.notes,
  };
}

/** Batches as the intake would make them; time passes only with the readings. */
function feed(reducer: Reducer, plan: ReplayPlan, streams: string[], out: Outputs): void {
  const builder = batchBuilder();
  const delivery = emptyDelivery({ count: 1 });
  const flush = () => {
    if (builder.deliveries() > 0) {
      reducer.batch(decodeBatch(new Uint8Array(builder.take())), out);
    }
  };
  let started = false;
  for (const row of plan.rows) {
    if (!started) reducer.tick(row.timeMs, true, out);
    started = true;
    if (reducer.tickDue(row.timeMs)) {
      flush();
      reducer.tick(row.timeMs, false, out);
    }
    builder.add(deliveryOf(row, streams[row.characteristic] ?? '', delivery));
    if (builder.readings() >= BATCH_READINGS) flush();
  }
  flush();
}

const SHOWN = 40;

function sayReplay(found: Replayed): string {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const unknown = Object.entries(found.unknown).map(
    ([name, count]) => `  ! ${count} rows of '${name}' are in no characteristic of the settings`,
  );
  return [
    `${found.readings} readings, ${found.points} points, ${found.signalCount} signals, ` +
      `${found.alerts.length} alerts, ${found.missedParts} missed parts`,
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
