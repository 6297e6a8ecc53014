import { InputError } from '../../runtime/errors.ts';
import { bytesOf, holeWorthReading } from './cost.ts';
import { widthOf } from './decode.ts';
import { combinedSpan } from './events/combined.ts';
import { groupsOf, type ReadGroup } from './groups.ts';
import { FUNCTION_CODE, isBits, plan, type Table } from './plan.ts';
import type { UnitGroups } from './poll.ts';
import type { Settings } from './settings.ts';
import { targetOf } from './transport/target.ts';

/** One request of the plan: what `meyar plan` prints. */
export interface PlannedRequest {
  unit: number;
  unitName: string;
  functionCode: number;
  table: string;
  address: number;
  length: number;
  /** how often it is sent; of a record read on a signal, how often the signal is */
  everyMs: number;
  /** records and tags it reads */
  reads: string[];
  /** registers or bits that nothing asked for */
  unused: number;
  bytes: number;
}

/** Settings with the limits of the planner filled in. */
export function limitsOf(source: Settings): Settings & { maxHole: number } {
  return { ...source, maxHole: source.maxHole ?? holeWorthReading(targetOf(source.url)) };
}

/** The requests a source will send, all fields taken as read by somebody unless told otherwise. */
export function planOf(
  source: Settings,
  isRead: (tag: string) => boolean = () => true,
): PlannedRequest[] {
  const target = targetOf(source.url);
  return wantedOf(source, (tag) => (isRead(tag) ? 0 : -1)).flatMap((unit) => {
    const blocks = plan(
      unit.groups.filter((g) => g.event === null),
      limitsOf(source),
    );
    const plain = blocks.map((block) => ({
      unit: unit.id,
      unitName: unit.name,
      functionCode: FUNCTION_CODE[block.table],
      table: block.table,
      address: block.address,
      length: block.length,
      everyMs: block.everyMs,
      reads: block.groups.map((g) => g.name),
      unused: block.length - covered(block.groups),
      bytes: bytesOf(target, block.table, block.length),
    }));
    const events = unit.groups
      .filter((g) => g.event !== null)
      .map((group) => {
        const poll = pollOf(group);
        return {
          unit: unit.id,
          unitName: unit.name,
          functionCode: group.event?.fifo ? 24 : FUNCTION_CODE[poll.table],
          ...poll,
          everyMs: group.everyMs,
          reads: [group.name],
          unused: 0,
          bytes: bytesOf(target, poll.table, poll.length),
        };
      });
    return [...plain, ...events];
  });
}

/** What is asked for while nothing happens. */
function pollOf(group: ReadGroup): { table: Table; address: number; length: number } {
  const { event } = group;
  if (event?.ring) {
    const { table, head, type } = event.ring;
    return { table, address: head, length: widthOf(type) };
  }
  if (event?.handshake?.combine) {
    return { table: 'holding', ...combinedSpan(group, event.handshake) };
  }
  const place = event?.handshake?.ready ?? event?.on;
  if (place) return { table: place.table, address: place.address, length: 1 };
  return { table: 'holding', address: event?.fifo?.address ?? 0, length: 1 };
}

/** Groups of the units that are read; says which record is too long to come from one answer. */
export function wantedOf(source: Settings, tagNumber: (tag: string) => number): UnitGroups[] {
  const wanted = source.units.map((unit) => {
    const groups = groupsOf(unit, tagNumber);
    for (const group of groups) {
      const most = isBits(group.table) ? source.maxBits : source.maxRegisters;
      const { handshake } = group.event ?? {};
      const span = handshake?.combine ? combinedSpan(group, handshake) : group;
      if (span.length <= most) continue;
      throw new InputError(
        `'${group.name}' spans ${span.length} registers, but one request reads at most ${most}: ` +
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
