import { parentPort, workerData } from 'node:worker_threads';
import { type Outcome, simulate } from './simulate.ts';

/** One story as a worker tells of it. */
export interface Story extends Outcome {
  seed: number;
}

const { seeds, hours } = workerData as { seeds: number[]; hours: number };
for (const seed of seeds) {
  const outcome = await simulate({ seed, hours });
  const story: Story = { ...outcome, seed };
  parentPort?.postMessage(story);
}
