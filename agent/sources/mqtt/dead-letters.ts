/** A message that could not be read: kept for the person who looks for the reason. */
export interface DeadLetter {
  timeMs: number;
  topic: string;
  reason: string;
  /** beginning of the payload, other bytes than text shown as a dot */
  sample: string;
  bytes: number;
}

const KEPT = 100;
const SAMPLE = 200;

/** The last 100 messages or lines that could not be read. */
export type DeadLetters = ReturnType<typeof deadLetters>;

export function deadLetters() {
  const letters: DeadLetter[] = [];
  return {
    add(
      timeMs: number,
      topic: string,
      reason: string,
      payload: Buffer,
      bytes: number,
      publisher = '',
    ): void {
      if (letters.length === KEPT) letters.shift();
      letters.push({
        timeMs,
        topic: topic.slice(0, SAMPLE),
        reason: `${reason.slice(0, SAMPLE)}${publisher === '' ? '' : ` (sent by '${publisher}')`}`,
        sample: payload.toString('latin1', 0, SAMPLE).replace(/[^\x20-\x7e]/g, '.'),
        bytes,
      });
    },
    list: (): readonly DeadLetter[] => letters,
  };
}
