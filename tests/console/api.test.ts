import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as s from '../../agent/console/schemas.ts';
import { fakeView } from '../support/fake-view.ts';
import { recordingLog, testConsole } from './console-app.ts';

const setUp = (log = recordingLog()) => {
  const view = fakeView();
  return { view, app: testConsole(view, { log }).app };
};

/** Every object must have exactly the documented keys: a forgotten key is a broken promise. */
function strictly(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodArray) return z.array(strictly(schema.element as z.ZodType));
  return schema instanceof z.ZodObject ? schema.strict() : schema;
}

describe('answers have the documented shape', () => {
  test.each([
    ['/api/plant', s.plant],
    ['/api/characteristics', z.array(s.characteristic)],
    ['/api/characteristics/od-turned', s.characteristic],
    ['/api/characteristics/od-turned/points?limit=50', z.array(s.point)],
    ['/api/characteristics/od-turned/signals', z.array(s.signal)],
    ['/api/characteristics/od-turned/limits', z.array(s.limits)],
    ['/api/characteristics/od-turned/readings?limit=20', z.array(s.reading)],
    ['/api/characteristics/od-turned/histogram', s.histogram],
    ['/api/alerts', z.array(s.alert)],
    ['/api/alerts/42/history', z.array(s.alertEvent)],
    ['/api/sources', z.array(s.source)],
    ['/api/sinks', z.array(s.sink)],
    ['/api/gaps', z.array(s.gap)],
  ])('GET %s', async (url, schema) => {
    const { app } = setUp();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const body = answer.json();
    expect(strictly(schema).safeParse(body).error).toBeUndefined();
    if (Array.isArray(body)) expect(body.length).toBeGreaterThan(0);
  });
});

