import { QUALITY } from '../../model.ts';
import type { SourceContext } from '../source.ts';
import {
  endSearch,
  halves,
  makeWhole,
  membersOf,
  type PollBlock,
  sayAddresses,
  startSearch,
  stepSearch,
} from './block.ts';
import type { ReadGroup } from './groups.ts';
import type { Member } from './members.ts';
import type { Outbox } from './outbox.ts';
import type { Block } from './plan.ts';
import type { Schedule } from './schedule.ts';
import type { UnitState } from './units.ts';

/** What the device refuses is set aside and asked for again this much later. */
const TRY_AGAIN_MS = 600_000;

/**
 * Keeps one bad address from stopping the rest. A refused request is halved until the bad tag is
 * alone; a record, which must come from one answer, loses the refused fields instead.
 */
export interface Repair {
  /** the device answered with exception 1, 2 or 3 */
  refused(block: PollBlock, exception: number, nowMs: number): void;
  /** the device sent data; true when that was a step of a search and nothing to hand over */
  answered(block: PollBlock, nowMs: number): boolean;
}

export interface RepairParts {
  add(unit: UnitState, planned: Block<ReadGroup>, dueMs: number): void;
  remove(block: PollBlock): void;
  schedule: Schedule;
  outbox: Outbox;
  context: SourceContext;
}

export function createRepair(parts: RepairParts): Repair {
  const soon = (block: PollBlock, nowMs: number) => {
    block.item.extraMs = nowMs;
    parts.schedule.wake();
  };

  const finish = (block: PollBlock, nowMs: number) => {
    if (!endSearch(block)) {
      setAside(parts, block, QUALITY.BAD_ADDRESS, 'the device refuses to read', nowMs);
      return;
    }
    block.wholeAgainMs = nowMs + TRY_AGAIN_MS;
    tell(parts, block, block.lost, QUALITY.BAD_ADDRESS, 'the device refuses to read');
    soon(block, nowMs);
  };

  return {
    refused(block, exception, nowMs) {
      block.retries = 0;
      if (block.search) {
        if (stepSearch(block, true)) finish(block, nowMs);
        else soon(block, nowMs);
      } else if (exception === 1) {
        const why = 'the device does not know the function to read';
        setAside(parts, block, QUALITY.BAD_CONFIG, why, nowMs);
      } else if (block.groups.length > 1) {
        parts.remove(block);
        for (const half of halves(block)) parts.add(block.unit, half, nowMs);
      } else if (block.groups[0]?.record && block.lost.length === 0 && !block.routine) {
        startSearch(block);
        soon(block, nowMs);
      } else {
        const why = 'the device refuses to read';
        makeWhole(block);
        setAside(parts, block, QUALITY.BAD_ADDRESS, why, nowMs);
      }
    },
    answered(block, nowMs) {
      if (block.search) {
        if (stepSearch(block, false)) finish(block, nowMs);
        else soon(block, nowMs);
        return true;
      }
      if (block.lost.length === 0) block.quarantine = null;
      if (block.wholeAgainMs > nowMs) return false;
      makeWhole(block);
      soon(block, nowMs);
      return true;
    },
  };
}

/** Leaves the whole request alone for a while. */
function setAside(
  parts: RepairParts,
  block: PollBlock,
  quality: number,
  why: string,
  nowMs: number,
): void {
  block.item.dueMs = nowMs + TRY_AGAIN_MS;
  parts.schedule.wake();
  tell(parts, block, membersOf(block), quality, why);
}

function tell(
  parts: RepairParts,
  block: PollBlock,
  members: Member[],
  quality: number,
  why: string,
): void {
  const tags = members.map((m) => m.tag).join(', ');
  const text = `${why} ${sayAddresses(block)} of unit ${block.unit.id} (${tags})`;
  const known = block.quarantine !== null;
  block.quarantine = text;
  parts.outbox.outage(block.unit.name, members, quality);
  if (known) return;
  parts.context.log.warn('modbus.refused', { unit: block.unit.name, text });
  const { clock } = parts.context;
  parts.context.report({ kind: 'config', severity: 'warning', text, timeMs: clock.now() });
}
