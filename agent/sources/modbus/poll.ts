import { QUALITY } from '../../model.ts';
import { backoff } from '../../runtime/retry.ts';
import type { SourceContext } from '../source.ts';
import { type PollBlock, pollBlock, setRoutine } from './block.ts';
import type { Connect } from './connect.ts';
import { converse, routineOf } from './events/index.ts';
import { createTalk } from './events/talk.ts';
import type { ReadGroup } from './groups.ts';
import { createLink, type Link } from './link.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { answered } from './outcome.ts';
import { type Block, blockOf, plan } from './plan.ts';
import { createRepair } from './repair.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { newUnit, REST, SICK_AFTER, type UnitState } from './units.ts';

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
  /** why there is no connection, '' while there is one or none was tried yet */
  linkProblem: string;
  /** every delivery up to this number is durable */
  committedUpTo: number;
  paused: boolean;
  stopped: boolean;
}

interface PollCounters {
  unchanged: number;
  torn: number;
  waiting: number;
  busyRetries: number;
  skippedWhileSick: number;
  droppedWhilePaused: number;
  writes: number;
  handshakeTimeouts: number;
}

/** Builds the poller: link, units, blocks and schedule. Nothing runs before `link.start()`. */
export function createPoller(
  settings: Settings & { maxHole: number },
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
    askOthers: (silent) => askOthers(p, silent, clock.monotonic(), settings.timeout),
    onUp: () => linkUp(p, context),
    onDown: (reason, first) => linkDown(p, context, reason, first),
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
    committedUpTo: 0,
    paused: false,
    stopped: false,
  };
  const add = (unit: UnitState, planned: Block<ReadGroup>, dueMs: number) => {
    const block = pollBlock(
      unit,
      planned,
      backoff({ ...REST, random }),
      (b, nowMs) => {
        if (!ready(p, settings, b, nowMs)) return;
        if (b.routine === null) link.submit(b.request);
        else void converse(b, createTalk(p, context, b), context, b.request.done);
      },
      (b, answer) => answered(p, repair, context, b, answer),
    );
    block.item.dueMs = dueMs;
    block.item.phase = units.indexOf(unit) / units.length;
    p.blocks.add(block);
    schedule.add(block.item);
    return block;
  };
  const remove = (block: PollBlock) => {
    p.blocks.delete(block);
    schedule.remove(block.item);
  };
  const repair = createRepair({ add, remove, schedule, outbox, context });
  for (const [i, u] of wanted.entries()) {
    const unit = units[i] as UnitState;
    const plain = u.groups.filter((g) => g.event === null);
    for (const block of plan(plain, settings)) add(unit, block, 0);
    for (const group of u.groups) {
      const routine = routineOf(p, group, settings.maxRegisters, context);
      if (routine !== null) setRoutine(add(unit, blockOf([group]), 0), routine);
    }
  }
  return p;
}

/** Is it this block's turn? Sets how long its answer is waited for. */
function ready(p: Poller, settings: Settings, block: PollBlock, nowMs: number): boolean {
  const { unit, request } = block;
  if (p.paused || p.stopped || !p.link.isUp()) return false;
  if (mustWait(block, nowMs)) {
    p.counters.skippedWhileSick += 1;
    return false;
  }
  request.timeoutMs = waitOf(p, settings, block);
  unit.probing = unit.demoted;
  block.item.busy = true;
  return true;
}

/** How long its answer is waited for: a lone request holds up nobody. */
function waitOf(p: Poller, settings: Settings, { unit, failures }: PollBlock): number {
  const { timeout, learnTimeout } = settings;
  const most = Math.max(unit.failures, failures);
  const alone = p.blocks.size === 1;
  if (alone || (!learnTimeout && most < SICK_AFTER)) return timeout;
  return unit.patience.waitMs(most, timeout, p.link.counters.roundTripMs);
}

/**
 * Rests what failed, and nothing else: one silent request does not hold back its unit, and a
 * silent unit is asked by one request at a time.
 */
function mustWait(block: PollBlock, nowMs: number): boolean {
  const { unit } = block;
  if (!unit.demoted) return nowMs < block.holdUntilMs;
  return unit.probing || (block.failures > 0 && nowMs < unit.holdUntilMs);
}

/**
 * Is there a unit that should answer and was not heard of yet? When none of them is asked soon
 * anyway, one request of each is brought forward.
 */
function askOthers(p: Poller, silent: ReadonlySet<number>, nowMs: number, soonMs: number): boolean {
  const others = new Map<UnitState, PollBlock>();
  for (const block of p.blocks) {
    const { unit } = block;
    if (unit.demoted || silent.has(unit.id) || mustWait(block, nowMs)) continue;
    const first = others.get(unit);
    if (first === undefined || block.item.dueMs < first.item.dueMs) others.set(unit, block);
  }
  const blocks = [...others.values()];
  if (blocks.some(({ item }) => item.busy || item.dueMs <= nowMs + soonMs)) return true;
  for (const { item } of blocks) item.extraMs = nowMs;
  p.schedule.wake();
  return blocks.length > 0;
}

function linkUp(p: Poller, context: SourceContext): void {
  context.log.info('modbus.link-up', p.linkProblem === '' ? {} : { after: p.linkProblem });
  p.linkProblem = '';
  for (const unit of p.units) unit.holdUntilMs = 0;
  for (const block of p.blocks) {
    block.retries = 0;
    block.holdUntilMs = 0;
    block.routine?.reconnected();
    for (const { record } of block.groups) if (record) record.last = Number.NaN;
  }
  p.schedule.start();
}

function linkDown(p: Poller, context: SourceContext, reason: string, first: boolean): void {
  p.linkProblem = reason;
  if (!first) return;
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
    writes: 0,
    handshakeTimeouts: 0,
  };
}