describe('characteristics', () => {
  test('times are ISO text, and a missing index is null with its reason', async () => {
    const { app, view } = setUp();
    const list = (await app.inject('/api/characteristics')).json();
    const runout = list.find((one: { id: string }) => one.id === 'runout');
    expect(runout.capability.cp).toBeNull();
    expect(runout.capability.reason).toContain('two tolerance limits');
    const summary = view.characteristic('runout');
    expect(Date.parse(runout.lastReadingAt)).toBe(summary?.lastReadingAt);
  });

  test('points can be asked for by chart, number and index', async () => {
    const { app } = setUp();
    const url = '/api/characteristics/od-turned/points?chart=ewma&after=110&limit=4';
    const points = (await app.inject(url)).json();
    expect(points.map((p: { index: number }) => p.index)).toEqual([117, 118, 119, 120]);
    expect(points.every((p: { chart: string }) => p.chart === 'ewma')).toBe(true);
  });

  test('rule bits arrive as rule ids', async () => {
    const { app, view } = setUp();
    const url = '/api/characteristics/od-turned/points?chart=xbar-r&limit=1000';
    const points = (await app.inject(url)).json();
    const bits = await view.points('od-turned', { chart: 'xbar-r', limit: 1000 });
    const marked = bits.find((p) => p.rules === 0b111);
    expect(marked).toBeDefined();
    const shown = points.find((p: { index: number }) => p.index === marked?.index);
    expect(shown.rules).toEqual(['nelson-1', 'nelson-2', 'nelson-5']);
  });

  test('an unknown id is a 404 that says where the ids are', async () => {
    const { app } = setUp();
    for (const path of ['', '/points', '/signals', '/limits', '/readings', '/histogram']) {
      const answer = await app.inject(`/api/characteristics/nope${path}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ error: 'not-found', hint: /characteristics/ });
    }
  });

  test.each([
    'points?limit=0',
    'points?limit=10001',
    'points?limit=ten',
    'points?after=-1',
    'points?afterr=3',
    'signals?limit=5001',
    'readings?limit=1e9',
    'histogram?limit=100001',
  ])('query %s is refused with the name of the field', async (query) => {
    const { app } = setUp();
    const answer = await app.inject(`/api/characteristics/od-turned/${query}`);
    expect(answer.statusCode).toBe(400);
    const field = /\?(\w+)=/.exec(query)?.[1] ?? '';
    expect(answer.json()).toMatchObject({ error: 'bad-request' });
    expect(answer.json().message).toContain(field);
  });

  test('limits are approved by a named person, and only a version that exists', async () => {
    const { app } = setUp();
    const url = (version: number) => `/api/characteristics/hardness/limits/${version}/approve`;
    const done = await app.inject({ method: 'POST', url: url(1), payload: { by: ' Sana ' } });
    expect(done.statusCode).toBe(200);
    expect(done.json()).toMatchObject({ version: 1, approvedBy: 'Sana' });
    const unknown = await app.inject({ method: 'POST', url: url(9), payload: { by: 'Sana' } });
    expect(unknown.statusCode).toBe(409);
    const nameless = await app.inject({ method: 'POST', url: url(1), payload: { by: '  ' } });
    expect(nameless.statusCode).toBe(400);
    expect(nameless.json().message).toContain('a name is needed');
  });
});

describe('alerts', () => {
  test.each([
    ['open', [42, 41]],
    ['acknowledged', [40]],
    ['cleared', [39]],
    ['closed', [38]],
    ['active', [42, 41, 40, 39]],
  ])('state %s', async (state, ids) => {
    const { app } = setUp();
    const alerts = (await app.inject(`/api/alerts?state=${state}`)).json();
    expect(alerts.map((one: { id: number }) => one.id)).toEqual(ids);
  });

  test('an answer reaches the view whole and comes back in the alert', async () => {
    const { app, view } = setUp();
    const payload = { by: 'Sana', cause: 'Insert worn', action: 'Changed', comment: 'ok' };
    const url = '/api/alerts/42/acknowledge';
    const answer = await app.inject({ method: 'POST', url, payload });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Sana' });
    expect(view.answers).toEqual([{ id: 42, answer: payload }]);
    const again = await app.inject({ method: 'POST', url, payload });
    expect(again.statusCode).toBe(409);
    expect(again.json().message).toContain('answered already');
  });

  test.each([
    ['no cause', { by: 'Sana' }, 'cause'],
    ['no name', { cause: 'x', action: 'y' }, 'by'],
    ['an unknown field', { by: 'Sana', cause: 'x', state: 'closed' }, 'state'],
    ['a name with a line break', { by: 'Sa\nna', cause: 'x' }, 'control'],
    ['a text too long', { by: 'Sana', cause: 'x', comment: 'y'.repeat(2001) }, 'comment'],
  ])('%s is refused', async (_name, payload, word) => {
    const { app, view } = setUp();
    const answer = await app.inject({ method: 'POST', url: '/api/alerts/42/acknowledge', payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain(word);
    expect(view.answers).toEqual([]);
  });
});

describe('health', () => {
  test('livez always, readyz only when ready', async () => {
    const { app, view } = setUp();
    expect((await app.inject('/livez')).statusCode).toBe(200);
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    view.setReady(false);
    const notReady = await app.inject('/readyz');
    expect(notReady.statusCode).toBe(503);
    expect(notReady.json().checks[0]).toMatchObject({ name: 'store', ok: false });
    expect((await app.inject('/livez')).statusCode).toBe(200);
  });

  test('healthz says state and age of each source and sink', async () => {
    const { app } = setUp();
    const health = (await app.inject('/healthz')).json();
    expect(health.status).toBe('degraded');
    expect(health.sources[0]).toMatchObject({ name: 'cnc-1', state: 'degraded' });
    expect(health.sources[0].ageMs).toBeGreaterThanOrEqual(2000);
    expect(health.sinks[1]).toMatchObject({ name: 'hall', state: 'up', ageMs: null });
  });

  test('metrics are Prometheus text with escaped labels', async () => {
    const { app } = setUp();
    const answer = await app.inject('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = answer.body.split('\n');
    expect(lines).toContain('# TYPE meyar_readings_total counter');
    expect(lines).toContain('meyar_readings_total{source="cnc-1",note="a \\"b\\" \\\\ c\\nd"} 600');
    expect(lines).toContain('meyar_console_clients 0');
    expect(answer.body.endsWith('\n')).toBe(true);
  });
});

test('a fault inside is logged, and the answer says nothing of it', async () => {
  const log = recordingLog();
  const view = fakeView();
  view.points = () => Promise.reject(new TypeError('secret table name'));
  const { app } = testConsole(view, { log });
  const answer = await app.inject('/api/characteristics/od-turned/points');
  expect(answer.statusCode).toBe(500);
  expect(Object.keys(answer.json())).toEqual(['error', 'message', 'hint']);
  expect(answer.body).not.toContain('secret');
  expect(log.entries).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'console-request-failed' }),
  );
});
