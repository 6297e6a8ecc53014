import { expect, it } from 'vitest';
import type { LiveChange } from '../../agent/console/view.ts';
import { createLiveState } from '../../agent/live.ts';
import type { AlertEvent } from '../../agent/model.ts';

it('says when the first page comes and when the last one goes, and nothing in between', () => {
  const said: boolean[] = [];
  const live = createLiveState([], Date.now, (watched) => said.push(watched));
  const first = live.subscribe(() => {});
  const second = live.subscribe(() => {});
  expect(said).toEqual([true]);
  first();
  first();
  expect(said).toEqual([true]);
  second();
  expect(said).toEqual([true, false]);
  live.subscribe(() => {});
  expect(said).toEqual([true, false, true]);
  live.stop();
});

it('tells the first page nothing of alerts that came while nobody looked', async () => {
  const live = createLiveState([], Date.now, () => {});
  const raise = (id: number) => live.take([], [{ alert: { id } } as AlertEvent]);
  for (let id = 1; id <= 100; id += 1) raise(id);
  live.sourcesChanged();
  const change = new Promise<LiveChange>((resolve) => live.subscribe(resolve));
  raise(101);
  expect(await change).toMatchObject({ alerts: [{ id: 101 }], sources: false });
  live.stop();
});
