import { connectAsync } from 'mqtt';
import { sleep } from '../../agent/runtime/retry.ts';
import { needs } from '../support/debian.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { benchFolder, startAgentUnderTest, untilMetrics } from './agent-under-test.ts';
import { forked, withCleanUp } from './child.ts';
import { partName, startPaced } from './paced-load.ts';
import { CENTER, characteristicsOf, SIGMA, sourceSettings } from './plant-load.ts';
import { quantile, type Row } from './row.ts';

const STATIONS = 20;
const PER_SECOND = 1000;
/** Shares no factor with the stations, so that each has its turn and recovers in between. */
const BAD_EVERY = 61;
const TURN_MS = 8000;
const TURNS = 3;
const LAST_ANSWERS_MS = 500;

/** One way from a published result to the answer to it, in ms. */
interface Way {
  prefix: string;
  answers: string;
  /** the part an answer speaks of, '' when it does not speak of one */
  partOf(message: unknown): string;
  ms: number[];
}

/**
 * P10: a result out of tolerance is published, its alert is received, at 1 000 results a second;
 * against a bare MQTT.js that echoes, plus commits as slow as those of the same run, turn by turn.
 */
export async function run(): Promise<Row[]> {
  if (!needs('mosquitto')) return [];
  return withCleanUp(async (later) => {
    const broker = await startMosquitto({ maxInflight: 1000 });
    later(broker.close);
    const folder = benchFolder();
    later(folder.remove);
    const echo: Way = { prefix: 'echo', answers: 'bench/echo', partOf: echoedPart, ms: [] };
    const ours: Way = { prefix: 'ours', answers: 'bench/alerts', partOf: alertedPart, ms: [] };
    const limit = String(CENTER + 6 * SIGMA);
    const bare = await forked('bare-echo.ts', [broker.url, 'echo/+/result', echo.answers, limit]);
    later(() => bare.kill());
    const agent = await startAgentUnderTest(folder.path, {
      plant: { name: 'Bench plant (made up)', site: 'bench' },
      console: { port: 0 },
      sources: { cells: sourceSettings(broker.url, ours.prefix, 1) },
      characteristics: characteristicsOf('cells', STATIONS),
      alerts: {
        // Every part outside is an alert of its own, not the first one come back.
        returnsWithin: '1ms',
        channels: { hall: { kind: 'mqtt', url: broker.url, topic: ours.answers } },
      },
    });
    later(agent.stop);
    await untilMetrics(
      agent,
      (m) => m.get('meyar_source_counter{source="cells",name="subscribed"}') === 1,
    );
    for (let turn = -1; turn < TURNS; turn += 1) {
      for (const way of [echo, ours]) {
        const ms = await answerTimes(broker.url, way, 1 + (turn + 1) * PER_SECOND * 60);
        if (turn >= 0) way.ms.push(...ms);
      }
    }
    const figures = await agent.metrics();
    const commit = (share: string) =>
      figures.get(`meyar_store{name="${share}CommitMs"}`) ?? Number.NaN;
    return rowsOf(echo.ms, ours.ms, commit('p50'), commit('p99'));
  });
}

function rowsOf(echo: number[], ours: number[], p50: number, p99: number): Row[] {
  const row = (name: string, share: number, allowance: number, goal: string): Row => {
    const [mine, baseline] = [quantile(ours, share), quantile(echo, share) + allowance];
    return { id: 'P10', name, ours: mine, baseline, unit: 'ms', ratio: mine / baseline, goal };
  };
  return [
    row('reading to alert, p99; against echo p99 + 2 × commit p99', 0.99, 2 * p99, '≤ 1'),
    row('reading to alert, p50; against echo p50 + commit p50', 0.5, p50, 'stretch ≤ 1'),
  ];
}

/** Times from publish to answer of one turn; an answer that never comes is an error. */
async function answerTimes(url: string, way: Way, from: number): Promise<number[]> {
  const published = new Map<string, number>();
  const ms: number[] = [];
  const client = await connectAsync(url, { protocolVersion: 5 });
  client.on('message', (_topic, bytes) => {
    const now = performance.now();
    const part = way.partOf(JSON.parse(bytes.toString()));
    const atMs = published.get(part);
    if (atMs === undefined) return;
    published.delete(part);
    ms.push(now - atMs);
  });
  await client.subscribeAsync(way.answers, { qos: 1 });
  const load = { prefix: way.prefix, stations: STATIONS, from };
  const paced = await startPaced(url, load, PER_SECOND, BAD_EVERY, (part, atMs) => {
    published.set(part, atMs);
  });
  await sleep(TURN_MS);
  await paced.stop();
  await sleep(LAST_ANSWERS_MS);
  await client.endAsync();
  if (published.size > 0) throw new Error(`${published.size} answers of ${way.prefix} are missing`);
  return ms;
}

function echoedPart(message: unknown): string {
  const { station, serial } = message as { station: number; serial: string };
  return partName(station, serial);
}

function alertedPart(message: unknown): string {
  const { event } = message as { event: { transition: string; alert: AlertLike } };
  const { kind, subject, context } = event.alert;
  if (event.transition !== 'raised' || kind !== 'out-of-tolerance') return '';
  return `${subject}/${context['serial'] ?? ''}`;
}

interface AlertLike {
  kind: string;
  subject: string;
  context: Record<string, string>;
}
