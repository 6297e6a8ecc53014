import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Scenario } from '../chaos/scenario.ts';
import type { Story } from './worker.ts';

/** Hours of one story: its last hour is calm, so longer ones are disturbed for more of their time. */
export const STORY_HOURS = 12;

/**
 * The whole agent on simulated time, network, disk, broker, InfluxDB and people: many short
 * stories, each known by its seed. A failure is repeated by `--only simulation --seed S --hours 12`.
 */
export function simulation(hours: number): Scenario {
  return {
    name: 'simulation',
    async run({ seed, say }) {
      const count = Math.max(1, Math.round(hours / STORY_HOURS));
      const seeds = Array.from({ length: count }, (_, i) => seed + i);
      const lanes = Math.min(count, 2, availableParallelism());
      const started = performance.now();
      const told = await Promise.all(
        Array.from({ length: lanes }, (_, lane) =>
          stories(seeds.filter((_seed, i) => i % lanes === lane)),
        ),
      );
      const all = told.flat();
      const minutes = (performance.now() - started) / 60_000;
      const sum = (of: (story: Story) => number) => all.reduce((n, story) => n + of(story), 0);
      const simulated = count * STORY_HOURS;
      say(`${simulated} hours in ${count} stories, ${Math.round(simulated / minutes)} per minute`);
      say(
        `${sum((s) => s.figures.parts)} parts, ${sum((s) => s.figures.lives)} lives of the agent, ` +
          `${sum((s) => s.figures.alerts)} alerts`,
      );
      if (sum((s) => s.figures.alerts) === 0) return ['no alert was raised: it would show nothing'];
      return all.flatMap((story) => story.problems.map((text) => `seed ${story.seed}: ${text}`));
    },
  };
}

function stories(seeds: number[]): Promise<Story[]> {
  return new Promise((resolve, reject) => {
    const told: Story[] = [];
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { seeds, hours: STORY_HOURS },
    });
    worker.on('message', (story: Story) => told.push(story));
    worker.on('error', reject);
    worker.on('exit', () => resolve(told));
  });
}
