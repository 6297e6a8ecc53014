import type { Clock } from '../../runtime/clock.ts';
import { sayDuration } from '../../runtime/duration.ts';
import { connectTo } from './connect.ts';
import { type AllowedWrite, COIL, createFence } from './fence.ts';
import { createLink, type Link } from './link.ts';
import type { Table } from './plan.ts';
import { type FunctionCode, OUTCOME } from './request.ts';
import { targetOf } from './transport/target.ts';

/** The one place that may be set, and the register that may be counted up. */
export interface PlaceOptions {
  url: string;
  unit: number;
  table: 'coil' | 'holding';
  address: number;
  /** the level; 1 for a coil */
  value: number;
  heartbeat: number | null;
  timeoutMs: number;
  clock: Clock;
  random: () => number;
}

/** Sets one place of a PLC to one level, reads it back, and can do nothing else. */
export interface Place {
  set(): Promise<void>;
  isSet(): Promise<boolean>;
  beat(count: number): Promise<void>;
  /** writes that were held back because they are not in the list: always 0, or a fault of ours */
  refused(): number;
  close(): void;
}

/** Opens a connection of its own, so that nothing a source does can hold it up. */
export function openPlace(o: PlaceOptions): Place {
  const fence = createFence(allowedOf(o));
  let problem = 'not connected yet';
  const link = createLink({
    connect: connectTo({
      target: targetOf(o.url),
      fence,
      connectTimeoutMs: Math.max(1000, o.timeoutMs),
      depth: 1,
      clock: o.clock,
      random: o.random,
    }),
    depth: 1,
    pauseBetweenMs: 0,
    askOthers: () => false,
    onUp() {},
    onDown(reason) {
      problem = reason;
    },
    random: o.random,
  });
  link.start();
  const ask = (code: FunctionCode, table: Table, address: number, values: number[]) =>
    request(link, o, { code, table, address, values }, () => problem);
  const isCoil = o.table === 'coil';
  return {
    async set() {
      await ask(isCoil ? 5 : 6, o.table, o.address, [o.value]);
    },
    async isSet() {
      const data = await ask(isCoil ? 1 : 3, o.table, o.address, []);
      if (isCoil) return ((data[0] ?? 0) & 1) === 1;
      return (((data[0] ?? 0) << 8) | (data[1] ?? 0)) === o.value;
    },
    async beat(count) {
      if (o.heartbeat !== null) await ask(6, 'holding', o.heartbeat, [count]);
    },
    refused: fence.refused,
    close: () => link.stop(),
  };
}

/** The level only, never back: the fence has no entry for taking it away. */
function allowedOf(o: PlaceOptions): AllowedWrite[] {
  const place = { unit: o.unit, address: o.address, words: 1 };
  const level: AllowedWrite =
    o.table === 'coil'
      ? { ...place, code: 5, values: [[COIL.on]] }
      : { ...place, code: 6, values: [[o.value]] };
  if (o.heartbeat === null) return [level];
  return [level, { unit: o.unit, code: 6, address: o.heartbeat, words: 1, values: null }];
}

function request(
  link: Link,
  o: PlaceOptions,
  what: { code: FunctionCode; table: Table; address: number; values: number[] },
  problem: () => string,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    link.submit({
      ...what,
      unit: o.unit,
      length: 1,
      timeoutMs: o.timeoutMs,
      done({ outcome, data }) {
        if (outcome === OUTCOME.DATA) resolve(new Uint8Array(data));
        else reject(new Error(sayOutcome(outcome, o.timeoutMs, problem)));
      },
    });
  });
}

function sayOutcome(outcome: number, timeoutMs: number, problem: () => string): string {
  if (outcome > OUTCOME.DATA) return `the PLC refuses it (exception ${outcome})`;
  if (outcome === OUTCOME.TIMEOUT) return `no answer within ${sayDuration(timeoutMs)}`;
  if (outcome === OUTCOME.GARBLED) return 'an answer that does not fit';
  if (outcome === OUTCOME.FENCED) return 'settings do not allow this write';
  return `no connection: ${problem()}`;
}
