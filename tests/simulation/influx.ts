import { HttpError } from '@influxdata/influxdb-client';
import type { Random } from '../../agent/plants/random.ts';
import { RetryError } from '../../agent/runtime/errors.ts';
import type { Connect } from '../../agent/sinks/influxdb/transport.ts';
import type { SimTime } from './time.ts';
import type { Trace } from './trace.ts';

export const MOODS = ['up', 'off', 'hangs', '500', '503', '429', '401', 'picky'] as const;
export type Mood = (typeof MOODS)[number];

/** An InfluxDB 1.x that writes lines, or fails in every way it can. */
export interface Influx {
  mood: Mood;
  /** chance that a write is done and its answer lost */
  answerLost: number;
  /** fields by series and time, as a database keeps them */
  rows: Map<string, string>;
  /** lines that it refused as bad */
  refused: Set<string>;
  connect: Connect;
  /** requests that came before the time that was named with 503 or 429 */
  tooEarly: number;
}

const TIMEOUT_MS = 10_000;

export function createInflux(time: SimTime, random: Random, trace: Trace): Influx {
  let notBefore = 0;
  /** a new life knows nothing of what the server asked for */
  let askedOf = 0;
  const influx: Influx = {
    mood: 'up',
    answerLost: 0.01,
    rows: new Map(),
    refused: new Set(),
    tooEarly: 0,
    connect: () => ({
      post: (body, signal) => answer(body, signal),
      ping: async () => influx.mood !== 'off' && influx.mood !== 'hangs',
      close() {},
    }),
  };

  const answer = (body: string, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const rows = !body.startsWith('spc_link') && !body.startsWith('spc_agent');
      if (rows && time.owner() === askedOf && time.now() < notBefore) influx.tooEarly += 1;
      const stop = () => reject(new RetryError('stopped'));
      signal.addEventListener('abort', stop, { once: true });
      const ms = 1 + 20 * random.uniform();
      const { mood } = influx;
      time.after(mood === 'hangs' ? TIMEOUT_MS : ms, () => {
        signal.removeEventListener('abort', stop);
        if (signal.aborted) return;
        const error = work(body, mood, rows);
        trace('influxdb', `${mood} ${body.length} ${error === null ? 'ok' : 'failed'}`);
        if (error === null) resolve();
        else reject(error);
      });
    });

  const work = (body: string, mood: Mood, rows: boolean): Error | null => {
    if (mood === 'off') return Object.assign(new Error(''), { code: 'ECONNREFUSED' });
    if (mood === 'hangs') return new RetryError('no answer within 10 s');
    if (mood === '503' || mood === '429') {
      const waitS = 1 + Math.floor(30 * random.uniform());
      // The beat is never sent again, so it may not keep the rows back either.
      if (rows) notBefore = time.now() + 1000 * waitS;
      askedOf = time.owner();
      return http(Number(mood), 'busy', { 'retry-after': String(waitS) });
    }
    if (mood === '500' || mood === '401') return http(Number(mood), 'no');
    const lines = body.split('\n').filter((line) => line !== '');
    const bad = mood === 'picky' ? lines.filter((line) => /characteristic=b[, ]/.test(line)) : [];
    for (const line of lines) if (!bad.includes(line)) write(line);
    for (const line of bad) influx.refused.add(line);
    if (bad.length > 0) {
      return http(400, `partial write: field type conflict dropped=${bad.length}`);
    }
    return random.uniform() < influx.answerLost ? new RetryError('connection reset') : null;
  };

  const write = (line: string) => {
    const [key, fields] = cutLine(line);
    influx.rows.set(key, fields);
  };
  return influx;
}

/** Series with time, and fields: what overwrites what. */
export function cutLine(line: string): [key: string, fields: string] {
  const found = /^((?:\\.|[^ \\])+) (.*) (\d+)$/s.exec(line);
  if (found === null) throw new Error(`not a line: ${line}`);
  return [`${found[1]} ${found[3]}`, found[2] as string];
}

function http(status: number, error: string, headers: Record<string, string> = {}): HttpError {
  const body = JSON.stringify({ error });
  return new HttpError(status, '', body, null, 'application/json', undefined, headers);
}
