import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startMosquitto } from '../support/mosquitto.ts';
import { rawPublisher } from '../support/raw-publisher.ts';
import type { Row } from './core.ts';

/** What one subscriber process measured about itself. */
export interface Measured {
  readings: number;
  seconds: number;
  /** CPU seconds, all threads of the process */
  cpu: number;
}

export type Subscriber = 'ours' | 'bare';

const ROUNDS = 3;
const CASES = [
  { per: 1, messages: 60_000, name: 'one reading a message', cpu: '≤ 0.7' },
  { per: 50, messages: 4000, name: '50 readings a message', cpu: '≤ 1.3' },
];

/**
 * The MQTT way in without the core: parse, batch, group PUBACKs; against a bare MQTT.js QoS 1
 * subscriber that parses the JSON and does nothing with it. Same broker, turn by turn, each in a
 * process of its own; the best of three rounds.
 */
export async function run(): Promise<Row[]> {
  const broker = await startMosquitto({ maxInflight: 1000 });
  const rows: Row[] = [];
  try {
    for (const one of CASES) {
      const best: Record<Subscriber, Measured[]> = { ours: [], bare: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const who of ['bare', 'ours'] as const) {
          best[who].push(await measure(broker.port, who, one.messages, one.per));
        }
      }
      rows.push(...rowsOf(one, best.ours, best.bare));
    }
  } finally {
    await broker.close();
  }
  return rows;
}

function rowsOf(one: (typeof CASES)[number], ours: Measured[], bare: Measured[]): Row[] {
  const rate = (all: Measured[]) => Math.max(...all.map((m) => m.readings / m.seconds));
  const cpu = (all: Measured[]) => Math.min(...all.map((m) => (m.cpu * 1e6) / m.readings));
  const row = (id: string, what: string, a: number, b: number, unit: string, goal: string) => ({
    id,
    name: `MQTT in, ${one.name}, ${what}`,
    ours: a,
    baseline: b,
    unit,
    ratio: a / b,
    goal,
  });
  const id = `P2-source-b${one.per}`;
  return [
    row(`${id}-rate`, 'rate', rate(ours), rate(bare), 'readings/s', '≥ 0.9'),
    row(`${id}-cpu`, 'CPU', cpu(ours), cpu(bare), 'µs/reading', one.cpu),
  ];
}

async function measure(
  port: number,
  who: Subscriber,
  messages: number,
  per: number,
): Promise<Measured> {
  const script = fileURLToPath(new URL('./mqtt-subscriber.ts', import.meta.url));
  const child = fork(script, [who, String(port), String(messages), String(per)]);
  try {
    await answer(child);
    const result = answer(child);
    const out = await rawPublisher(port);
    await out.send('bench/k7/result', messages, (i) => payload(i, per));
    out.close();
    return (await result) as Measured;
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

async function answer(child: ChildProcess): Promise<unknown> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the subscriber ended');
    }),
  ]);
  return message;
}

const START_MS = 1_767_225_600_000;

function payload(message: number, per: number): string {
  const item = (k: number) => {
    const seq = message * per + k + 1;
    const value = (21.98 + ((seq * 7919) % 1000) / 1e5).toFixed(4);
    return `{"seq":${seq},"ts":${START_MS + seq},"v":{"od":${value}},"part":"shaft","sn":"S${seq}"}`;
  };
  if (per === 1) return item(0);
  return `[${Array.from({ length: per }, (_, k) => item(k)).join(',')}]`;
}
