import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sleep } from '../../agent/runtime/retry.ts';
import { needs } from '../support/debian.ts';
import { influxd } from '../support/influxdb.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import {
  benchFolder,
  rssMegabytesOf,
  said,
  startAgentUnderTest,
  untilMetrics,
} from './agent-under-test.ts';
import { withCleanUp } from './child.ts';
import { startPaced } from './paced-load.ts';
import { characteristicsOf, sourceSettings } from './plant-load.ts';
import { quantile, type Row } from './row.ts';

const STATIONS = 200;
const PER_SECOND = 1000;
const SAMPLE_MS = 500;
const MINUTE_MS = 60_000;

/**
 * P12: memory of the whole agent with an InfluxDB sink at 200 characteristics and 1 000 readings a
 * second, against a process that only loads the libraries. A minute, or as many as MINUTES says.
 */
export async function run(): Promise<Row[]> {
  if (!needs('mosquitto') || !needs('influxd')) return [];
  return withCleanUp(async (later) => {
    const minutes = Number(process.env['MINUTES'] || 1);
    const broker = await startMosquitto();
    later(broker.close);
    const server = await influxd();
    later(server.stop);
    const folder = benchFolder();
    later(folder.remove);
    const agent = await startAgentUnderTest(folder.path, {
      plant: { name: 'Bench plant (made up)', site: 'bench' },
      console: { port: 0 },
      sources: { cells: sourceSettings(broker.url, 'memory', 1) },
      characteristics: characteristicsOf('cells', STATIONS),
      sinks: { influx: { kind: 'influxdb', url: server.url, database: 'meyar' } },
    });
    later(agent.stop);
    await untilMetrics(
      agent,
      (m) => m.get('meyar_source_counter{source="cells",name="subscribed"}') === 1,
    );
    const load = { prefix: 'memory', stations: STATIONS, from: 1 };
    const paced = await startPaced(broker.url, load, PER_SECOND, 0, () => {});
    const cpuBefore = agent.cpuSeconds();
    const samples = await sampled(minutes * MINUTE_MS, agent.rssMegabytes);
    const cpu = (agent.cpuSeconds() - cpuBefore) / (minutes * MINUTE_MS);
    await paced.stop();
    const last = samples.slice(samples.length / 2);
    const libraries = await librariesMegabytes();
    return rowsOf(last, libraries, 1e5 * cpu, sayMinutes(minutes));
  });
}

function sayMinutes(minutes: number): string {
  if (minutes === 60) return 'an hour';
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function rowsOf(last: number[], libraries: number, cpu: number, span: string): Row[] {
  const ours = quantile(last, 1);
  const slope = slopeOf(last) * (MINUTE_MS / SAMPLE_MS);
  const about = `200 characteristics, 1 000 readings/s, ${span}`;
  return [
    {
      id: 'P12',
      name: `most resident memory, ${about}; against loading the libraries`,
      ours,
      baseline: libraries,
      unit: 'MB',
      ratio: ours / libraries,
      goal: '≤ 150 MB (stretch 110 MB)',
    },
    {
      id: 'P12',
      name: `growth in the second half, ${about}; against the memory in use`,
      ours: slope,
      baseline: ours,
      unit: 'MB/min',
      ratio: slope / ours,
      goal: 'for comparison: flat over an hour (--long, --minutes N)',
    },
    {
      id: 'P12',
      name: `CPU, ${about}; against one core`,
      ours: cpu,
      baseline: 100,
      unit: '%',
      ratio: cpu / 100,
      goal: 'for comparison',
    },
  ];
}

async function sampled(spanMs: number, figure: () => number): Promise<number[]> {
  const samples: number[] = [];
  const begun = performance.now();
  while (performance.now() - begun < spanMs) {
    await sleep(SAMPLE_MS);
    samples.push(figure());
  }
  return samples;
}

/** Least-squares slope per sample. */
function slopeOf(y: readonly number[]): number {
  const middle = (y.length - 1) / 2;
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  const products = y.reduce((sum, v, i) => sum + (i - middle) * (v - mean), 0);
  const squares = y.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return products / squares;
}

async function librariesMegabytes(): Promise<number> {
  const file = fileURLToPath(new URL('./libraries-only.ts', import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await said(child, /loaded (\S+)/);
  const megabytes = rssMegabytesOf(child.pid ?? 0);
  child.kill();
  return megabytes;
}
