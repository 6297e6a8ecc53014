import { QUALITY } from '../../model.ts';
import { sayDuration } from '../../runtime/duration.ts';
import type { SourceContext } from '../source.ts';
import { membersOf, type PollBlock, pollBlock } from './block.ts';
import { type Answer, type Connect, OUTCOME } from './connection.ts';
import type { ReadGroup } from './groups.ts';
import { createLink, type Link } from './link.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { type Block, plan } from './plan.ts';
import { createRepair, type Repair } from './repair.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { newUnit, probeTimeout, type UnitState, unitAnswered, unitFailed } from './units.ts';

/** What is wanted of one unit: its groups, already without those that nobody reads. */
export interface UnitGroups {
  id: number;
  name: string;
  groups: ReadGroup[];
}

/** Everything that runs for one source. */
export interface Poller {
  units: UnitState[];
  blocks: Set<PollBlock>;
  link: Link;
  schedule: Schedule;
  outbox: Outbox;
  counters: PollCounters;
  /** first reason of the outage that lasts, '' when the link is up or was not tried yet */
  linkProblem: string;
  paused: boolean;
  stopped: boolean;
}

export interface PollCounters {
  unchanged: number;
  torn: number;
  waiting: number;
  busyRetries: number;
  skippedWhileSick: number;
  droppedWhilePaused: number;
}

/** A device that is busy (exceptions 5 and 6) is asked again within the cycle, this often. */
const BUSY_RETRIES = 3;
const BUSY_WAIT_MS = 50;
/** A torn record is read again at once, this often. */
const TORN_RETRIES = 3;
/** Failures in a row of one request before its tags are called bad. */
const TELL_AFTER = 2;

/** Builds the poller: link, units, blocks and schedule. Nothing runs before `link.start()`. */
export function createPoller(
  settings: Settings,
  wanted: readonly UnitGroups[],
  connect: Connect,
  context: SourceContext,
): Poller {
  const { clock, random } = context;
  const schedule = createSchedule(clock);
  const outbox = createOutbox(context);
  const units = wanted.map((u) => {
    return newUnit(
      u.id,
      u.name,
      u.groups.flatMap((g) => g.members),
      random,
    );
  });
  const link = createLink({
    connect,
    depth: settings.depth,
    pauseBetweenMs: settings.pauseBetween,
    othersAwake: (silent) => units.some((u) => !u.demoted && !silent.has(u.id)),
    onUp: () => linkUp(p, context),
    onDown: (reason) => linkDown(p, context, reason),
    random,
  });
  const p: Poller = {
    units,
    blocks: new Set(),
    link,
    schedule,
    outbox,
    counters: newCounters(),
    linkProblem: '',
    paused: false,
    stopped: false,
  };
  const add = (unit: UnitState, planned: Block<ReadGroup>, dueMs: number) => {
    const block = pollBlock(
      unit,
      planned,
      settings.timeout,
      (b, nowMs) => run(p, settings, b, nowMs),
      (b, answer) => done(p, repair, context, b, answer),
    );
    block.item.dueMs = dueMs;
    p.blocks.add(block);
    schedule.add(block.item);
  };
  const remove = (block: PollBlock) => {
    p.blocks.delete(block);
    schedule.remove(block.item);
  };
  const repair = createRepair({ add, remove, schedule, outbox, context });
  for (const [i, u] of wanted.entries()) {
    for (const block of plan(u.groups, settings)) add(units[i] as UnitState, block, 0);
  }
  return p;
}

function run(p: Poller, settings: Settings, block: PollBlock, nowMs: number): void {
  const { unit, request } = block;
  if (p.paused || p.stopped || !p.link.isUp()) return;
  if (nowMs < unit.holdUntilMs || unit.probing) {
    p.counters.skippedWhileSick += 1;
    return;
  }
  request.timeoutMs = settings.timeout;
  if (unit.demoted) {
    const othersWait = p.units.some((u) => u !== unit && !u.demoted);
    const roundTripMs = p.link.counters.roundTripMs;
    request.timeoutMs = probeTimeout(unit, settings.timeout, roundTripMs, othersWait);
    unit.probing = true;
  }
  block.item.busy = true;
  p.link.submit(request);
}

