import { HoldError, RetryError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { WriteResult } from '../sink.ts';
import { type Answer, classify, errorOf } from './answers.ts';
import type { Lines } from './line-protocol.ts';

export interface SenderOptions {
  /** one request with this body; rejects with what the transport says */
  post(body: string, signal: AbortSignal): Promise<void>;
  /** true when the server answers at all */
  ping(signal: AbortSignal): Promise<boolean>;
  /** a line that is certainly well formed: tells a bad line from a request that cannot work */
  canary(): string;
  now(): number;
  log: Log;
}

export interface Sender {
  /** sends all lines; rejects with RetryError or HoldError, then nothing is lost */
  send(lines: Lines, signal: AbortSignal): Promise<WriteResult>;
  /** largest body in bytes; shrinks when the server says 413 */
  maxBytes(): number;
}

/** Below the 2 MB that one body may have, with room for the line that crosses the mark. */
const MAX_BODY_BYTES = 2_000_000 - 32_768;
/** Failures of one body, while the server answers pings, before one of its lines is suspected. */
const POISON_AFTER = 10;
const PARTIAL = /partial write: (.*) dropped=(\d+)/;

interface Job {
  lines: Lines;
  signal: AbortSignal;
  result: WriteResult;
}

interface State {
  maxBytes: number;
  /** consecutive 5xx of the body that begins with this line */
  broken: { body: string; times: number };
}

/** Sends bodies one at a time and finds the lines that a server refuses. */
export function sender(options: SenderOptions): Sender {
  const s: State = { maxBytes: MAX_BODY_BYTES, broken: { body: '', times: 0 } };
  return {
    maxBytes: () => s.maxBytes,
    async send(lines, signal) {
      const result: WriteResult = { written: 0, rejected: [] };
      if (lines.count > 0) await sendAll(options, s, { lines, signal, result });
      return result;
    },
  };
}

async function sendAll(o: SenderOptions, s: State, job: Job): Promise<void> {
  const count = job.lines.count;
  const answer = await attempt(o, job, 0, count);
  if (answer === undefined) return;
  if (answer.kind === 'bad') {
    await mustWork(o, job.signal, answer);
    await split(o, s, job, 0, count, answer);
  } else if (answer.kind === 'large') await split(o, s, job, 0, count, answer);
  else if (answer.kind === 'broken') await poison(o, s, job, answer);
  else throw errorOf(answer);
}

async function attempt(
  o: SenderOptions,
  job: Job,
  from: number,
  to: number,
): Promise<Answer | undefined> {
  try {
    await o.post(job.lines.body(from, to), job.signal);
    job.result.written += to - from;
    return undefined;
  } catch (error) {
    return classify(error, o.now());
  }
}

/**
 * 400 may also mean that the request itself cannot work (an organisation that is no id, say). Then
 * a good line is refused too, and rejecting rows would throw away good data.
 */
async function mustWork(o: SenderOptions, signal: AbortSignal, answer: Answer): Promise<void> {
  try {
    await o.post(o.canary(), signal);
  } catch (error) {
    const own = classify(error, o.now());
    if (own.kind === 'bad' && answer.kind === 'bad')
      throw new HoldError(`every write is refused: ${answer.text}`);
    throw errorOf(own);
  }
}

/** Halves until the lines that are refused stand alone. Writing a good line twice is harmless. */
async function split(
  o: SenderOptions,
  s: State,
  job: Job,
  from: number,
  to: number,
  answer: Answer,
): Promise<void> {
  if (answer.kind === 'large') {
    s.maxBytes = Math.max(1, Math.floor(job.lines.size(from, to) / 2));
  }
  if (to - from === 1 || allDropped(answer.text) === to - from) {
    reject(job, from, to, answer.text);
    return;
  }
  const middle = (from + to) >> 1;
  for (const [a, b] of [
    [from, middle],
    [middle, to],
  ] as const) {
    const half = await attempt(o, job, a, b);
    if (half === undefined) continue;
    if (half.kind !== 'bad' && half.kind !== 'large') throw errorOf(half);
    await split(o, s, job, a, b, half);
  }
}

function reject(job: Job, from: number, to: number, reason: string): void {
  for (let line = from; line < to; line += 1) {
    job.result.rejected.push({ row: job.lines.body(line, line + 1).trimEnd(), reason });
  }
}

/** InfluxDB 1.x says how many points it dropped, e.g. all that are older than it keeps. */
function allDropped(text: string): number {
  return Number(PARTIAL.exec(text)?.[2] ?? -1);
}

/**
 * One line may make a server fail for ever (a crash in its parser). After ten failures of one body,
 * and only while the server answers pings, look for it by halves; where both halves fail it is the
 * server and not a line, so nothing is rejected.
 */
async function poison(o: SenderOptions, s: State, job: Job, answer: Answer): Promise<void> {
  const { lines, signal } = job;
  // By its first line: while it fails, more rows gather behind it.
  const body = lines.body(0, 1);
  const times = s.broken.body === body ? s.broken.times + 1 : 1;
  s.broken = { body, times };
  if (times < POISON_AFTER || !(await o.ping(signal))) throw errorOf(answer);
  let [from, to] = [0, lines.count];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    const left = await attempt(o, job, from, middle);
    const right = await attempt(o, job, middle, to);
    if (left?.kind === 'broken' && right === undefined) to = middle;
    else if (right?.kind === 'broken' && left === undefined) from = middle;
    else if (left === undefined && right === undefined) return;
    else throw new RetryError(answer.text);
  }
  await mustWork(o, signal, answer);
  o.log.warn('influxdb-line-breaks-server', { reason: answer.text });
  reject(job, from, to, answer.text);
}
