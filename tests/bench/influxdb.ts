import { Agent, request } from 'node:http';
import { sinks } from '../../agent/sinks/index.ts';
import { lineBuffer } from '../../agent/sinks/influxdb/line-protocol.ts';
import { rowLines } from '../../agent/sinks/influxdb/lines.ts';
import type { Rows } from '../../agent/sinks/sink.ts';
import { needs } from '../support/debian.ts';
import { influxd } from '../support/influxdb.ts';
import { characteristic, fakeJournal, sinkContext, T0 } from '../support/sink-journal.ts';

/** One line of the bench table: a ratio against something measured in the same run. */
export interface Row {
  id: string;
  name: string;
  ours: number;
  baseline: number;
  unit: string;
  ratio: number;
  goal: string;
}

const LINES = 5000;
const ROUNDS = 30;
const WARM_UP = 6;
const SERIES = 20;

const context = sinkContext(
  Array.from({ length: SERIES }, (_, i) => characteristic({ id: `characteristic-${i}` })),
);

/** P8: the sink, from journal rows, against bare POSTs of the same lines prepared beforehand. */
export async function run(): Promise<Row[]> {
  if (!needs('influxd')) return [];
  return [await compare(1, 'batch of 5 000 lines'), await compare(4, 'backlog of 20 000 lines')];
}

async function compare(bodies: number, name: string): Promise<Row> {
  const db = await influxd({ databases: ['ours', 'bare'] });
  const settings = { kind: 'influxdb', url: db.url, database: 'ours' };
  const sink = sinks.create(sinks.schema.parse(settings), context);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const rows = batchOf(round + WARM_UP, bodies * LINES);
    const prepared = bodiesOf(rows);
    const ours = async () => {
      const result = await sink.write(rows, new AbortController().signal);
      if (result.written !== bodies * LINES) throw new Error(`${result.written} lines written`);
    };
    const bare = async () => {
      for (const body of prepared) await post(agent, `${db.url}/write?db=bare&precision=ns`, body);
    };
    // In turns, as the server's own work (snapshots, compaction) disturbs now one, now the other.
    const order = round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const);
    for (const which of order) {
      const ms = await timed(which === 'ours' ? ours : bare);
      if (round >= 0) times[which].push(ms / bodies);
    }
  }
  await sink.close();
  agent.destroy();
  await db.stop();
  const [ours, baseline] = [rate(times.ours), rate(times.bare)];
  const ratio = ours / baseline;
  const title = `InfluxDB sink from journal rows, ${name}`;
  return { id: 'P8', name: title, ours, baseline, unit: 'lines/s', ratio, goal: '≥ 0.7' };
}

const rate = (times: number[]) => Math.round((LINES * 1000) / lowerQuartile(times));

/** Not the median: other programs on the machine only ever add time. */
function lowerQuartile(times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[sorted.length >> 2] ?? Number.NaN;
}

/** Gauge values of 20 characteristics with counter and serial, 50 readings a transaction. */
function batchOf(round: number, lines: number): Rows {
  const journal = fakeJournal();
  const per = 50;
  for (let t = 0; t < lines / per; t += 1) {
    const receiveMs = T0 + round * 1_000_000 + t * 20;
    const deliveries = Array.from({ length: per }, (_, i) => {
      const part = (round * lines + t * per + i) % 1_000_000;
      const value = [Math.round(219_835 + 26 * Math.sin(part)) / 10_000];
      const context = `{"serial":"K-${part}"}`;
      return { value, tag: [i % SERIES], sequence: [part], receiveMs, context };
    });
    journal.commit({ deliveries });
  }
  return journal.decoded();
}

function bodiesOf(rows: Rows): Buffer[] {
  const out = lineBuffer();
  const bodies: Buffer[] = [];
  const take = () => {
    const lines = out.take();
    bodies.push(Buffer.from(lines.body(0, lines.count)));
  };
  for (const _ of rowLines(context, {}).lines(rows, out, () => out.count() >= LINES)) take();
  if (out.count() > 0) take();
  return bodies;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function post(agent: Agent, url: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const out = request(url, { method: 'POST', agent }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 204) resolve();
        else reject(new Error(`${answer.statusCode}`));
      });
    });
    out.on('error', reject);
    out.end(body);
  });
}
