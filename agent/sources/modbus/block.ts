import type { Routine } from './events/talk.ts';
import { fitSpan, keySpans, type ReadGroup } from './groups.ts';
import type { Member } from './members.ts';
import { type Block, blockOf, FUNCTION_CODE } from './plan.ts';
import type { Answer, Request } from './request.ts';
import type { Item } from './schedule.ts';
import type { UnitState } from './units.ts';

/** One request that is sent again and again, and what is known about it. */
export interface PollBlock {
  unit: UnitState;
  groups: ReadGroup[];
  request: Request;
  item: Item;
  /** failures in a row of this request alone, and how long it rests for them */
  failures: number;
  holdUntilMs: number;
  wait: { next(): number; reset(): void };
  why: string;
  /** times this request was repeated within its cycle */
  retries: number;
  /** why the device refuses it; null while it does not */
  quarantine: string | null;
  search: Search | null;
  /** fields of the record the device refuses, and when they are tried again */
  lost: Member[];
  wholeAgainMs: number;
  /** what a cycle does when it is more than this one request */
  routine: Routine | null;
}

/** Finding which addresses of a record the device refuses: one small request after another. */
interface Search {
  spans: { address: number; length: number; member: Member | null }[];
  at: number;
  refused: Member[];
  keyRefused: boolean;
}

/** Makes a block for a planned request. */
export function pollBlock(
  unit: UnitState,
  planned: Block<ReadGroup>,
  wait: PollBlock['wait'],
  run: (block: PollBlock, nowMs: number) => void,
  done: (block: PollBlock, answer: Answer) => void,
): PollBlock {
  const block: PollBlock = {
    unit,
    groups: planned.groups,
    request: {
      unit: unit.id,
      code: FUNCTION_CODE[planned.table],
      table: planned.table,
      address: planned.address,
      length: planned.length,
      timeoutMs: 0,
      done: (answer) => done(block, answer),
    },
    item: {
      everyMs: planned.everyMs,
      phase: 0,
      dueMs: 0,
      extraMs: Number.POSITIVE_INFINITY,
      busy: false,
      run: (nowMs) => run(block, nowMs),
    },
    failures: 0,
    holdUntilMs: 0,
    wait,
    why: '',
    retries: 0,
    quarantine: null,
    search: null,
    lost: [],
    wholeAgainMs: Number.POSITIVE_INFINITY,
    routine: null,
  };
  return block;
}

/** Makes a routine what the block does in every cycle. */
export function setRoutine(block: PollBlock, routine: Routine): void {
  block.routine = routine;
  Object.assign(block.request, routine.poll, { code: FUNCTION_CODE[routine.poll.table] });
}

/** The two halves of a refused request, each as short as its groups allow. */
export function halves(block: PollBlock): [Block<ReadGroup>, Block<ReadGroup>] {
  const middle = block.groups.length >> 1;
  return [blockOf(block.groups.slice(0, middle)), blockOf(block.groups.slice(middle))];
}

/** Begins to look for the refused addresses of a record; each field is read alone, once. */
export function startSearch(block: PollBlock): void {
  const group = block.groups[0];
  if (!group?.record) return;
  const keys = keySpans(group.record).map((s) => ({ ...s, member: null }));
  const fields = group.members.map((m) => ({ address: m.address, length: m.length, member: m }));
  block.search = { spans: [...keys, ...fields], at: 0, refused: [], keyRefused: false };
  aim(block);
}

/** One step of the search was answered or refused; true when it is over. */
export function stepSearch(block: PollBlock, refused: boolean): boolean {
  const { search } = block;
  const span = search?.spans[search.at];
  if (!search || !span) return true;
  if (refused && span.member) search.refused.push(span.member);
  if (refused && !span.member) search.keyRefused = true;
  search.at += 1;
  if (search.at < search.spans.length && !search.keyRefused) {
    aim(block);
    return false;
  }
  return true;
}

/**
 * Ends the search: the record goes on without the refused fields. False when there is nothing to
 * go on with: its counter cannot be read, every field is refused, or none is (then it is an
 * address between them, and one scan of the PLC cannot be had).
 */
export function endSearch(block: PollBlock): boolean {
  const { search } = block;
  const group = block.groups[0];
  block.search = null;
  if (!search || !group) return false;
  const left = group.members.filter((m) => !search.refused.includes(m));
  if (search.keyRefused || left.length === 0 || search.refused.length === 0) {
    aimAtAll(block);
    return false;
  }
  block.lost = search.refused;
  group.members = left;
  fitSpan(group);
  aimAtAll(block);
  return true;
}

/** Takes the refused fields in again, to see whether the device has them now. */
export function makeWhole(block: PollBlock): void {
  const group = block.groups[0];
  block.wholeAgainMs = Number.POSITIVE_INFINITY;
  if (!group || block.lost.length === 0) return;
  group.members = [...group.members, ...block.lost];
  block.lost = [];
  fitSpan(group);
  aimAtAll(block);
}

/** Every member of a block, those the device refuses included. */
export function membersOf(block: PollBlock): Member[] {
  return [...block.groups.flatMap((g) => g.members), ...block.lost];
}

/** 'holding 6 to 7': what people look for in the PLC's list of registers. */
export function sayAddresses(block: PollBlock): string {
  const { table, address, length } = block.request;
  return length === 1 ? `${table} ${address}` : `${table} ${address} to ${address + length - 1}`;
}

function aim(block: PollBlock): void {
  const span = block.search?.spans[block.search.at];
  if (!span) return;
  block.request.address = span.address;
  block.request.length = span.length;
}

function aimAtAll(block: PollBlock): void {
  const whole = blockOf(block.groups);
  block.request.address = whole.address;
  block.request.length = whole.length;
}
