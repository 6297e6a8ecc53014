import { expect, it } from 'vitest';
import { createLiveState } from '../../agent/live.ts';

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
