import type { SourceContext } from '../../source.ts';
import type { PollBlock } from '../block.ts';
import type { Look } from '../outbox.ts';
import { FUNCTION_CODE, isBits, type Table } from '../plan.ts';
import type { Poller } from '../poll.ts';
import { type Answer, type FunctionCode, OUTCOME, type Request } from '../request.ts';
import type { Signal } from './signal.ts';

/** A request of a conversation ended without data; `outcome` as in `Answer`. */
export class RequestFailed extends Error {
  override name = 'RequestFailed';
  readonly outcome: number;
  constructor(outcome: number) {
    super(`outcome ${outcome}`);
    this.outcome = outcome;
  }
}

type WriteCode = 5 | 6 | 16 | 22;

/**
 * One request after another with one unit. Every call either resolves or throws RequestFailed, also
 * when the source is stopped or paused meanwhile: then nothing may be handed over any more.
 */
export interface Talk {
  /** answers are copies and may be kept */
  read(table: Table, address: number, length: number): Promise<Look>;
  /** the values in a queue (function 24) */
  queue(address: number): Promise<Look>;
  bit(signal: Signal): Promise<boolean>;
  /** writes; what settings do not name is held back by the fence. Every write is logged */
  write(code: WriteCode, table: Table, address: number, values: number[]): Promise<void>;
  /**
   * writes registers and reads others with one request (function 23); null when nothing may be
   * written, as in `write`
   */
  exchange(
    span: { address: number; length: number },
    address: number,
    values: number[],
  ): Promise<Look | null>;
  nowMs(): number;
  /** every delivery up to this number is durable */
  committed(): number;
  /** run again at once instead of in the next cycle */
  soon(): void;
}

/** What happens in one cycle of a record that is more than one request. */
export interface Routine {
  cycle(talk: Talk): Promise<void>;
  /** the source ends in good order: takes back what would mislead the PLC */
  leave?(talk: Talk): Promise<void>;
  /** a new connection: what the PLC said before may no longer hold */
  reconnected(): void;
  /** it writes to the PLC; the fence of the link knows where */
  writes: boolean;
  /** what is polled while nothing happens */
  poll: { table: Table; address: number; length: number };
}

/** The talk of one block; `leaving`: the last words of a source that is stopped already. */
export function createTalk(
  p: Poller,
  context: SourceContext,
  block: PollBlock,
  leaving = false,
): Talk {
  const ask = (
    code: FunctionCode,
    table: Table,
    address: number,
    length: number,
    values: number[],
    writeAddress = 0,
  ) =>
    new Promise<Look>((resolve, reject) => {
      const request: Request = {
        unit: block.unit.id,
        code,
        table,
        address,
        length,
        values,
        writeAddress,
        timeoutMs: block.request.timeoutMs,
        done(answer) {
          const { outcome } = answer;
          if (!leaving && (p.paused || p.stopped)) reject(new RequestFailed(OUTCOME.LINK));
          else if (outcome !== OUTCOME.DATA) reject(new RequestFailed(outcome));
          else resolve(copyOf(context, address, answer));
        },
      };
      p.link.submit(request);
    });
  // Only looking, as `meyar test` does: nothing is written at all.
  const noted = (code: WriteCode | 23, table: Table, address: number, values: number[]) => {
    if (block.routine?.writes !== true) return false;
    p.counters.writes += 1;
    const { name } = block.unit;
    context.log.info('modbus.write', { unit: name, table, address, function: code, values });
    return true;
  };
  const talk: Talk = {
    read: (table, address, length) => ask(FUNCTION_CODE[table], table, address, length, []),
    queue: (address) => ask(24, 'holding', address, 1, []),
    async bit({ table, address, bit }) {
      const { view } = await talk.read(table, address, 1);
      return isBits(table) ? (view.getUint8(0) & 1) === 1 : ((view.getUint16(0) >> bit) & 1) === 1;
    },
    async write(code, table, address, values) {
      if (!noted(code, table, address, values)) return;
      await ask(code, table, address, 1, values);
    },
    async exchange(span, address, values) {
      if (!noted(23, 'holding', address, values)) return null;
      return ask(23, 'holding', span.address, span.length, values, address);
    },
    nowMs: () => context.clock.monotonic(),
    committed: () => p.committedUpTo,
    soon() {
      block.item.extraMs = context.clock.monotonic();
    },
  };
  return talk;
}

function copyOf(context: SourceContext, base: number, answer: Answer): Look {
  // Not `slice`: a Buffer's slice is the same memory, and that is used again.
  const data = new Uint8Array(answer.data);
  const receiveMs = context.clock.now();
  const nowMs = context.clock.monotonic();
  return {
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    base,
    received: new Uint8Array(answer.received),
    sourceMs: receiveMs - (nowMs - answer.middleMs),
    receiveMs,
    nowMs,
  };
}
