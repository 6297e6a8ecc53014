import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Console } from '../../agent/console/console.ts';
import * as s from '../../agent/console/schemas.ts';
import { type FakeView, fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

const consoles: Console[] = [];
afterEach(async () => {
  await Promise.all(consoles.splice(0).map((one) => one.close()));
});

async function listening(live: Parameters<typeof testConsole>[1] = {}) {
  const view = fakeView();
  const app = testConsole(view, live);
  consoles.push(app);
  return { view, app, url: new URL('/api/live', await app.listen()) };
}

interface Event {
  id: string;
  name: string;
  data: unknown;
}

/** Reads events one by one from a real connection. */
async function follow(url: URL) {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  if (response.body === null) throw new Error('no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const comments: string[] = [];
  const next = async (): Promise<Event> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) throw new Error('stream ended');
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      comments.push(...lines.filter((line) => line.startsWith(':')));
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      if (field('data') === '') continue;
      return { id: field('id'), name: field('event'), data: JSON.parse(field('data')) };
    }
  };
  return { response, next, comments, end: () => abort.abort() };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const ids = (event: Event) =>
  (event.data as { characteristics: { id: string }[] }).characteristics.map((one) => one.id);

async function ready(view: FakeView, url: URL) {
  const stream = await follow(url);
  const snapshot = await stream.next();
  await until(() => view.listeners() === 1);
  return { stream, snapshot };
}

describe('the live stream', () => {
  test('starts with a snapshot of everything that is shown', async () => {
    const { view, url } = await listening();
    const { stream, snapshot } = await ready(view, url);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.response.headers.get('content-security-policy')).toContain("'self'");
    expect(snapshot.name).toBe('snapshot');
    const parsed = s.snapshot.parse(snapshot.data);
    expect(parsed.characteristics).toHaveLength(10);
    expect(parsed.alerts.map((alert) => alert.id)).toEqual([42, 41, 40, 39]);
    stream.end();
  });

  test('then says what changed, with rising ids', async () => {
    const { view, url } = await listening();
    const { stream, snapshot } = await ready(view, url);
    view.step('od-turned');
    const event = await stream.next();
    expect(event.name).toBe('change');
    const change = s.change.parse(event.data);
    expect(change.characteristics.map((one) => one.id)).toEqual(['od-turned']);
    expect(change.characteristics[0]?.lastPointIndex).toBe(121);
    expect(Number(event.id)).toBeGreaterThan(Number(snapshot.id));
    stream.end();
  });

  test('a burst becomes one event with the newest state of each', async () => {
    const { view, url } = await listening();
    const { stream } = await ready(view, url);
    view.step('length');
    expect(ids(await stream.next())).toEqual(['length']);
    for (let i = 0; i < 50; i += 1) view.step(i % 2 === 0 ? 'od-turned' : 'bore');
    view.tell({ sources: true });
    const event = await stream.next();
    expect(ids(event).sort()).toEqual(['bore', 'od-turned']);
    expect(s.change.parse(event.data)).toMatchObject({ sources: true });
    const od = s.change.parse(event.data).characteristics.find((one) => one.id === 'od-turned');
    expect(od?.lastPointIndex).toBe(145);
    stream.end();
  });

  test('a change while the snapshot is read comes after it', async () => {
    const view = fakeView();
    const alerts = view.alerts;
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    view.alerts = async (query) => {
      await gate;
      return alerts(query);
    };
    const app = testConsole(view);
    consoles.push(app);
    const following = follow(new URL('/api/live', await app.listen()));
    await until(() => view.listeners() === 1);
    view.step('od-turned');
    release();
    const stream = await following;
    expect((await stream.next()).name).toBe('snapshot');
    expect(ids(await stream.next())).toEqual(['od-turned']);
    stream.end();
  });

  test('beats while nothing happens', async () => {
    const { view, url } = await listening({ live: { heartbeatMs: 20 } });
    const { stream } = await ready(view, url);
    expect((await stream.next()).name).toBe('tick');
    expect(stream.comments).toContain(': heartbeat');
    stream.end();
  });

  test('costs nothing when the last page is gone', async () => {
    const { view, url } = await listening();
    const { stream } = await ready(view, url);
    stream.end();
    await until(() => view.listeners() === 0);
    expect((await ready(view, url)).snapshot.name).toBe('snapshot');
  });

  test('takes no more pages than allowed, and one again when one leaves', async () => {
    const { view, url } = await listening({ live: { maxClients: 1 } });
    const { stream } = await ready(view, url);
    const refused = await fetch(url);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({ error: 'too-many-clients' });
    stream.end();
    await until(() => view.listeners() === 0);
    const { stream: second } = await ready(view, url);
    second.end();
  });

  test('drops a client that does not read, and counts it', async () => {
    const { view, app, url } = await listening({ live: { maxBufferedBytes: 64 * 1024 } });
    const socket = connect(Number(url.port), url.hostname);
    socket.write('GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.pause();
    const closed = new Promise<void>((resolve) => {
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
    });
    await until(() => view.listeners() === 1);
    const big = view.characteristics().map((one) => ({ ...one, reactionPlan: 'x'.repeat(2e6) }));
    const feed = setInterval(() => view.tell({ characteristics: big }), 10);
    await until(() => view.listeners() === 0);
    clearInterval(feed);
    socket.resume();
    await closed;
    const metrics = (await app.app.inject('/metrics')).body;
    expect(metrics).toContain('meyar_console_clients_dropped_total 1');
  });

  test('ends when the console closes', async () => {
    const { view, app, url } = await listening();
    const { stream } = await ready(view, url);
    await app.close();
    await expect(stream.next()).rejects.toThrow();
    expect(view.listeners()).toBe(0);
  });
});
