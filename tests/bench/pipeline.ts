import type { ChildProcess } from 'node:child_process';
import { needs } from '../support/debian.ts';
import { type Influxd, influxd } from '../support/influxdb.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import {
  type AgentUnderTest,
  benchFolder,
  cpuSecondsOf,
  startAgentUnderTest,
  untilMetrics,
} from './agent-under-test.ts';
import { answer, forked, withCleanUp } from './child.ts';
import { characteristicsOf, type Load, sourceSettings } from './plant-load.ts';
import { median, type Row } from './row.ts';

const STATIONS = 20;
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const CASES = [
  {
    id: 'P2',
    per: 1,
    messages: 60_000,
    name: 'one reading a message',
    goal: '≥ 0.7 (stretch 1.2)',
  },
  {
    id: 'P3',
    per: 50,
    messages: 20_000,
    name: '50 readings a message',
    goal: '≥ 0.5 (stretch 0.7)',
  },
];
type Case = (typeof CASES)[number];

/** One round: readings a second and CPU µs a reading. */
interface Round {
  rate: number;
  cpu: number;
  /** readings a second until InfluxDB had everything as well */
  delivered: number;
}

/**
 * P2, P3, P4: the real agent between a real mosquitto and a real InfluxDB 1.x, QoS 1, against a bare
 * MQTT.js subscriber that only parses. Same broker, same publisher, turn by turn.
 */
export async function run(): Promise<Row[]> {
  if (!needs('mosquitto') || !needs('influxd')) return [];
  return withCleanUp(async (later) => {
    const broker = await startMosquitto({ maxInflight: 1000 });
    later(broker.close);
    const server = await influxd();
    later(server.stop);
    const publisher = await forked('load-publisher.ts', [String(broker.port)]);
    later(() => publisher.kill());
    const rows: Row[] = [];
    const chosen = (process.env['CASES'] ?? 'P2,P3').split(',');
    for (const one of CASES.filter((c) => chosen.includes(c.id))) {
      rows.push(...(await compare(one, broker, server, publisher)));
    }
    return rows;
  });
}

async function compare(
  one: Case,
  broker: Mosquitto,
  server: Influxd,
  publisher: ChildProcess,
): Promise<Row[]> {
  return withCleanUp(async (later) => {
    const folder = benchFolder();
    later(folder.remove);
    const prefix = `ours-${one.per}`;
    const agent = await startAgentUnderTest(folder.path, {
      plant: { name: 'Bench plant (made up)', site: 'bench' },
      console: { port: 0 },
      sources: { cells: sourceSettings(broker.url, prefix, one.per) },
      characteristics: characteristicsOf('cells', STATIONS),
      sinks: {
        influx: { kind: 'influxdb', url: server.url, database: 'meyar', flushEvery: '100ms' },
      },
    });
    later(agent.stop);
    const bare = await forked('bare-subscriber.ts', [broker.url, `bare-${one.per}/+/result`]);
    later(() => bare.kill());
    const ours: Round[] = [];
    const theirs: Round[] = [];
    let from = 1;
    await untilMetrics(agent, (m) => counter(m, 'subscribed') === 1);
    // The first round of each warms up and is not counted.
    for (let round = -1; round < ROUNDS; round += 1) {
      const load = { stations: STATIONS, messages: one.messages, per: one.per, from };
      const b = await bareRound(bare, publisher, { ...load, prefix: `bare-${one.per}` });
      const o = await ourRound(agent, publisher, { ...load, prefix });
      from += (one.messages / STATIONS) * one.per;
      if (process.env['VERBOSE']) console.error(one.id, round, 'bare', b, 'ours', o);
      if (round < 0) continue;
      theirs.push(b);
      ours.push(o);
    }
    check(await agent.metrics());
    return rowsOf(one, ours, theirs);
  });
}

/** Nothing may be missing or counted twice, or the rate means nothing. */
function check(figures: Map<string, number>): void {
  for (const name of ['meyar_duplicates_total', 'meyar_missed_parts_total']) {
    const count = figures.get(name) ?? Number.NaN;
    if (count !== 0) throw new Error(`${name} is ${count} after the bench`);
  }
}

const counter = (figures: Map<string, number>, name: string) =>
  figures.get(`meyar_source_counter{source="cells",name="${name}"}`);

async function ourRound(
  agent: AgentUnderTest,
  publisher: ChildProcess,
  load: Load,
): Promise<Round> {
  const readings = load.messages * load.per;
  const before = (await agent.metrics()).get('meyar_readings_total') ?? 0;
  await prepared(publisher, load);
  const cpuBefore = agent.cpuSeconds();
  const begun = performance.now();
  publisher.send('go');
  const taken = (m: Map<string, number>) => (m.get('meyar_readings_total') ?? 0) - before;
  await untilMetrics(agent, (m) => taken(m) >= 0.9 * readings, 100);
  await untilMetrics(agent, (m) => taken(m) >= readings, 10);
  const committed = performance.now() - begun;
  await untilMetrics(agent, (m) => m.get('meyar_sink_lag_transactions{sink="influx"}') === 0, 20);
  const delivered = performance.now() - begun;
  const cpu = agent.cpuSeconds() - cpuBefore;
  return {
    rate: (1000 * readings) / committed,
    cpu: (1e6 * cpu) / readings,
    delivered: (1000 * readings) / delivered,
  };
}

async function bareRound(bare: ChildProcess, publisher: ChildProcess, load: Load): Promise<Round> {
  const readings = load.messages * load.per;
  await prepared(publisher, load);
  const armed = answer(bare);
  bare.send(readings);
  await armed;
  const done = answer(bare);
  const cpuBefore = cpuSecondsOf(bare.pid ?? 0);
  const begun = performance.now();
  publisher.send('go');
  await done;
  const rate = (1000 * readings) / (performance.now() - begun);
  const cpu = (1e6 * (cpuSecondsOf(bare.pid ?? 0) - cpuBefore)) / readings;
  return { rate, cpu, delivered: rate };
}

async function prepared(publisher: ChildProcess, load: Load): Promise<void> {
  const ready = answer(publisher);
  publisher.send(load);
  await ready;
}

/** Rates: the median of the rounds, each with its neighbour, as the machine is not ours alone. */
function rowsOf(one: Case, ours: Round[], theirs: Round[]): Row[] {
  const row = (id: string, what: string, key: keyof Round, unit: string, goal: string): Row => {
    const ratios = ours.map((o, i) => o[key] / (theirs[i]?.[key] ?? Number.NaN));
    return {
      id,
      name: `whole durable pipeline, ${one.name}: ${what}`,
      ours: median(ours.map((o) => o[key])),
      baseline: median(theirs.map((t) => t[key])),
      unit,
      ratio: median(ratios),
      goal,
    };
  };
  return [
    row(one.id, 'committed', 'rate', 'readings/s', one.goal),
    row(one.id, 'in InfluxDB', 'delivered', 'readings/s', 'for comparison'),
    row(
      one.per === 1 ? 'P2' : 'P4',
      'CPU, all threads',
      'cpu',
      'µs/reading',
      one.per === 1 ? 'for comparison' : '≤ 7 µs (stretch 4 µs)',
    ),
  ];
}
