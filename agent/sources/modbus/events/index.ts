import type { SourceContext } from '../../source.ts';
import type { PollBlock } from '../block.ts';
import type { ReadGroup } from '../groups.ts';
import type { Poller } from '../poll.ts';
import { type Answer, newAnswer, OUTCOME } from '../request.ts';
import { combinedRoutine } from './combined.ts';
import { edgeRoutine } from './edge.ts';
import { fifoRoutine } from './fifo.ts';
import { handshakeRoutine } from './handshake.ts';
import { ringRoutine } from './ring.ts';
import { RequestFailed, type Routine, type Talk } from './talk.ts';

/** The routine of a record that is more than one request; null for the others. */
export function routineOf(
  p: Poller,
  group: ReadGroup,
  maxRegisters: number,
  context: SourceContext,
): Routine | null {
  const routine = chosen(p, group, maxRegisters, context);
  return routine === null || group.writes ? routine : { ...routine, writes: false };
}

function chosen(
  p: Poller,
  group: ReadGroup,
  maxRegisters: number,
  context: SourceContext,
): Routine | null {
  const { event, order } = group;
  const take = p.outbox.part;
  if (event?.ring) return ringRoutine(group, event.ring, order, maxRegisters, take);
  if (event?.on) return edgeRoutine(group, event.on, take);
  if (event?.fifo) {
    return fifoRoutine(group, event.fifo, take, () => {
      p.counters.torn += 1;
    });
  }
  if (!event?.handshake) return null;
  const routine = event.handshake.combine ? combinedRoutine : handshakeRoutine;
  return routine(group, event.handshake, {
    take,
    stuck() {
      p.counters.handshakeTimeouts += 1;
      const text = `${group.name}: the PLC did not take back its ready bit after the acknowledge`;
      context.log.warn('modbus.handshake-stuck', { record: group.name });
      context.report({ kind: 'device', severity: 'warning', text, timeMs: context.clock.now() });
    },
  });
}

/** Runs one cycle; `done` is told how its last request ended. */
export async function converse(
  block: PollBlock,
  talk: Talk,
  context: SourceContext,
  done: (answer: Answer) => void,
): Promise<void> {
  const answer = newAnswer();
  try {
    await block.routine?.cycle(talk);
  } catch (error) {
    answer.outcome = error instanceof RequestFailed ? error.outcome : OUTCOME.GARBLED;
    if (!(error instanceof RequestFailed)) {
      context.log.error('modbus.routine-failed', { error: String(error) });
    }
  }
  done(answer);
}
