import { createChannels } from './alerts/channels/index.ts';
import { type Dispatcher, dispatcher, standInName } from './alerts/dispatcher.ts';
import { deliveryOf, policyOf } from './alerts/policy.ts';
import { reactionName } from './alerts/reaction/index.ts';
import type { Console } from './console/console.ts';
import type { ConsoleSettings } from './console/settings.ts';
import type { EnteredReading } from './console/view.ts';
import { checkedFor } from './core/checked-for.ts';
import type { CoreClient } from './core/client.ts';
import { tagNumbers } from './core/cycles/plan.ts';
import { noFigures } from './core/figures.ts';
import type { CoreFigures, CoreOptions } from './core/protocol.ts';
import type { Intake } from './intake.ts';
import type { Characteristic, Stretch } from './model.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { InputError } from './runtime/errors.ts';
import { ownRecords } from './runtime/shelf.ts';
import { sinks as sinkKinds } from './sinks/index.ts';
import { type Shipper, shipper } from './sinks/shipper.ts';
import { sources as sourceKinds } from './sources/index.ts';
import type { Source } from './sources/source.ts';
import type { AsyncReader } from './store/reader-client.ts';

/** Readings at most in one batch, and in one transaction. */
export const BATCH_READINGS = 1000;

/** The tables of kinds that parts are made from. */
export interface Kinds {
  sources: Pick<typeof sourceKinds, 'create'>;
  sinks: Pick<typeof sinkKinds, 'create'>;
  channels: typeof createChannels;
}

const REAL: Kinds = { sources: sourceKinds, sinks: sinkKinds, channels: createChannels };

/** A main thread that is silent for so long hangs: a whole check of a large store takes less. */
const SHELL_SILENT_S = 25;

/** What the core thread is started with. */
export function coreOptions({ settings, random, pulse }: PartsOptions, file: string): CoreOptions {
  const { store } = settings;
  return {
    ...{ file, checked: checkedFor(settings) },
    ...(pulse === undefined ? {} : { shell: { pulse, seconds: SHELL_SILENT_S } }),
    settings: {
      characteristics: settings.characteristics,
      groups: settings.groups,
      cycles: settings.cycles,
      alerts: policyOf(settings.alerts),
      sources: Object.keys(settings.sources),
    },
    commitEveryMs: store.commitEvery,
    commitReadings: BATCH_READINGS,
    snapshotEveryMs: store.snapshotEvery,
    newStoreId: Math.floor(random() * 2 ** 52).toString(36),
    readers: [
      ...Object.keys(settings.sinks).map((name) => `sink:${name}`),
      ...Object.keys(settings.alerts.channels).map((name) => `channel:${name}`),
      ...Object.entries(settings.alerts.standIns).map(
        ([from, to]) => `channel:${standInName(from, to)}`,
      ),
      ...Object.keys(settings.alerts.reactions).map((name) => `channel:${reactionName(name)}`),
    ],
    space: { ballastBytes: store.ballast, minFreeBytes: store.minFree },
    retention: {
      journalKeepMs: store.journalKeep,
      historyKeepMs: store.historyKeep,
      maxBytes: store.maxBytes,
    },
  };
}

/** Every source of the settings, joined to the intake. */
export function createSources(
  o: PartsOptions,
  core: CoreClient,
  intake: Intake,
): Map<string, Source> {
  const heard = new Set(core.ready.heard);
  const names = Object.keys(o.settings.sources);
  return new Map(names.map((name) => [name, createSource(o, core, intake, name, heard)]));
}

/** One source of the settings; `heard` are the characteristics that ever had a reading. */
export function createSource(
  o: PartsOptions,
  core: CoreClient,
  intake: Intake,
  name: string,
  heard: ReadonlySet<string>,
): Source {
  const settings = o.settings.sources[name];
  if (settings === undefined) throw new Error(`no source '${name}'`);
  const { characteristics, cycles } = o.settings;
  const numbers = tagNumbers(name, characteristics, cycles, core.ready.numbers);
  const rows = Object.entries(characteristics);
  const resumed = rows.some(([id, row]) => row.source === name && heard.has(id));
  // Delivery numbers are this object's own: what an earlier one of that name waits for is not ours.
  let source: Source | null = null;
  const way = intake.join(name, {
    committed: (upTo) => source?.committed(upTo),
    pause: (on) => source?.pause(on),
  });
  source = (o.kinds ?? REAL).sources.create(settings, {
    name,
    site: o.settings.plant.site,
    resumed,
    tagNumber: (tag) => numbers.get(tag) ?? -1,
    tags: [...numbers.keys()],
    deliver: way.deliver,
    deliverEvent: (event) => way.event((id) => core.event({ ...event, source: name }, id)),
    report: (event) => core.event({ ...event, source: name }),
    ...ownRecords(o.dataDir, name),
    clock: o.clock,
    random: o.random,
    log: o.log.child({ source: name }),
  });
  return source;
}

