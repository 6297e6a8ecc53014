import { expect, test } from 'vitest';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

const setUp = () => {
  const { app } = testConsole(fakeView(), {});
  const post = (what: string, payload: object) =>
    app.inject({ method: 'POST', url: `/api/alerts/42/${what}`, payload });
  return { app, post };
};
const said = { by: 'Sana', reason: 'gauge is being mended' };

test('an alert is put aside for some time, and taken back', async () => {
  const { app, post } = setUp();
  const answer = await post('shelve', { ...said, for: '30m' });
  expect(answer.statusCode).toBe(200);
  const { shelf } = answer.json();
  expect(shelf).toMatchObject({ ...said, endedAt: null, endedBy: null });
  expect(Date.parse(shelf.until) - Date.parse(shelf.from)).toBe(1_800_000);
  expect((await post('unshelve', { by: 'Omar' })).json().shelf.endedBy).toBe('Omar');
  expect((await post('unshelve', { by: 'Omar' })).statusCode).toBe(409);
  const history = (await app.inject('/api/alerts/42/history')).json();
  expect(history.map((one: { transition: string }) => one.transition)).toEqual([
    'raised',
    'shelved',
  ]);
  expect(history[1]).toMatchObject({ by: 'Sana', note: said.reason });
});

test('until a time of any zone', async () => {
  const { post } = setUp();
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const zoned = until.replace('Z', '+00:00');
  const answer = await post('shelve', { ...said, until: zoned });
  expect(answer.json().shelf.until).toBe(until);
});

test.each([
  [{ ...said }],
  [{ ...said, for: '30m', until: '2026-10-05T12:00:00Z' }],
  [{ ...said, for: 'soon' }],
  [{ by: 'Sana', reason: ' ', for: '30m' }],
  [{ reason: 'no name', for: '30m' }],
  [{ ...said, until: 'tomorrow' }],
])('%j is refused', async (payload) => {
  expect((await setUp().post('shelve', payload)).statusCode).toBe(400);
});

test('longer than the settings allow is a conflict, said in words', async () => {
  const answer = await setUp().post('shelve', { ...said, for: '9h' });
  expect(answer.statusCode).toBe(409);
  expect(answer.body).toContain('8 h');
});
