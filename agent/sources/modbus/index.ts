import type { SourceHealth } from '../../model.ts';
import { kind } from '../../registry.ts';
import { within } from '../../runtime/retry.ts';
import type { Source, SourceContext } from '../source.ts';
import { connectTo } from './connect.ts';
import { createTalk } from './events/talk.ts';
import { allowedWrites, createFence } from './fence.ts';
import { healthOf } from './health.ts';
import { createOvertake } from './overtake.ts';
import { limitsOf, wantedOf } from './planned.ts';
import { createPoller, type Poller } from './poll.ts';
import { type Settings, settings } from './settings.ts';
import { isAnonymous, targetOf } from './transport/target.ts';
import { createTrace } from './transport/trace.ts';

export { type PlannedRequest, planOf } from './planned.ts';

/** Reads PLCs over Modbus: part records by their counter or signal, tags by the clock. */
export const modbus = kind({ settings, create: createSource });

function createSource(source: Settings, context: SourceContext): Source {
  const { clock } = context;
  const target = targetOf(source.url);
  const wanted = wantedOf(source, context.tagNumber);
  const fence = createFence(allowedWrites(wanted));
  const mayOvertake = source.overtake && wanted.length > 1 && !isAnonymous(target);
  const connect = connectTo({
    target,
    fence,
    standby: source.standby === undefined ? null : targetOf(source.standby),
    tls: source.tls,
    connectTimeoutMs: source.connectTimeout,
    pauseAfterConnectMs: source.pauseAfterConnect,
    depth: isAnonymous(target) ? 1 : source.depth,
    quietMs: source.quiet,
    patienceMs: Math.max(2000, 4 * source.timeout),
    lengthNonce: source.lengthNonce,
    ...(mayOvertake ? { overtake: createOvertake(clock) } : {}),
    ...(context.dial ? { dial: context.dial } : {}),
    trace: createTrace(),
    clock,
    random: context.random,
  });
  const poller = createPoller(limitsOf(source), wanted, connect, context);
  let begun = false;
  let state: SourceHealth['state'] | null = null;
  let sinceMs = clock.now();
  return {
    start() {
      begun = true;
      poller.link.start();
    },
    async stop() {
      const wasRunning = begun && !poller.stopped;
      poller.stopped = true;
      poller.schedule.stop();
      if (wasRunning) await leave(poller, context, Math.min(source.timeout, LONGEST_LEAVE_MS));
      poller.link.stop();
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
      const counters = { ...health.counters, writesRefused: fence.refused() };
      return { ...health, counters, sinceMs };
    },
  };
}

/** A PLC that does not answer must not hold up the end of the agent. */
const LONGEST_LEAVE_MS = 1000;

/** Takes back the acknowledge bits that still stand: nobody is there to do it later. */
async function leave(p: Poller, context: SourceContext, withinMs: number): Promise<void> {
  if (!p.link.isUp()) return;
  const last = [...p.blocks].flatMap((block) => {
    if (block.routine?.leave === undefined || !block.routine.writes) return [];
    block.request.timeoutMs = withinMs;
    return [block.routine.leave(createTalk(p, context, block, true))];
  });
  if (last.length > 0) await within(withinMs, Promise.allSettled(last));
}

/** What waits for the commit before it writes to the PLC goes on at once. */
function wakeWriters(p: Poller): void {
  if (p.stopped) return;
  let any = false;
  for (const { routine, item } of p.blocks) {
    if (routine === null || !routine.writes) continue;
    item.extraMs = 0;
    any = true;
  }
  if (any) p.schedule.wake();
}
