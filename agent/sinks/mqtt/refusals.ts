import { HoldError, RetryError } from '../../runtime/errors.ts';
import type { WriteResult } from '../sink.ts';

/** What is published. */
export interface Message {
  topic: string;
  payload: string;
}

/** The broker was there and did not take what was sent to it. */
export class NotTakenError extends RetryError {}

/** Failures of what begins with one message, before one of the messages is suspected. */
const SUSPECT_AFTER = 10;
/** Times that a message alone is not taken before it counts as refused. */
const TRIES_ALONE = 3;
/** So many one after the other and none taken: then it is the broker, and not a message. */
const MOST_SUSPECTS = 3;
const HOLD_MS = 60_000;

/**
 * Brokers of MQTT 3.1.1 have no word for "never this one": they hang up, and the same message makes
 * them hang up again. Finds such a message by sending each alone, on a connection that stands. Nothing
 * is given up unless the broker is known to take others.
 */
export function refusals(
  publish: (messages: readonly Message[], signal: AbortSignal) => Promise<void>,
) {
  let failing = { first: '', times: 0 };
  let everTook = false;

  const alone = async (message: Message, signal: AbortSignal): Promise<string | null> => {
    for (let left = TRIES_ALONE; ; left -= 1) {
      try {
        await publish([message], signal);
        return null;
      } catch (error) {
        if (!(error instanceof NotTakenError)) throw error;
        if (left === 1) return error.message;
      }
    }
  };
  const oneByOne = async (messages: readonly Message[], signal: AbortSignal) => {
    const result: WriteResult = { written: 0, rejected: [] };
    for (const message of messages) {
      const reason = await alone(message, signal);
      if (reason === null) result.written += 1;
      else result.rejected.push({ row: JSON.stringify(message), reason });
      const all = result.rejected.length >= Math.min(MOST_SUSPECTS, messages.length);
      const only = messages.length === 1 && everTook;
      if (result.written === 0 && all && !only) {
        throw new HoldError(`the broker takes no message: ${reason ?? ''}`, HOLD_MS);
      }
    }
    return result;
  };
  return {
    async write(messages: readonly Message[], signal: AbortSignal): Promise<WriteResult> {
      if (messages.length === 0) return { written: 0, rejected: [] };
      try {
        await publish(messages, signal);
        everTook = true;
        failing = { first: '', times: 0 };
        return { written: messages.length, rejected: [] };
      } catch (error) {
        if (!(error instanceof NotTakenError)) throw error;
        // By its first message: while it fails, more gather behind it.
        const first = JSON.stringify(messages[0]);
        failing = { first, times: failing.first === first ? failing.times + 1 : 1 };
        if (failing.times < SUSPECT_AFTER) throw error;
      }
      const result = await oneByOne(messages, signal);
      failing = { first: '', times: 0 };
      everTook ||= result.written > 0;
      return result;
    },
    /** rows of `rejected`, sent once more */
    again: (rows: readonly string[], signal: AbortSignal): Promise<WriteResult> =>
      againEach(rows, (message) => alone(message, signal)),
  };
}

async function againEach(
  rows: readonly string[],
  send: (message: Message) => Promise<string | null>,
): Promise<WriteResult> {
  const result: WriteResult = { written: 0, rejected: [] };
  for (const row of rows) {
    const reason = await send(JSON.parse(row) as Message);
    if (reason === null) result.written += 1;
    else result.rejected.push({ row, reason });
  }
  return result;
}
