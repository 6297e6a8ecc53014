import { loadavg } from 'node:os';
import { connectAsync } from 'mqtt';
import { sleep } from '../../agent/runtime/retry.ts';
import { benchFolder, startAgentUnderTest, untilMetrics } from '../bench/agent-under-test.ts';
import { startPaced } from '../bench/paced-load.ts';
import { characteristicsOf, sourceSettings } from '../bench/plant-load.ts';
import { quantile } from '../bench/row.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import type { Scenario } from './scenario.ts';

const STATIONS = 20;
const PHASES = [
  { name: 'calm', perSecond: 50, badEvery: 49, seconds: 20, mostMs: 250 },
  { name: 'burst', perSecond: 5000, badEvery: 499, seconds: 60, mostMs: 1000 },
  { name: 'calm-again', perSecond: 50, badEvery: 49, seconds: 20, mostMs: 250 },
];
const SHORT = 0.2;
const LAST_ANSWERS_MS = 3000;

/**
 * A hundred times the usual load for a minute: nothing is lost, and an alert still comes in time. Times
 * run from the publish of the result to the receipt of its alert over the same broker.
 */
export const burst: Scenario = {
  name: 'burst',
  async run(o) {
    const broker = await startMosquitto({ maxInflight: 1000 });
    const folder = benchFolder();
    const prefixes = PHASES.map((p) => p.name);
    const named = prefixes.map((p) => [p, sourceSettings(broker.url, p, 1)] as const);
    const rows = prefixes.flatMap((p) =>
      Object.entries(characteristicsOf(p, STATIONS)).map(([id, row]) => [`${p}-${id}`, row]),
    );
    const agent = await startAgentUnderTest(folder.path, {
      plant: { name: 'Burst plant (made up)', site: 'burst' },
      console: { port: 0 },
      sources: Object.fromEntries(named),
      characteristics: Object.fromEntries(rows),
      alerts: {
        // Every part outside is an alert of its own, not the first one come back.
        returnsWithin: '1ms',
        channels: { hall: { kind: 'mqtt', url: broker.url, topic: 'burst/alerts' } },
      },
    });
    const problems: string[] = [];
    let sent = 0;
    try {
      const up = (p: string) => `meyar_source_counter{source="${p}",name="subscribed"}`;
      await untilMetrics(agent, (m) => prefixes.every((p) => m.get(up(p)) === 1));
      for (const phase of PHASES) {
        const scale = o.short ? SHORT : 1;
        const [cpu, begun] = [agent.cpuSeconds(), performance.now()];
        const answer = await times(broker.url, phase, phase.seconds * scale * 1000);
        sent += answer.sent;
        const busy = (1e5 * (agent.cpuSeconds() - cpu)) / (performance.now() - begun);
        const figures = await agent.metrics();
        const commit = figures.get('meyar_store{name="p99CommitMs"}') ?? Number.NaN;
        const load = loadavg()[0] ?? Number.NaN;
        o.say(
          `agent ${busy.toFixed(0)} % of a processor, commit p99 ${commit.toFixed(1)} ms, ` +
            `load of the machine ${load.toFixed(1)}`,
        );
        const p99 = quantile(answer.ms, 0.99);
        const line = `${phase.name}: ${answer.sent} results, ${answer.ms.length} alerts`;
        o.say(`${line}, p50 ${quantile(answer.ms, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
        if (answer.missing > 0)
          problems.push(`${answer.missing} alerts of ${phase.name} are missing`);
        // The short form is for machines with other things to do: times are judged by the whole one.
        if (!o.short && p99 > phase.mostMs)
          problems.push(`${phase.name}: p99 ${p99.toFixed(0)} ms`);
      }
      const taken = (m: Map<string, number>) => m.get('meyar_readings_total') ?? 0;
      const end = await untilMetrics(agent, (m) => taken(m) >= sent).catch(() => agent.metrics());
      o.say(`${sent} sent, ${taken(end)} recorded`);
      if (taken(end) !== sent) problems.push(`${sent} sent, ${taken(end)} recorded`);
    } finally {
      await agent.stop();
      await broker.close();
      folder.remove();
    }
    return problems;
  },
};

async function times(url: string, phase: (typeof PHASES)[number], forMs: number) {
  const { name, perSecond, badEvery } = phase;
  const published = new Map<string, number>();
  const ms: number[] = [];
  const client = await connectAsync(url, { protocolVersion: 5 });
  client.on('message', (_topic, bytes) => {
    const { event } = JSON.parse(bytes.toString());
    const { kind, subject, context } = event.alert;
    if (event.transition !== 'raised' || kind !== 'out-of-tolerance') return;
    const part = `${subject.replace(`${name}-`, '')}/${context.serial ?? ''}`;
    const at = published.get(part);
    if (at !== undefined) ms.push(performance.now() - at);
    published.delete(part);
  });
  await client.subscribeAsync('burst/alerts', { qos: 1 });
  const load = { prefix: name, stations: STATIONS, from: 1 };
  const paced = await startPaced(url, load, perSecond, badEvery, (part, at) => {
    published.set(part, at);
  });
  await sleep(forMs);
  const sent = paced.sent();
  await paced.stop();
  for (let ms = 0; ms < LAST_ANSWERS_MS && published.size > 0; ms += 50) await sleep(50);
  await client.endAsync();
  return { sent: Math.max(sent, paced.sent()), ms, missing: published.size };
}
