import type { AgentOptions } from './agent.ts';
import { createChannels } from './alerts/channels/index.ts';
import { type Dispatcher, dispatcher } from './alerts/dispatcher.ts';
import type { CoreClient } from './core/client.ts';
import type { Intake } from './intake.ts';
import type { LiveState } from './live.ts';
import type { Characteristic } from './model.ts';
import { sinks as sinkKinds } from './sinks/index.ts';
import { type Shipper, shipper } from './sinks/shipper.ts';
import { sources as sourceKinds } from './sources/index.ts';
import type { Source } from './sources/source.ts';
import type { AsyncReader } from './store/reader-client.ts';

/** Every source of the settings, joined to the intake. */
export function createSources(
  o: AgentOptions,
  core: CoreClient,
  intake: Intake,
): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const [name, settings] of Object.entries(o.settings.sources)) {
    const numbers = new Map<string, number>();
    for (const [id, row] of Object.entries(o.settings.characteristics)) {
      if (row.source === name) numbers.set(row.tag, core.ready.numbers.get(id) ?? -1);
    }
    const deliver = intake.join(name, {
      committed: (upTo) => sources.get(name)?.committed(upTo),
      pause: (on) => sources.get(name)?.pause(on),
    });
    const source = sourceKinds.create(settings, {
      name,
      site: o.settings.plant.site,
      tagNumber: (tag) => numbers.get(tag) ?? -1,
      tags: [...numbers.keys()],
      deliver,
      report: (event) => core.event({ ...event, source: name }),
      clock: o.clock,
      random: o.random,
      log: o.log.child({ source: name }),
    });
    sources.set(name, source);
  }
  return sources;
}

/** Every sink of the settings with its runner. */
export function createShippers(
  o: AgentOptions,
  core: CoreClient,
  reader: AsyncReader,
  live: LiveState,
  cursors: Record<string, number>,
): Shipper[] {
  const byNumber = new Map<number, string>();
  for (const [id, number] of core.ready.numbers) byNumber.set(number, id);
  const byId = (id: string): Characteristic | undefined => live.summary(id);
  return Object.entries(o.settings.sinks).map(([name, settings]) => {
    const log = o.log.child({ sink: name });
    const sink = sinkKinds.create(settings, {
      name,
      site: o.settings.plant.site,
      characteristic: (number) => byId(byNumber.get(number) ?? ''),
      characteristicById: byId,
      clock: o.clock,
      log,
    });
    return shipper({
      name,
      kind: settings.kind,
      sink,
      rows: (after, maxReadings) => reader.rows(after, maxReadings),
      saveCursor: (seq) => core.cursor(`sink:${name}`, seq),
      cursor: cursors[`sink:${name}`] ?? 0,
      flushEveryMs: Number(settings['flushEvery']),
      clock: o.clock,
      random: o.random,
      log,
    });
  });
}

/** Every channel of the settings behind one dispatcher. */
export function createDispatcher(
  o: AgentOptions,
  core: CoreClient,
  reader: AsyncReader,
  cursors: Record<string, number>,
): Dispatcher {
  const { channels, routes, staleAfter, flood } = o.settings.alerts;
  return dispatcher({
    channels: createChannels(channels, { clock: o.clock, log: o.log }),
    routes,
    staleAfterMs: staleAfter,
    flood: { notices: flood.notices, windowMs: flood.window },
    load: (after, limit) => reader.alertEvents(after, limit),
    saveCursor: (channel, seq) => core.cursor(`channel:${channel}`, seq),
    cursors: ownCursors(cursors, 'channel:'),
    head: core.ready.head,
    site: o.settings.plant.site,
    clock: o.clock,
    random: o.random,
    log: o.log,
  });
}

/** The cursors of one kind of reader, by the reader's own name. */
function ownCursors(cursors: Record<string, number>, prefix: string): Record<string, number> {
  const own = Object.entries(cursors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, seq]) => [name.slice(prefix.length), seq]));
}
