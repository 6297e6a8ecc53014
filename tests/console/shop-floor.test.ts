import { describe, expect, test } from 'vitest';
import { FAKE_CONTEXT } from '../support/fake-floor.ts';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

const setUp = () => {
  const view = fakeView();
  const { app } = testConsole(view);
  return { view, get: async (url: string) => (await app.inject(url)).json() };
};

describe('what is typed in', () => {
  test('the form knows gauges and bounds, and what was entered comes first', async () => {
    const { view, get } = setUp();
    expect(await get('/api/manual')).toEqual([
      expect.objectContaining({ characteristic: 'keyway', gauges: ['caliper-7', 'plug-2'] }),
    ]);
    const entry = { characteristic: 'keyway', value: 4.97, operator: 'Sana', gauge: 'plug-2' };
    await view.enterReading({ ...entry, reason: '', timeMs: 0 }, {} as never);
    const rows = await get('/api/manual/entries?limit=2');
    expect(rows.map((row: { gauge: string }) => row.gauge)).toEqual(['plug-2', 'caliper-7']);
    expect(rows[0].at).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('what a point was made of', () => {
  const at = '2026-03-01T08:00:00.000Z';
  test('part, serial and tool, or why it is not known any more', async () => {
    const { view, get } = setUp();
    const path = `/api/characteristics/keyway/occasion?at=${at}&seq=`;
    expect(await get(`${path}7`)).toEqual({ context: FAKE_CONTEXT, reason: null });
    view.occasion = async () => null;
    const gone = await get(`${path}7`);
    expect(gone.context).toBeNull();
    expect(gone.reason).toContain('no longer');
    expect((await get(`${path}x`)).error).toBe('bad-request');
    expect((await get(`/api/characteristics/nothing/occasion?at=${at}&seq=7`)).message).toContain(
      'nothing',
    );
  });
});

describe('the store', () => {
  test('a backup is overdue after twice the time that the settings ask', async () => {
    const { view, get } = setUp();
    const now = view.plant().nowMs;
    const backup = async () => (await get('/api/storage')).backup;
    expect(await backup()).toMatchObject({ wanted: true, overdue: false });
    view.stored = { ...view.stored, backup: { timeMs: now - 49 * 3_600_000 } };
    expect(await backup()).toMatchObject({ wanted: true, overdue: true });
    view.stored = { ...view.stored, backup: null, backupEveryMs: null };
    expect(await backup()).toEqual({ wanted: false, lastAt: null, overdue: false });
  });
});

test('a chart that follows a line says where it goes', async () => {
  const { get } = setUp();
  const { outlook } = await get('/api/characteristics/length');
  expect(outlook).toMatchObject({ points: 56, side: 'upper', limit: 118.1 });
});
