import { Worker } from 'node:worker_threads';
import modbus from 'modbus-serial';
import { systemClock } from '../../agent/runtime/clock.ts';
import { connectTo } from '../../agent/sources/modbus/connect.ts';
import { decoder } from '../../agent/sources/modbus/decode.ts';
import { createLink } from '../../agent/sources/modbus/link.ts';
import { type Answer, OUTCOME, type Request } from '../../agent/sources/modbus/request.ts';
import { targetOf } from '../../agent/sources/modbus/transport/target.ts';
import { createTrace } from '../../agent/sources/modbus/transport/trace.ts';

/** One line of the benchmark: our figure against something measured in the same run. */
export interface Row {
  id: string;
  name: string;
  ours: number;
  baseline: number;
  unit: string;
  ratio: number;
  goal: string;
}

const REGISTERS = 125;
const ROUNDS = 5;
const ROUND_MS = 600;

/** P9: requests a second through the whole link, against a bare loop on modbus-serial. */
export async function run(): Promise<Row[]> {
  const server = new Worker(new URL('../support/modbus-fast-server.ts', import.meta.url));
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  try {
    const rates = {
      ours1: [] as number[],
      ours16: [] as number[],
      bare1: [] as number[],
      bare16: [] as number[],
    };
    await bare(port, 1);
    await ours(port, 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.bare1.push(await bare(port, 1));
      rates.ours1.push(await ours(port, 1));
      rates.bare16.push(await bare(port, 16));
      rates.ours16.push(await ours(port, 16));
    }
    const base = median(rates.bare1);
    const row = (name: string, figure: number, baseline: number, goal: string): Row => ({
      id: 'P9',
      name,
      ours: Math.round(figure),
      baseline: Math.round(baseline),
      unit: 'requests/s',
      ratio: figure / baseline,
      goal,
    });
    return [
      row('Modbus depth 1 against bare modbus-serial depth 1', median(rates.ours1), base, '>= 0.9'),
      row(
        'Modbus depth 16 against bare modbus-serial depth 1',
        median(rates.ours16),
        base,
        '>= 2.5',
      ),
      row(
        'Modbus depth 16 against bare modbus-serial depth 16',
        median(rates.ours16),
        median(rates.bare16),
        'for comparison',
      ),
    ];
  } finally {
    await server.terminate();
  }
}

/** Our link: queue, deadlines, checks, counters, and one float32 decoded from every answer. */
async function ours(port: number, depth: number): Promise<number> {
  const options = {
    target: targetOf(`tcp://127.0.0.1:${port}`),
    connectTimeoutMs: 1000,
    depth,
    trace: createTrace(),
    clock: systemClock,
    random: Math.random,
  };
  const read = decoder({
    type: 'float32',
    order: 'ABCD',
    bit: 0,
    scale: 1,
    offset: 0,
    min: null,
    max: null,
    sentinels: [],
  });
  let count = 0;
  let sum = 0;
  let running = true;
  return await new Promise<number>((resolve, reject) => {
    const link = createLink({
      connect: connectTo(options),
      depth,
      pauseBetweenMs: 0,
      askOthers: () => false,
      random: Math.random,
      onDown: (reason) => reject(new Error(reason)),
      onUp() {
        const startMs = performance.now();
        for (let i = 0; i < depth; i += 1) link.submit(request());
        setTimeout(() => {
          running = false;
          const rate = (count * 1000) / (performance.now() - startMs);
          link.stop();
          if (sum !== 0) reject(new Error('wrong value'));
          else resolve(rate);
        }, ROUND_MS);
      },
    });
    const request = (): Request => {
      const own: Request = {
        unit: 1,
        code: 3,
        table: 'holding',
        address: 0,
        length: REGISTERS,
        timeoutMs: 1000,
        done(answer: Answer) {
          if (!running) return;
          if (answer.outcome !== OUTCOME.DATA) reject(new Error(`outcome ${answer.outcome}`));
          const { data } = answer;
          sum += read(new DataView(data.buffer, data.byteOffset, data.byteLength), 0).value;
          count += 1;
          link.submit(own);
        },
      };
      return own;
    };
    link.start();
  });
}

/** What a short script on the library does: ask, wait, decode the same number, ask again. */
async function bare(port: number, depth: number): Promise<number> {
  const client = new modbus.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setID(1);
  client.setTimeout(1000);
  let count = 0;
  let sum = 0;
  const startMs = performance.now();
  const lane = async () => {
    while (performance.now() - startMs < ROUND_MS) {
      const { buffer } = await client.readHoldingRegisters(0, REGISTERS);
      sum += buffer.readFloatBE(0);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: depth }, lane));
  const rate = (count * 1000) / (performance.now() - startMs);
  client.close(() => {});
  if (sum !== 0) throw new Error('wrong value');
  return rate;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
