import { expect } from 'vitest';
import { eventually } from './agent-rig.ts';

/** The page's own question: the chart of the characteristic has points, and more of them come. */
export async function seeChart(url: string, id: string): Promise<void> {
  const ask = async () => {
    const answer = await fetch(`${url}/api/characteristics`);
    const list = (await answer.json()) as {
      id: string;
      lastPointIndex: number;
      charts: string[];
    }[];
    return list.find((c) => c.id === id);
  };
  await eventually(async () => ((await ask())?.lastPointIndex ?? -1) >= 1, 'points of the chart');
  const before = (await ask())?.lastPointIndex ?? 0;
  await eventually(async () => ((await ask())?.lastPointIndex ?? 0) > before, 'the next point');
  expect((await ask())?.charts).toEqual(['xbar-r']);
}
