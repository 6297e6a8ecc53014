import type { SourceHealth } from '../../model.ts';
import { kind } from '../../registry.ts';
import { InputError } from '../../runtime/errors.ts';
import type { Source, SourceContext } from '../source.ts';
import { connectTo } from './connect.ts';
import { groupsOf, type ReadGroup } from './groups.ts';
import { healthOf } from './health.ts';
import { bytesOnWire, FUNCTION_CODE, isBits, plan } from './plan.ts';
import { createPoller, type Poller, type UnitGroups } from './poll.ts';
import { type Settings, settings } from './settings.ts';
import { isAnonymous, targetOf } from './transport/target.ts';
import { createTrace } from './transport/trace.ts';

/** Reads PLCs over Modbus TCP: part records by their counter, tags by the clock. */
export const modbus = kind({ settings, create: createSource });

/** One request of the plan: what `meyar plan` prints. */
export interface PlannedRequest {
  unit: number;
  unitName: string;
  functionCode: number;
  table: string;
  address: number;
  length: number;
  everyMs: number;
  /** records and tags it reads */
  reads: string[];
  /** registers or bits that nothing asked for */
  unused: number;
  bytes: number;
}

/** The requests a source will send, all fields taken as read by somebody unless told otherwise. */
export function planOf(
  source: Settings,
  isRead: (tag: string) => boolean = () => true,
): PlannedRequest[] {
  return wantedOf(source, (tag) => (isRead(tag) ? 0 : -1)).flatMap((unit) =>
    plan(unit.groups, source).map((block) => ({
      unit: unit.id,
      unitName: unit.name,
      functionCode: FUNCTION_CODE[block.table],
      table: block.table,
      address: block.address,
      length: block.length,
      everyMs: block.everyMs,
      reads: block.groups.map((g) => g.name),
      unused: block.length - covered(block.groups),
      bytes: bytesOnWire(block),
    })),
  );
}

function createSource(source: Settings, context: SourceContext): Source {
  const { clock } = context;
  const target = targetOf(source.url);
  const connect = connectTo({
    target,
    standby: source.standby === undefined ? null : targetOf(source.standby),
    tls: source.tls,
    connectTimeoutMs: source.connectTimeout,
    pauseAfterConnectMs: source.pauseAfterConnect,
    depth: isAnonymous(target) ? 1 : source.depth,
    quietMs: source.quiet,
    patienceMs: Math.max(2000, 4 * source.timeout),
    lengthNonce: source.lengthNonce,
    trace: createTrace(),
    clock,
    random: context.random,
  });
  const poller = createPoller(source, wantedOf(source, context.tagNumber), connect, context);
  let begun = false;
  let state: SourceHealth['state'] | null = null;
  let sinceMs = clock.now();
  return {
    start() {
      begun = true;
      poller.link.start();
    },
    stop() {
      poller.stopped = true;
      poller.schedule.stop();
      poller.link.stop();
      return Promise.resolve();
    },
    committed(upTo) {
      poller.committedUpTo = upTo;
      wakeWriters(poller);
    },
    pause(paused) {
      poller.paused = paused;
    },
    health() {
      const health = healthOf(context.name, source.url, poller, begun);
      if (health.state !== state) sinceMs = clock.now();
      state = health.state;
      return { ...health, sinceMs };
    },
  };
}

/** What waits for the commit before it writes to the PLC goes on at once. */
function wakeWriters(p: Poller): void {
  if (p.stopped) return;
  let any = false;
  for (const { routine, item } of p.blocks) {
    if (routine === null || routine.mayWrite.length === 0) continue;
    item.extraMs = 0;
    any = true;
  }
  if (any) p.schedule.wake();
}

/** Groups of the units that are read; says which record is too long to come from one answer. */
function wantedOf(source: Settings, tagNumber: (tag: string) => number): UnitGroups[] {
  const wanted = source.units.map((unit) => {
    const groups = groupsOf(unit, tagNumber);
    for (const group of groups) {
      const most = isBits(group.table) ? source.maxBits : source.maxRegisters;
      if (group.length <= most) continue;
      throw new InputError(
        `'${group.name}' spans ${group.length} registers, but one request reads at most ${most}: ` +
          'move its fields closer together or split it into records with counters of their own',
      );
    }
    return { id: unit.id, name: unit.name, groups };
  });
  return wanted.filter((unit) => unit.groups.length > 0);
}

function covered(groups: readonly ReadGroup[]): number {
  const used = new Set<number>();
  for (const g of groups) for (let i = 0; i < g.length; i += 1) used.add(g.address + i);
  return used.size;
}