function done(
  p: Poller,
  repair: Repair,
  context: SourceContext,
  block: PollBlock,
  answer: Answer,
): void {
  const { outcome } = answer;
  block.item.busy = false;
  block.unit.probing = false;
  if (p.stopped || outcome === OUTCOME.LINK) return;
  const nowMs = context.clock.monotonic();
  if (outcome < OUTCOME.DATA) {
    const silent = outcome === OUTCOME.TIMEOUT;
    const why = silent ? 'no answer' : 'answers that do not fit the request';
    failed(p, context, block, silent ? QUALITY.BAD_TIMEOUT : QUALITY.BAD_DEVICE, why, false);
  } else if (outcome >= 1 && outcome <= 3) {
    unitBack(context, block.unit);
    repair.refused(block, outcome, nowMs);
  } else if (outcome === 5 || outcome === 6) busy(p, context, block, nowMs);
  else if (outcome > OUTCOME.DATA) {
    const gateway = outcome === 10 || outcome === 11;
    const quality = outcome === 11 ? QUALITY.BAD_TIMEOUT : QUALITY.BAD_DEVICE;
    failed(p, context, block, quality, `exception ${outcome}`, gateway);
  } else {
    unitBack(context, block.unit);
    block.failures = 0;
    if (!repair.answered(block, nowMs)) take(p, context, block, answer, nowMs);
  }
}

/** Hands over what an answer holds. */
function take(
  p: Poller,
  context: SourceContext,
  block: PollBlock,
  answer: Answer,
  nowMs: number,
): void {
  if (p.paused) {
    // The PLC keeps it; taking it would also mark its counter as seen.
    p.counters.droppedWhilePaused += 1;
    return;
  }
  const { data, received } = answer;
  const receiveMs = context.clock.now();
  const look = {
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    base: block.request.address,
    received,
    sourceMs: receiveMs - (nowMs - answer.middleMs),
    receiveMs,
  };
  let torn = false;
  for (const group of block.groups) {
    if (!group.record) continue;
    const verdict = p.outbox.record(group, look);
    if (verdict === 'same' || verdict === 'empty') p.counters.unchanged += 1;
    else if (verdict === 'waiting') p.counters.waiting += 1;
    else if (verdict === 'torn') torn = true;
  }
  p.outbox.tags(block.unit.name, block.groups, look);
  if (torn) p.counters.torn += 1;
  if (torn && block.retries < TORN_RETRIES) again(p, block, nowMs);
  else block.retries = 0;
}

function failed(
  p: Poller,
  context: SourceContext,
  block: PollBlock,
  quality: number,
  why: string,
  atOnce: boolean,
): void {
  const { unit } = block;
  const wasDemoted = unit.demoted;
  block.failures += 1;
  block.retries = 0;
  const demoted = unitFailed(unit, context.clock.monotonic(), why, atOnce);
  if (demoted) p.outbox.outage(unit.name, unit.members, quality);
  else if (block.failures >= TELL_AFTER) p.outbox.outage(unit.name, membersOf(block), quality);
  if (demoted && !wasDemoted) {
    const rest = sayDuration(unit.holdUntilMs - context.clock.monotonic());
    context.log.warn('modbus.unit-silent', { unit: unit.name, why, rest });
  }
}

function busy(p: Poller, context: SourceContext, block: PollBlock, nowMs: number): void {
  unitBack(context, block.unit);
  if (block.retries < BUSY_RETRIES) {
    p.counters.busyRetries += 1;
    again(p, block, nowMs + BUSY_WAIT_MS * 2 ** block.retries);
    return;
  }
  block.retries = 0;
  p.outbox.outage(block.unit.name, membersOf(block), QUALITY.BAD_BUSY);
}

function again(p: Poller, block: PollBlock, atMs: number): void {
  block.retries += 1;
  block.item.extraMs = atMs;
  p.schedule.wake();
}

function unitBack(context: SourceContext, unit: UnitState): void {
  if (unit.demoted) context.log.info('modbus.unit-back', { unit: unit.name });
  unitAnswered(unit);
}

function linkUp(p: Poller, context: SourceContext): void {
  context.log.info('modbus.link-up', p.linkProblem === '' ? {} : { after: p.linkProblem });
  p.linkProblem = '';
  for (const unit of p.units) unit.holdUntilMs = 0;
  for (const block of p.blocks) {
    block.retries = 0;
    for (const { record } of block.groups) if (record) record.last = Number.NaN;
  }
  p.schedule.start();
}

function linkDown(p: Poller, context: SourceContext, reason: string): void {
  p.linkProblem = reason;
  p.schedule.stop();
  context.log.warn('modbus.link-down', { reason });
  for (const unit of p.units) p.outbox.outage(unit.name, unit.members, QUALITY.BAD_LINK);
}

function newCounters(): PollCounters {
  return {
    unchanged: 0,
    torn: 0,
    waiting: 0,
    busyRetries: 0,
    skippedWhileSick: 0,
    droppedWhilePaused: 0,
  };
}
