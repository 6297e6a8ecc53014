import type { ConsoleView, Metric } from './console/view.ts';
import { createView } from './console-view.ts';
import type { SinkHealth, SourceHealth } from './model.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { storageHealth, upkeepChecks, upkeepMetrics } from './upkeep.ts';
import { enterReading } from './wiring.ts';

/** What the page, monitors and service managers see of the parts. */
export function viewOf(o: PartsOptions, p: Parts, dead: () => boolean): ConsoleView {
  return createView({
    plant: o.settings.plant,
    version: o.version,
    startedMs: o.clock.now(),
    now: o.clock.now,
    live: p.live,
    reader: p.reader,
    core: p.core,
    sources: () => sourceHealth(p),
    async enter(entry) {
      p.recording.refuse();
      await enterReading(o.settings, p.sources, entry);
    },
    shipper: (name) => p.shippers.find((one) => one.health().name === name),
    channels: () => p.dispatcher.health().map(({ name }) => name),
    sinks: () => [...sinkHealth(p), ...p.dispatcher.health(), ...p.reactions.health()],
    reactions: () => p.reactions,
    readiness: () => readiness(p, dead()),
    figures: () => p.figures,
    settings: () => o.settings,
    storage: () => storageHealth(p.upkeep, p.vitals, o.settings.store.backup?.every ?? null),
    moreMetrics: () => [
      ...upkeepMetrics(p.upkeep),
      ...p.vitals.metrics(),
      ...queueMetrics(p),
      ...heartbeatMetrics(p),
    ],
    memory: () => ({ rssBytes: process.memoryUsage.rss() }),
  });
}

/** What waits between the parts of the agent. */
function queueMetrics(p: Parts): Metric[] {
  const { heldBytes, inFlight, pauses } = p.intake.figures();
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...{ name: `meyar_${name}`, help, type: 'gauge' },
    samples: [{ labels: {}, value }],
  });
  return [
    gauge('intake_held_bytes', 'Readings on their way to the journal', heldBytes),
    gauge('intake_batches_in_flight', 'Batches that are not committed yet', inFlight),
    gauge('intake_pauses', 'Times that sources were paused because too much was held', pauses),
  ];
}

/** The sign of life to the outside; nothing when none is configured. */
function heartbeatMetrics({ heartbeat }: Parts): Metric[] {
  const figures = heartbeat.figures();
  if (figures === null) return [];
  const counter = (name: string, help: string, value: number): Metric => ({
    ...{ name: `meyar_heartbeat_${name}_total`, help, type: 'counter' },
    samples: [{ labels: {}, value }],
  });
  return [
    counter('sent', 'Signs of life that were taken', figures.sent),
    counter('failed', 'Signs of life that could not be sent', figures.failed),
  ];
}

/** Health of every source that runs now. */
export const sourceHealth = (p: Parts): SourceHealth[] =>
  [...p.sources.values()].map((s) => s.health());

/** Health of every sink that runs now. */
export const sinkHealth = (p: Parts): SinkHealth[] => p.shippers.map((s) => s.health());

function readiness(p: Parts, dead: boolean): ReturnType<ConsoleView['readiness']> {
  const detail = p.ready ? 'started' : 'starting or stopping';
  const store = p.recording.check(dead, p.figures.commits);
  const checks = [
    store,
    { name: 'sources', ok: p.ready, detail },
    ...upkeepChecks(p.upkeep),
    p.vitals.check(),
  ];
  return { ready: checks.every((c) => c.ok), checks };
}