/** A typed value goes in by the source of its characteristic, like every other reading. */
export async function enterReading(
  settings: PartsOptions['settings'],
  sources: ReadonlyMap<string, Source>,
  entry: EnteredReading,
): Promise<void> {
  const row = settings.characteristics[entry.characteristic];
  const source = sources.get(row?.source ?? '');
  if (row === undefined || source?.enter === undefined) {
    const by = row === undefined ? 'nothing' : `source '${row.source}', which measures by itself`;
    throw new InputError(`'${entry.characteristic}' is read by ${by}: no value can be typed in`);
  }
  const { tag, lsl, usl, unit } = row;
  await source.enter({ ...entry, tag, lsl, usl, unit });
}

/** Before the first commit. */
export function emptyFigures(): CoreFigures {
  return {
    ...noFigures(),
    commits: 0,
    store: {},
  };
}

/** How far each reader of the journal is: its cursor, and what it has ahead of that. */
export interface Positions {
  cursors: Record<string, number>;
  ahead: Record<string, Stretch[]>;
}

/** Every sink of the settings, or those named, with its runner. */
export function createShippers(
  o: PartsOptions,
  { core, reader, intake }: Pick<Parts, 'core' | 'reader' | 'intake'>,
  positions: Positions,
  only?: readonly string[],
): Shipper[] {
  const byNumber = new Map<number, string>();
  for (const [id, number] of core.ready.numbers) byNumber.set(number, id);
  // What a sink wants of a characteristic is settings: the same object for as long as we run.
  const rows = new Map<string, Characteristic>(core.ready.summaries.map((s) => [s.id, s]));
  const byId = (id: string): Characteristic | undefined => rows.get(id);
  const wanted = Object.entries(o.settings.sinks).filter(([name]) => only?.includes(name) ?? true);
  return wanted.map(([name, settings]) => {
    const sink = (o.kinds ?? REAL).sinks.create(settings, {
      name,
      site: o.settings.plant.site,
      characteristic: (number) => byId(byNumber.get(number) ?? ''),
      characteristicById: byId,
      clock: o.clock,
      log: o.log.child({ sink: name }),
    });
    // From the first moment the journal is kept for this sink, also when it never answers.
    if (positions.cursors[`sink:${name}`] === undefined) core.cursor(`sink:${name}`, 0);
    return shipper({
      name,
      kind: settings.kind,
      sink,
      rows: reader.rows,
      busy: () => intake.behind(),
      saveCursor: (seq, ahead) => core.cursor(`sink:${name}`, seq, ahead),
      keepRejected: (rows) => core.reject(name, rows),
      cursor: positions.cursors[`sink:${name}`] ?? 0,
      ahead: positions.ahead[`sink:${name}`] ?? [],
      flushEveryMs: Number(settings['flushEvery']),
      clock: o.clock,
      random: o.random,
      log: o.log,
    });
  });
}

/** Every channel of the settings behind one dispatcher. */
export function createDispatcher(
  o: PartsOptions,
  core: CoreClient,
  reader: AsyncReader,
  cursors: Record<string, number>,
  head = core.ready.head,
): Dispatcher {
  const { channels } = o.settings.alerts;
  return dispatcher({
    channels: (o.kinds ?? REAL).channels(channels, { clock: o.clock, log: o.log }),
    ...deliveryOf(o.settings.alerts),
    load: (after, limit) => reader.alertEvents(after, limit),
    saveCursor: (channel, seq) => core.cursor(`channel:${channel}`, seq),
    keepUnsent: (channel, notices) => core.reject(`channel:${channel}`, notices),
    cursors: ownCursors(cursors, 'channel:'),
    head,
    site: o.settings.plant.site,
    keyPrefix: `${core.ready.storeId}-`,
    clock: o.clock,
    random: o.random,
    log: o.log,
  });
}

/** Opens the console's port; says in a sentence why that cannot be. */
export async function listen(page: Console, { host, port }: ConsoleSettings): Promise<string> {
  try {
    return await page.listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = REFUSALS[code];
    if (why === undefined) throw error;
    throw new InputError(`the console cannot listen on ${host}:${port}: ${why}`);
  }
}

const REFUSALS: Record<string, string> = {
  EADDRINUSE:
    'another program uses this port — set another console.port in the settings ' +
    '(--port in the demo), or end that program',
  EACCES: 'the system does not allow it — set a console.port above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address — correct console.host',
};

/** The cursors of one kind of reader, by the reader's own name. */
function ownCursors(cursors: Record<string, number>, prefix: string): Record<string, number> {
  const own = Object.entries(cursors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, seq]) => [name.slice(prefix.length), seq]));
}
