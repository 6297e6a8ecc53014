import type { Clock } from '../../runtime/clock.ts';
import { PermanentError } from '../../runtime/errors.ts';
import { type Connection, connectTo } from './connect.ts';
import { FUNCTION_CODE, isBits, type Table } from './plan.ts';
import { type Interpretation, interpret } from './probe-values.ts';
import { OUTCOME } from './request.ts';
import { isAnonymous, type Target } from './transport/target.ts';
import { createTrace, type Trace } from './transport/trace.ts';

/** What to look at. */
export interface ProbeOptions {
  target: Target;
  unit: number;
  table: Table;
  address: number;
  count: number;
  timeoutMs: number;
  clock: Clock;
  random: () => number;
}

/** What a device showed of itself; nothing is written to it. */
export interface ProbeResult {
  /** one entry per address; null where the device refuses to read */
  registers: (Interpretation | null)[];
  /** ms there and back of a small request, null when none was answered */
  roundTripMs: { min: number; median: number; max: number } | null;
  /** most registers (or bits) of one request, null when not even one could be read */
  largestBlock: number | null;
  /** requests under way at once that still make it faster; null on lines that take only one */
  usefulDepth: number | null;
  ratePerSecond: { depth: number; perSecond: number }[];
  /** tables that answer at this address, or the exception or silence they answer with */
  tables: Record<Table, string>;
  trace: ReturnType<Trace['lines']>;
}

type Ask = (table: Table, address: number, length: number) => Promise<Reply>;
interface Reply {
  outcome: number;
  data: Uint8Array;
  ms: number;
}

const RTT_SAMPLES = 20;
const DEPTHS = [1, 2, 4, 8];
const RATE_SAMPLES = 32;
/** A deeper queue is worth it when it makes this much more of it. */
const WORTH = 1.25;

/** Reads a window of a device and measures how it likes to be asked. */
export async function probe(o: ProbeOptions): Promise<ProbeResult> {
  const trace = createTrace();
  const line = await open(o, 1, trace);
  const { ask } = line;
  const tables = {} as Record<Table, string>;
  for (const table of Object.keys(FUNCTION_CODE) as Table[]) {
    tables[table] = sayOutcome((await ask(table, o.address, 1)).outcome);
  }
  const words = isBits(o.table) ? [] : await readWindow(ask, o);
  const roundTripMs = await roundTrips(ask, o);
  const largestBlock = await largest(ask, o);
  line.close();
  const rates = isAnonymous(o.target) || roundTripMs === null ? [] : await ratesOf(o);
  return {
    registers: words.map((_, i) => interpret(words, i)),
    roundTripMs,
    largestBlock,
    usefulDepth: rates.length === 0 ? null : useful(rates),
    ratePerSecond: rates,
    tables,
    trace: trace.lines(),
  };
}

/** What an outcome means, in words. */
export function sayOutcome(outcome: number): string {
  if (outcome === OUTCOME.DATA) return 'answers';
  if (outcome > 0) return `exception ${outcome}`;
  if (outcome === OUTCOME.TIMEOUT) return 'silent';
  return outcome === OUTCOME.GARBLED ? 'answer that does not fit' : 'connection lost';
}

function open(o: ProbeOptions, depth: number, trace: Trace | null): Promise<Line> {
  return new Promise((resolve, reject) => {
    const waiting: (() => void)[] = [];
    const next = () => {
      while (waiting[0] !== undefined && connection.inFlight() < depth) waiting.shift()?.();
    };
    const connection: Connection = connectTo({
      target: o.target,
      connectTimeoutMs: Math.max(3000, o.timeoutMs),
      depth,
      trace,
      clock: o.clock,
      random: o.random,
    })({
      onUp: () => resolve({ ask, close: () => connection.close('done') }),
      onDown(reason) {
        reject(new PermanentError(`${o.target.url}: ${reason}`));
        for (const go of waiting.splice(0)) go();
      },
      onLate() {},
      onReady: next,
      onSettled: next,
    });
    const ask: Ask = (table, address, length) =>
      new Promise((done) => {
        const request = {
          unit: o.unit,
          code: FUNCTION_CODE[table],
          table,
          address,
          length,
          timeoutMs: o.timeoutMs,
          done: (a: { outcome: number; data: Uint8Array; roundTripMs: number }) =>
            done({ outcome: a.outcome, data: new Uint8Array(a.data), ms: a.roundTripMs }),
        };
        let tries = 0;
        const go = () => {
          tries += 1;
          if (connection.send(request)) return;
          if (tries > 100) done({ outcome: OUTCOME.LINK, data: new Uint8Array(0), ms: 0 });
          else setTimeout(go, 10);
        };
        if (connection.inFlight() < depth) go();
        else waiting.push(go);
      });
  });
}

interface Line {
  ask: Ask;
  close(): void;
}

/** The registers of the window; what the device refuses is found by halving. */
async function readWindow(ask: Ask, o: ProbeOptions): Promise<(number | null)[]> {
  const words = new Array<number | null>(o.count).fill(null);
  const read = async (from: number, length: number): Promise<void> => {
    const { outcome, data } = await ask(o.table, o.address + from, length);
    if (outcome === OUTCOME.DATA) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      for (let i = 0; i < length; i += 1) words[from + i] = view.getUint16(2 * i);
    } else if ((outcome === 2 || outcome === 3) && length > 1) {
      const half = length >> 1;
      await read(from, half);
      await read(from + half, length - half);
    }
  };
  for (let from = 0; from < o.count; from += 125) await read(from, Math.min(125, o.count - from));
  return words;
}

async function roundTrips(ask: Ask, o: ProbeOptions): Promise<ProbeResult['roundTripMs']> {
  const times: number[] = [];
  for (let i = 0; i < RTT_SAMPLES; i += 1) {
    const { outcome, ms } = await ask(o.table, o.address, 1);
    if (outcome >= OUTCOME.DATA) times.push(ms);
    else if (times.length === 0 && i > 1) return null;
  }
  times.sort((a, b) => a - b);
  const [min, median, max] = [times[0], times[times.length >> 1], times.at(-1)];
  if (min === undefined || median === undefined || max === undefined) return null;
  return { min, median, max };
}

/** The longest request that is answered, by halving; anything but data counts as refused. */
async function largest(ask: Ask, o: ProbeOptions): Promise<number | null> {
  let low = 0;
  let high = Math.min(isBits(o.table) ? 2000 : 125, 65_536 - o.address);
  const fits = async (length: number) =>
    (await ask(o.table, o.address, length)).outcome === OUTCOME.DATA;
  if (await fits(high)) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await fits(middle)) low = middle;
    else high = middle;
  }
  return low === 0 ? null : low;
}

async function ratesOf(o: ProbeOptions): Promise<ProbeResult['ratePerSecond']> {
  const rates: ProbeResult['ratePerSecond'] = [];
  for (const depth of DEPTHS) {
    const line = await open(o, depth, null);
    const startMs = o.clock.monotonic();
    const asks = Array.from({ length: RATE_SAMPLES }, () => line.ask(o.table, o.address, 1));
    const replies = await Promise.all(asks);
    const tookMs = o.clock.monotonic() - startMs;
    line.close();
    if (replies.some((r) => r.outcome < OUTCOME.DATA)) break;
    rates.push({ depth, perSecond: (1000 * RATE_SAMPLES) / tookMs });
  }
  return rates;
}

function useful(rates: ProbeResult['ratePerSecond']): number {
  let best = rates[0] ?? { depth: 1, perSecond: 0 };
  for (const rate of rates) if (rate.perSecond > WORTH * best.perSecond) best = rate;
  return best.depth;
}
