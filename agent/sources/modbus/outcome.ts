import { QUALITY } from '../../model.ts';
import { sayDuration } from '../../runtime/duration.ts';
import type { SourceContext } from '../source.ts';
import { membersOf, type PollBlock } from './block.ts';
import type { Look } from './outbox.ts';
import type { Poller } from './poll.ts';
import type { Repair } from './repair.ts';
import { type Answer, OUTCOME } from './request.ts';
import { SICK_AFTER, unitAnswered, unitFailed } from './units.ts';

/** A device that is busy (exceptions 5 and 6) is asked again within the cycle, this often. */
const BUSY_RETRIES = 3;
const BUSY_WAIT_MS = 50;
/** A torn record is read again at once, this often. */
const TORN_RETRIES = 3;

/** Usual round trips after which the connection's end is not what held an answer up. */
const LATE = 3;
/** What is read this often has its next turn soon. */
const SOON_MS = 1000;

interface Failure {
  quality: number;
  why: string;
  /** what it says about the unit: 'suspect' counts, 'gone' is certain */
  unit: 'fine' | 'suspect' | 'gone';
}

const gateway = (code: number): Failure => ({
  quality: QUALITY.BAD_TIMEOUT,
  why: `the gateway cannot reach the unit (exception ${code})`,
  unit: 'gone',
});

/** Outcomes in which the unit itself said nothing. */
const SILENCE: ReadonlyMap<number, Failure> = new Map<number, Failure>([
  [OUTCOME.TIMEOUT, { quality: QUALITY.BAD_TIMEOUT, why: 'no answer', unit: 'suspect' }],
  [
    OUTCOME.GARBLED,
    { quality: QUALITY.BAD_DEVICE, why: 'answers that do not fit the request', unit: 'suspect' },
  ],
  [
    OUTCOME.FENCED,
    { quality: QUALITY.BAD_CONFIG, why: 'a write that settings do not allow', unit: 'fine' },
  ],
  [10, gateway(10)],
  [11, gateway(11)],
]);

/** What follows from the end of one request: readings, a retry, a rest, a repair. */
export function answered(
  p: Poller,
  repair: Repair,
  context: SourceContext,
  block: PollBlock,
  answer: Answer,
): void {
  const { outcome } = answer;
  const nowMs = context.clock.monotonic();
  block.item.busy = false;
  block.unit.probing = false;
  if (p.stopped) return;
  if (outcome === OUTCOME.LINK) {
    // It was due: read it as soon as there is a connection again, unless it was late anyhow.
    const late = answer.roundTripMs > LATE * Math.max(1, p.link.counters.roundTripMs);
    if (!late || block.item.everyMs > SOON_MS) block.item.extraMs = nowMs;
    return;
  }
  const silence = SILENCE.get(outcome);
  if (silence) failed(p, context, block, silence);
  else alive(p, repair, context, block, answer, nowMs);
}

/** The unit itself answered, if only to say no. */
function alive(
  p: Poller,
  repair: Repair,
  context: SourceContext,
  block: PollBlock,
  answer: Answer,
  nowMs: number,
): void {
  const { outcome } = answer;
  block.unit.patience.answered(answer.roundTripMs);
  if (unitAnswered(block.unit)) {
    context.log.info('modbus.unit-back', { unit: block.unit.name });
    for (const b of p.blocks) if (b.unit === block.unit) b.holdUntilMs = 0;
  }
  if (outcome === 5 || outcome === 6) {
    busy(p, block, nowMs);
    return;
  }
  if (outcome > 3) {
    const why = `the device reports a failure (exception ${outcome})`;
    failed(p, context, block, { quality: QUALITY.BAD_DEVICE, why, unit: 'fine' });
    return;
  }
  if (block.failures > 0) {
    block.failures = 0;
    block.holdUntilMs = 0;
    block.wait.reset();
  }
  if (outcome !== OUTCOME.DATA) repair.refused(block, outcome, nowMs);
  else if (block.routine !== null) block.quarantine = null;
  else if (!repair.answered(block, nowMs)) take(p, block, lookAt(context, block, answer, nowMs));
}

function lookAt(context: SourceContext, block: PollBlock, answer: Answer, nowMs: number): Look {
  const { data, received } = answer;
  const receiveMs = context.clock.now();
  return {
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    base: block.request.address,
    received,
    sourceMs: receiveMs - (nowMs - answer.middleMs),
    receiveMs,
    nowMs,
  };
}

/** Hands over what an answer holds. */
function take(p: Poller, block: PollBlock, look: Look): void {
  if (p.paused) {
    // The PLC keeps it; taking it would also mark its counter as seen.
    p.counters.droppedWhilePaused += 1;
    return;
  }
  let torn = false;
  for (const group of block.groups) {
    if (!group.record) continue;
    const verdict = p.outbox.record(group, look);
    if (verdict === 'same' || verdict === 'empty') p.counters.unchanged += 1;
    else if (verdict === 'waiting') p.counters.waiting += 1;
    else if (verdict === 'torn') torn = true;
  }
  p.outbox.tags(block.unit.name, block.groups, look, block.item.everyMs);
  if (torn) p.counters.torn += 1;
  if (torn && block.retries < TORN_RETRIES) again(p, block, 0);
  else block.retries = 0;
}

/** Nothing usable came: rests the request, and the unit when it is the unit's fault. */
function failed(p: Poller, context: SourceContext, block: PollBlock, failure: Failure): void {
  const { unit } = block;
  const { quality, why } = failure;
  const nowMs = context.clock.monotonic();
  block.failures += 1;
  block.retries = 0;
  block.why = why;
  if (block.failures >= SICK_AFTER) {
    block.holdUntilMs = nowMs + block.wait.next();
    p.outbox.outage(unit.name, membersOf(block), quality);
  }
  if (failure.unit === 'fine') return;
  const wasDemoted = unit.demoted;
  if (!unitFailed(unit, nowMs, why, failure.unit === 'gone')) return;
  p.outbox.outage(unit.name, unit.members, quality);
  if (wasDemoted) return;
  const rest = sayDuration(unit.holdUntilMs - nowMs);
  context.log.warn('modbus.unit-silent', { unit: unit.name, why, rest });
}

function busy(p: Poller, block: PollBlock, nowMs: number): void {
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
