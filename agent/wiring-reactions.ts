import { createReactions, type Reactions } from './alerts/reaction/index.ts';
import type { ReactionSettings } from './alerts/reaction/settings.ts';
import type { CoreClient } from './core/client.ts';
import type { PartsOptions } from './parts.ts';
import { sleep } from './runtime/retry.ts';
import { openPlace } from './sources/modbus/place.ts';
import type { AsyncReader } from './store/reader-client.ts';

/** What the settings let this agent set in a PLC; nothing without `alerts.reactions`. */
export function wireReactions(
  o: PartsOptions,
  core: CoreClient,
  reader: AsyncReader,
  cursors: Record<string, number>,
  head = core.ready.head,
): Reactions {
  const { reactions, staleAfter } = o.settings.alerts;
  return createReactions({
    settings: reactions,
    open: (settings) => open(o, settings),
    report: (source, event) => core.event({ ...event, source }),
    sleep,
    load: (after, limit) => reader.alertEvents(after, limit),
    saveCursor: (name, seq) => core.cursor(`channel:${name}`, seq),
    cursors: Object.fromEntries(
      Object.entries(cursors).map(([key, seq]) => [key.replace(/^channel:/, ''), seq]),
    ),
    head,
    staleAfterMs: staleAfter,
    site: o.settings.plant.site,
    keyPrefix: `${core.ready.storeId}-`,
    clock: o.clock,
    random: o.random,
    log: o.log,
  });
}

function open(o: PartsOptions, settings: ReactionSettings) {
  const { coil, register, value } = settings.write;
  return openPlace({
    url: settings.plc,
    unit: settings.unit,
    table: coil === undefined ? 'holding' : 'coil',
    address: coil ?? register ?? 0,
    value,
    heartbeat: settings.heartbeat?.register ?? null,
    timeoutMs: settings.timeout,
    clock: o.clock,
    random: o.random,
  });
}
