import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { needs } from '../support/debian.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { benchFolder, said, startAgentUnderTest, untilMetrics } from './agent-under-test.ts';
import { answer, forked, withCleanUp } from './child.ts';
import { characteristicsOf, sourceSettings } from './plant-load.ts';
import { median, type Row } from './row.ts';

const STATIONS = 200;
const READINGS = 1_000_000;
const PER = 50;
const ROUNDS = 7;

/**
 * P11: from the start of the process until its page is up and its sources are running, with 200
 * characteristics and a million readings in the store; against loading the libraries.
 */
export async function run(): Promise<Row[]> {
  if (!needs('mosquitto')) return [];
  return withCleanUp(async (later) => {
    const broker = await startMosquitto({ maxInflight: 1000 });
    later(broker.close);
    const folder = benchFolder();
    later(folder.remove);
    const settings = {
      plant: { name: 'Bench plant (made up)', site: 'bench' },
      console: { port: 0 },
      sources: { cells: sourceSettings(broker.url, 'start', PER) },
      characteristics: characteristicsOf('cells', STATIONS),
    };
    await fill(folder.path, settings, broker.port);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const libraries = await librariesMs();
      const agent = await startAgentUnderTest(folder.path, settings);
      await agent.stop();
      if (round < 0) continue;
      theirs.push(libraries);
      ours.push(agent.startMs);
    }
    const [mine, baseline] = [median(ours), median(theirs)];
    const name = 'start to ready, 200 characteristics, 1 M readings; against loading the libraries';
    const goal = '≤ 3 (stretch 2)';
    return [{ id: 'P11', name, ours: mine, baseline, unit: 'ms', ratio: mine / baseline, goal }];
  });
}

async function fill(path: string, settings: Record<string, unknown>, port: number): Promise<void> {
  const agent = await startAgentUnderTest(path, settings);
  const publisher = await forked('load-publisher.ts', [String(port)]);
  try {
    await untilMetrics(
      agent,
      (m) => m.get('meyar_source_counter{source="cells",name="subscribed"}') === 1,
    );
    const ready = answer(publisher);
    const messages = READINGS / PER;
    publisher.send({ prefix: 'start', stations: STATIONS, messages, per: PER, from: 1 });
    await ready;
    publisher.send('go');
    await untilMetrics(agent, (m) => (m.get('meyar_readings_total') ?? 0) >= READINGS);
  } finally {
    publisher.kill();
    await agent.stop();
  }
}

async function librariesMs(): Promise<number> {
  const file = fileURLToPath(new URL('./libraries-only.ts', import.meta.url));
  const begun = performance.now();
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await said(child, /loaded (\S+)/);
  const ms = performance.now() - begun;
  child.kill();
  return ms;
}
