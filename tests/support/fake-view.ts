import type {
  Acknowledgement,
  ConsoleView,
  EnteredReading,
  LiveChange,
  StorageHealth,
} from '../../agent/console/view.ts';
import type {
  Alert,
  AlertEvent,
  CharacteristicSummary,
  SinkHealth,
  SourceHealth,
  StoredEvent,
} from '../../agent/model.ts';
import { InputError } from '../../agent/runtime/errors.ts';
import { fakeAlerts } from './fake-alerts.ts';
import { FAKE_CONTEXT, FAKE_FORMS, FAKE_OUTLOOK, fakeEntries, fakeStorage } from './fake-floor.ts';
import { type FakeRow, fakeCapability, fakeRows } from './fake-plant.ts';
import { FAKE_RULES } from './fake-process.ts';

/** A plant in memory behind the console's port, with handles to make things happen. */
export interface FakeView extends ConsoleView {
  /** one more subgroup of a characteristic, told to the listeners */
  step(id: string): void;
  tell(change: Partial<LiveChange>): void;
  setReady(ready: boolean): void;
  listeners(): number;
  answers: { id: number; answer: Acknowledgement }[];
  entered: EnteredReading[];
  happened: StoredEvent[];
  /** what it says of its store; may be changed */
  stored: StorageHealth;
}

