import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Console } from '../../agent/console/console.ts';
import { createLive } from '../../agent/console/live.ts';
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

  /** A page on a real connection that asks for the stream and then reads nothing. */
  function stalled(url: URL) {
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {});
    socket.write('GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.pause();
    return { socket, closed: new Promise<void>((resolve) => socket.on('close', () => resolve())) };
  }

  /** Changes that fill the buffers of the system soon. */
  function flood(view: FakeView, everyMs: number) {
    const big = view.characteristics().map((one) => ({ ...one, reactionPlan: 'x'.repeat(2e5) }));
    const feed = setInterval(() => view.tell({ characteristics: big }), everyMs);
    return () => clearInterval(feed);
  }

  const figure = async (app: Console, name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await app.app.inject('/metrics')).body)?.[1]);

  test('drops a client that does not read, and counts it', async () => {
    const { view, app, url } = await listening({ live: { heartbeatMs: 50 } });
    const { socket, closed } = stalled(url);
    await until(() => view.listeners() === 1);
    const calm = flood(view, 10);
    await until(() => view.listeners() === 0);
    calm();
    socket.resume();
    await closed;
    expect(await figure(app, 'meyar_console_clients_dropped_total')).toBe(1);
  });

  test('a client that reads on after a while gets a new snapshot, not all it missed', async () => {
    const { view, app, url } = await listening();
    const { socket } = stalled(url);
    await until(() => view.listeners() === 1);
    const calm = flood(view, 10);
    while ((await figure(app, 'meyar_console_changes_collapsed_total')) < 3) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    calm();
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    socket.resume();
    await until(() => text.split('event: snapshot').length === 3);
    expect(await figure(app, 'meyar_console_clients_dropped_total')).toBe(0);
    socket.destroy();
  });

  test('two hundred stalled pages hold no more than their bound, and the others go on', async () => {
    const { view, app, url } = await listening({ live: { maxClients: 201 } });
    const { stream } = await ready(view, url);
    const pages = Array.from({ length: 200 }, () => stalled(url));
    const clients = () => figure(app, 'meyar_console_clients');
    while ((await clients()) < 201) await new Promise((resolve) => setTimeout(resolve, 20));
    const calm = flood(view, 100);
    const left = () => figure(app, 'meyar_console_changes_collapsed_total');
    // A reader that fell behind on a busy machine is given a snapshot, and goes on with changes.
    const read = async (more: number) => {
      const wanted = (await left()) + more;
      let changes = 0;
      while ((await left()) < wanted) if ((await stream.next()).name === 'change') changes += 1;
      expect(changes).toBeGreaterThan(0);
    };
    await read(10 * 200);
    const waiting = () => figure(app, 'meyar_console_buffered_bytes');
    const before = await waiting();
    expect(before).toBeGreaterThan(0);
    await read(10 * 200);
    expect(await waiting()).toBeLessThanOrEqual(before);
    calm();
    view.step('length');
    expect((await stream.next()).name).toMatch(/change|tick|snapshot/);
    for (const { socket } of pages) socket.destroy();
    stream.end();
  });

  test('a page that went while its login was looked at takes no place', async () => {
    const view = fakeView();
    const live = createLive({ view });
    const server = createServer((_, answer) => {
      answer.once('close', () => live.open(answer, {}, () => true));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    server.once('request', () => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => server.once('connection', (one) => one.once('close', resolve)));
    const clients = live.metrics().find((one) => one.name === 'meyar_console_clients');
    expect(clients?.samples[0]?.value).toBe(0);
    expect(view.listeners()).toBe(0);
    live.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('ends when the console closes', async () => {
    const { view, app, url } = await listening();
    const { stream } = await ready(view, url);
    await app.close();
    await expect(stream.next()).rejects.toThrow();
    expect(view.listeners()).toBe(0);
  });
});
