import { connect, type Socket } from 'node:net';
import { sleep } from '../../agent/runtime/retry.ts';
import { needs } from '../support/debian.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import {
  type AgentUnderTest,
  benchFolder,
  startAgentUnderTest,
  untilMetrics,
} from './agent-under-test.ts';
import { withCleanUp } from './child.ts';
import { startPaced } from './paced-load.ts';
import { characteristicsOf, sourceSettings } from './plant-load.ts';
import { median, type Row } from './row.ts';

const STATIONS = 200;
const PER_SECOND = 1000;
const PAGES = 200;
const SPAN_MS = 15_000;
const SETTLE_MS = 10_000;

/**
 * F25: what 200 pages that ask for the live stream and read nothing cost the agent, against the same
 * agent without them, while one page reads.
 */
export async function run(): Promise<Row[]> {
  if (!needs('mosquitto')) return [];
  return withCleanUp(async (later) => {
    const broker = await startMosquitto();
    later(broker.close);
    const folder = benchFolder();
    later(folder.remove);
    const agent = await startAgentUnderTest(folder.path, {
      plant: { name: 'Bench plant (made up)', site: 'bench' },
      console: { port: 0 },
      sources: { cells: sourceSettings(broker.url, 'stalled', 1) },
      characteristics: characteristicsOf('cells', STATIONS),
    });
    later(agent.stop);
    await untilMetrics(
      agent,
      (m) => m.get('meyar_source_counter{source="cells",name="subscribed"}') === 1,
    );
    const load = { prefix: 'stalled', stations: STATIONS, from: 1 };
    const paced = await startPaced(broker.url, load, PER_SECOND, 0, () => {});
    const reading = page(agent).resume();
    await sleep(SETTLE_MS);
    const without = await measured(agent);
    const stalled = Array.from({ length: PAGES }, () => page(agent).pause());
    await sleep(SETTLE_MS);
    const withThem = await measured(agent);
    for (const socket of [reading, ...stalled]) socket.destroy();
    await paced.stop();
    return rowsOf(without, withThem);
  });
}

function page(agent: AgentUnderTest): Socket {
  const { hostname, port } = new URL(agent.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`GET /api/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  return socket;
}

interface Cost {
  cpuPercent: number;
  megabytes: number;
  perSecond: number;
}

async function measured(agent: AgentUnderTest): Promise<Cost> {
  const count = async () => (await agent.metrics()).get('meyar_readings_total') ?? 0;
  const [cpu, readings, begun] = [agent.cpuSeconds(), await count(), performance.now()];
  const rss: number[] = [];
  while (performance.now() - begun < SPAN_MS) {
    await sleep(SPAN_MS / 30);
    rss.push(agent.rssMegabytes());
  }
  const seconds = (performance.now() - begun) / 1000;
  return {
    cpuPercent: (100 * (agent.cpuSeconds() - cpu)) / seconds,
    megabytes: median(rss),
    perSecond: ((await count()) - readings) / seconds,
  };
}

function rowsOf(without: Cost, withThem: Cost): Row[] {
  const row = (name: string, key: keyof Cost, unit: string, goal: string): Row => ({
    id: 'F25',
    name: `${name} with 200 pages that do not read; against none`,
    ours: withThem[key],
    baseline: without[key],
    unit,
    ratio: withThem[key] / without[key],
    goal,
  });
  return [
    row('readings taken in', 'perSecond', 'readings/s', '≥ 0.95'),
    row('resident memory', 'megabytes', 'MB', 'for comparison: 20 MB more at most'),
    row('CPU', 'cpuPercent', '% of a core', 'for comparison'),
  ];
}