/** Ten made-up characteristics in every status; the same numbers on every run. */
export function fakeView(now: () => number = Date.now): FakeView {
  const startedMs = now();
  const rows = fakeRows(startedMs);
  const alerts = fakeAlerts(rows, startedMs);
  const listeners = new Set<(change: LiveChange) => void>();
  let ready = true;
  const rowOf = (id: string) => rows.find((row) => row.characteristic.id === id);
  const known = (id: number): Alert => {
    const alert = alerts.find((one) => one.id === id);
    if (alert === undefined) throw new InputError(`there is no alert ${id}`);
    return alert;
  };
  const tell = (change: Partial<LiveChange>) => {
    for (const listener of listeners) {
      listener({ characteristics: [], alerts: [], sources: false, ...change });
    }
  };
  const view: FakeView = {
    answers: [],
    entered: [],
    happened: [],
    listeners: () => listeners.size,
    setReady(value) {
      ready = value;
    },
    tell,
    step(id) {
      const row = rowOf(id);
      if (row === undefined) return;
      row.process.step(now());
      row.subgroups += 1;
      tell({ characteristics: [summary(row, alerts)] });
    },
    plant: () => ({
      name: 'Ravi Auto Shafts (made up)',
      site: 'Lahore',
      version: '0.1.0',
      startedMs,
      nowMs: now(),
    }),
    characteristics: () => rows.map((row) => summary(row, alerts)),
    characteristic(id) {
      const row = rowOf(id);
      return row === undefined ? undefined : summary(row, alerts);
    },
    async points(id, { limit, chart, after = 0 }) {
      const all = rowOf(id)?.process.points ?? [];
      return all
        .filter((p) => p.index > after && (chart === undefined || p.chart === chart))
        .slice(-limit);
    },
    signals: async (id, limit) => rowOf(id)?.process.signals.slice(-limit).reverse() ?? [],
    async limits(id) {
      const row = rowOf(id);
      return row === undefined || row.status === 'provisional' ? [] : [row.process.limits];
    },
    async readings(id, limit) {
      const all = rowOf(id)?.process.readings ?? [];
      return all.slice(-limit).map((reading, i) => ({ ...reading, quality: 'GOOD', sequence: i }));
    },
    histogram: async (id, limit) => histogram(rowOf(id), limit),
    async alerts({ state, limit }) {
      return alerts
        .filter((a) => state === undefined || a.state === state || isActive(a, state))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    },
    alertHistory: async (id) => alerts.filter((a) => a.id === id).flatMap(fakeHistory),
    shelve: async (id, { by, reason, forMs, untilMs }) => {
      const alert = known(id);
      const until = forMs === null ? (untilMs ?? 0) : now() + forMs;
      if (until > now() + 8 * 3_600_000) throw new InputError('8 h at most');
      const aside = { by, reason, fromMs: now(), untilMs: until };
      alert.shelf = { ...aside, endedMs: null, endedBy: null };
      tell({ alerts: [alert] });
      return alert;
    },
    unshelve: async (id, by) => {
      const alert = known(id);
      const { shelf } = alert;
      if (shelf === undefined || shelf.endedMs !== null) throw new InputError('not put aside');
      Object.assign(shelf, { endedMs: now(), endedBy: by });
      tell({ alerts: [alert] });
      return alert;
    },
    gaps: async (limit) => fakeGaps(startedMs).slice(0, limit),
    events: async (limit) => view.happened.slice(-limit).reverse(),
    async enterReading(entry) {
      if (entry.value > 1000) throw new InputError('far outside: a slip of the finger?');
      view.entered.push(entry);
      return entry.timeMs ?? now();
    },
    async addEvent({ timeMs, ...said }) {
      const seq = view.happened.length + 1;
      const at = { seq, ordinal: 0, timeMs: timeMs ?? now() };
      view.happened.push({ ...said, ...at, source: 'person', severity: 'info' });
    },
    occasion: async (_id, seq) => (seq < 0 ? null : FAKE_CONTEXT),
    manual: () => FAKE_FORMS,
    entries: async (limit) => {
      const typed = view.entered.map(({ timeMs, ...entry }) => ({
        ...entry,
        at: new Date(timeMs ?? now()).toISOString(),
      }));
      return [...typed.reverse(), ...fakeEntries(startedMs)].slice(0, limit);
    },
    storage: () => view.stored,
    stored: fakeStorage(startedMs),
    sources: () => fakeSources(now()),
    sinks: () => fakeSinks(now()),
    rejected: async () => [],
    retryRejected: async () => ({ sent: 0, taken: 0, refused: 0 }),
    dropRejected: async () => 0,
    reactions: () => [],
    async armReaction(name) {
      throw new InputError(`there is no reaction '${name}'`);
    },
    readiness: () => ({
      ready,
      checks: [{ name: 'store', ok: ready, detail: ready ? 'open' : 'replaying the journal' }],
    }),
    metrics: () => [
      {
        name: 'meyar_readings_total',
        help: 'Readings taken.',
        type: 'counter',
        samples: [{ labels: { source: 'cnc-1', note: 'a "b" \\ c\nd' }, value: 600 }],
      },
    ],
    async acknowledge(id, answer) {
      const alert = known(id);
      if (alert.acknowledgedMs !== null) throw new InputError(`alert ${id} is answered already`);
      const { by, cause, action, comment } = answer;
      Object.assign(alert, { acknowledgedMs: now(), acknowledgedBy: by, cause, action, comment });
      alert.state = alert.state === 'cleared' ? 'closed' : 'acknowledged';
      view.answers.push({ id, answer });
      tell({ alerts: [alert] });
      return alert;
    },
    async approveLimits(id, version, by) {
      const limits = rowOf(id)?.process.limits;
      if (limits?.version !== version) throw new InputError(`there is no version ${version}`);
      limits.approvedBy = by;
      limits.approvedAtMs = now();
      return limits;
    },
    async poolGauges(id) {
      const row = rowOf(id);
      if (row === undefined) throw new InputError(`${id} has one gauge: nothing is kept apart`);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return view;
}

/** As it began, and when it was put aside. */
function fakeHistory(alert: Alert): AlertEvent[] {
  const at = { seq: 1, ordinal: 0, timeMs: alert.openedMs };
  const { shelf, ...before } = alert;
  const raised: AlertEvent = { ...at, transition: 'raised', alert: before };
  if (shelf === undefined) return [raised];
  return [raised, { ...at, seq: 2, timeMs: shelf.fromMs, transition: 'shelved', alert }];
}

const isActive = (alert: Alert, state: string) => state === 'active' && alert.state !== 'closed';

function summary(row: FakeRow, alerts: Alert[]): CharacteristicSummary {
  const { characteristic, process, status, subgroups, model } = row;
  const last = process.readings.at(-1);
  const provisional = status === 'provisional';
  return {
    ...characteristic,
    status,
    readings: process.readings.length,
    badReadings: 2,
    outOfTolerance: 0,
    lastValue: last?.value ?? null,
    lastReadingAt: last?.timeMs ?? null,
    lastPointIndex: subgroups,
    charts: ['xbar-r', 'ewma', 'cusum'],
    rules: FAKE_RULES,
    limits: provisional ? null : process.limits,
    baselineRemaining: provisional ? model.baseline - subgroups : 0,
    ...(characteristic.id === 'length' && {
      outlook: FAKE_OUTLOOK,
      forecast: 'about 56 points (280 readings) until 3 sigma about the wear line reach the USL',
    }),
    openAlerts: alerts.filter(
      (alert) => alert.subject === characteristic.id && isActive(alert, 'active'),
    ).length,
    capability: fakeCapability(row),
    sampling: '5 consecutive parts of every 30',
    noDataAfterMs: 20 * 60_000,
  };
}

function histogram(row: FakeRow | undefined, limit: number) {
  const values = (row?.process.readings ?? []).slice(-limit).map((reading) => reading.value);
  const { lsl = null, usl = null } = row?.characteristic ?? {};
  const sigma = row?.model.sigma ?? 1;
  const mean = row?.model.mean ?? 0;
  const from = Math.min(lsl ?? mean - 5 * sigma, mean - 5 * sigma);
  const to = Math.max(usl ?? mean + 5 * sigma, mean + 5 * sigma);
  const counts = Array.from({ length: 32 }, () => 0);
  for (const value of values) {
    const bin = Math.floor(((value - from) / (to - from)) * 32);
    if (bin >= 0 && bin < 32) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from, to, counts, below: 0, above: 0, readings: values.length };
}

const fakeGaps = (nowMs: number) => [
  {
    seq: 91,
    ordinal: 0,
    source: 'cnc-1',
    stream: 'cnc.result',
    from: 4211,
    to: 4214,
    missed: 4,
    timeMs: nowMs - 5_400_000,
  },
];

function fakeSources(nowMs: number): SourceHealth[] {
  return [
    {
      name: 'cnc-1',
      kind: 'modbus',
      state: 'degraded',
      detail: 'unit mill-1 does not answer (timeout 300 ms), next try in 30 s',
      sinceMs: nowMs - 47 * 60_000,
      lastDataMs: nowMs - 2_000,
      counters: { readings: 61_240, requests: 402_113, timeouts: 213, reconnects: 2, bad: 14 },
      parts: [
        { name: 'cnc', state: 'up', detail: '100 ms cycle, 12 ms a request' },
        { name: 'mill-1', state: 'down', detail: 'timeout' },
      ],
    },
    {
      name: 'cells',
      kind: 'mqtt',
      state: 'up',
      detail: 'mqtt://127.0.0.1:1883, session kept, QoS 1',
      sinceMs: nowMs - 6 * 3_600_000,
      lastDataMs: nowMs - 900,
      counters: { readings: 18_022, messages: 9_011, duplicates: 3, late: 0 },
      parts: [{ name: 'ravi/+/+/result', state: 'up', detail: '3 stations' }],
    },
  ];
}

function fakeSinks(nowMs: number): SinkHealth[] {
  return [
    {
      name: 'influx',
      kind: 'influxdb',
      state: 'retrying',
      detail: 'connection refused, next try in 12 s',
      cursor: 120_400,
      head: 121_977,
      rowsWritten: 904_113,
      rowsRejected: 0,
      oldestUnsentMs: nowMs - 260_000,
    },
    {
      name: 'hall',
      kind: 'mqtt',
      state: 'up',
      detail: 'ravi/alerts',
      cursor: 121_977,
      head: 121_977,
      rowsWritten: 412,
      rowsRejected: 0,
      oldestUnsentMs: null,
    },
  ];
}
