import type { MqttClient } from 'mqtt';
import { putFloat, putUint32 } from './modbus-server.ts';

/** One measuring place of a plant, with a counter of its own: where a result becomes visible. */
export interface Station {
  /** `about` names part, serial, cavity, lot, tool and states */
  send(values: Record<string, number>, about?: About): void;
  /** curves of fast signals over the part just made, sampled together every `stepMs` */
  curve(curves: Record<string, readonly number[]>, stepMs: number, about?: About): void;
  /** counts a part whose result is never shown: the agent finds the hole in the counter */
  skip(): void;
}

/** The stations of a plant by name. */
export type Stations = (name: string) => Station;

export type About = Record<string, string | number | boolean>;

/**
 * Sends `{ts, seq, …, v: {…}}` to `topic/result` with QoS 1; values are rounded to six decimals.
 * Curves go to `topic/curve`, counted for themselves; there `ts` is the time of the first sample.
 */
export function createStation(client: MqttClient, topic: string, now: () => number): Station {
  let seq = 0;
  let curves = 0;
  return {
    send(values, about = {}) {
      seq += 1;
      const v = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(6))]),
      );
      const message = { ts: now(), seq, ...about, v };
      client.publish(`${topic}/result`, JSON.stringify(message), { qos: 1 });
    },
    curve(v, step, about = {}) {
      curves += 1;
      const samples = Math.max(...Object.values(v).map((curve) => curve.length));
      // The last sample is the newest: a curve is sent when it is whole.
      const ts = now() - (samples - 1) * step;
      const message = { ts, step, seq: curves, ...about, v };
      client.publish(`${topic}/curve`, JSON.stringify(message), { qos: 1 });
    },
    skip() {
      seq += 1;
    },
  };
}

/** Where a machine shows what, beside +0 its counter (uint32) and +2 its status bits. */
export interface ResultBlock {
  /** float32 values from +6 on, high word first */
  values: readonly string[];
  /** whole numbers about the part, by register; what is not told is 0 */
  about?: Readonly<Record<string, number>>;
  /** states about the part, by bit of the status; bit 0 says that the result is new */
  bits?: Readonly<Record<string, number>>;
  /** in register +4 */
  recipe?: number;
}

/** Registers a block has, more than any of them uses. */
const REGISTERS = 64;
/** An answer may come too late for the one who asked, the next one too. */
const POLLS_TO_SEE = 3;

/** A machine's registers, and whether they were read often enough since its newest result. */
export interface Machine {
  bank: Uint16Array;
  station: Station;
  read(): void;
  seen(): boolean;
}

/** A machine that shows its newest result in registers; runs to its end before a request is answered. */
export function createMachine(block: ResultBlock): Machine {
  const bank = new Uint16Array(REGISTERS);
  let counter = 0;
  let polls = 0;
  let watched = false;
  return {
    bank,
    seen: () => !watched || polls >= POLLS_TO_SEE,
    read() {
      polls += 1;
    },
    station: {
      send(values, about = {}) {
        counter += 1;
        // Who did not poll the last result is not waited for.
        watched = polls > 0;
        polls = 0;
        putUint32(bank, 0, counter);
        bank[2] = 1;
        for (const [name, bit] of Object.entries(block.bits ?? {})) {
          if (about[name] === true) bank[2] |= 1 << bit;
        }
        bank[4] = block.recipe ?? 0;
        for (const [name, register] of Object.entries(block.about ?? {})) {
          bank[register] = Number(about[name] ?? 0);
        }
        block.values.forEach((name, i) => {
          putFloat(bank, 6 + 2 * i, values[name] ?? 0);
        });
      },
      curve() {
        throw new Error('the registers of a machine show results, no curves');
      },
      skip() {
        counter += 1;
      },
    },
  };
}
