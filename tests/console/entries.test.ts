import { describe, expect, test } from 'vitest';
import { fakeView } from '../support/fake-view.ts';
import { recordingLog, testConsole } from './console-app.ts';

const setUp = () => {
  const view = fakeView();
  const { app } = testConsole(view, { log: recordingLog() });
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
  return { view, app, post };
};
const entry = { characteristic: 'od-turned', value: '21,98', operator: 'A. Khan', gauge: 'mic 3' };

describe('values off a gauge', () => {
  test('are taken with 201, decimal comma and all', async () => {
    const { view, post } = setUp();
    const at = '2026-03-01T08:00:00.000Z';
    const answer = await post('/api/readings', { ...entry, time: at });
    expect([answer.statusCode, answer.json()]).toEqual([
      201,
      { characteristic: 'od-turned', value: 21.98, at },
    ]);
    expect(view.entered).toEqual([{ ...entry, value: 21.98, reason: '', timeMs: Date.parse(at) }]);
  });

  test.each([
    ['no number', { value: '21,98,1' }, 400],
    ['an empty value', { value: '' }, 400],
    ['no gauge', { gauge: ' ' }, 400],
    ['no operator', { operator: '' }, 400],
    ['a time that is none', { time: 'yesterday' }, 400],
    ['a key too many', { valeu: 1 }, 400],
    ['an unknown characteristic', { characteristic: 'nothing' }, 404],
    ['what the source refuses', { value: 2198 }, 409],
  ])('are refused: %s', async (_name, over, status) => {
    const { view, post } = setUp();
    const answer = await post('/api/readings', { ...entry, ...over });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().message).not.toBe('');
    expect(view.entered).toEqual([]);
  });
});

describe('what happened', () => {
  test('is told and listed, newest first', async () => {
    const { app, post } = setUp();
    const told = { kind: 'tool-change', text: 'insert 8', by: 'A. Khan', machine: 'cnc-1' };
    expect((await post('/api/events', { ...told, text: 'insert 7' })).statusCode).toBe(201);
    expect((await post('/api/events', told)).statusCode).toBe(201);
    const list = (await app.inject('/api/events?limit=1')).json();
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({ ...told, characteristic: null, source: 'person' });
  });

  test.each([
    ['an unknown kind', { kind: 'weather' }, 400],
    ['no words', { text: '' }, 400],
    ['an unknown characteristic', { characteristic: 'nothing' }, 404],
  ])('is refused: %s', async (_name, over, status) => {
    const { post } = setUp();
    const told = { kind: 'lot', text: 'L-7', by: 'A. Khan', ...over };
    expect((await post('/api/events', told)).statusCode).toBe(status);
  });
});
