import { afterEach, describe, expect, it } from 'vitest';
import { HoldError, RetryError } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { sinks } from '../../agent/sinks/index.ts';
import { retryAfter } from '../../agent/sinks/influxdb/answers.ts';
import type { Sink } from '../../agent/sinks/sink.ts';
import { fakeInflux, type Received, type Reply } from '../support/fake-influx.ts';
import { characteristic, fakeJournal, sinkContext } from '../support/sink-journal.ts';

type Fake = Awaited<ReturnType<typeof fakeInflux>>;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function rig(answer: (request: Received) => Reply, settings: Record<string, unknown> = {}) {
  const fake = await fakeInflux(answer);
  const parsed = sinks.schema.parse({
    kind: 'influxdb',
    url: fake.url,
    database: 'meyar',
    ...settings,
  });
  const sink = sinks.create(parsed, sinkContext([characteristic()]));
  open.push(sink, fake);
  return { fake, sink };
}

function readings(count: number) {
  const journal = fakeJournal();
  journal.commit({ deliveries: [{ value: Array.from({ length: count }, (_, i) => i) }] });
  return journal.decoded();
}

const write = (sink: Sink, count: number) =>
  sink.write(readings(count), new AbortController().signal);
const ok: Reply = { status: 204 };
const isCanary = (request: Received) => request.lines[0]?.includes(' probe=1i ') === true;
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('answers about the whole request', () => {
  it.each([401, 403, 404, 405, 302])('holds on %i', async (status) => {
    const { sink } = await rig(() => ({ status }));
    expect(await thrown(write(sink, 3))).toBeInstanceOf(HoldError);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('retries on %i', async (status) => {
    const { sink } = await rig(() => ({ status }));
    expect(await thrown(write(sink, 3))).toBeInstanceOf(RetryError);
  });

  it.each([429, 503])('passes on the seconds of Retry-After with %i', async (status) => {
    const { sink } = await rig(() => ({ status, headers: { 'retry-after': '30' } }));
    expect(await thrown(write(sink, 3))).toMatchObject({ afterMs: 30_000 });
  });

  it('reads Retry-After as seconds or date, and bounds it', () => {
    const now = Date.parse('2026-10-05T06:40:00Z');
    expect(retryAfter('7', now)).toBe(7000);
    expect(retryAfter('Mon, 05 Oct 2026 06:40:20 GMT', now)).toBe(20_000);
    expect(retryAfter('Mon, 05 Oct 2020 06:40:20 GMT', now)).toBe(0);
    expect(retryAfter('864000', now)).toBe(3_600_000);
    expect(retryAfter('soon', now)).toBeNull();
    expect(retryAfter(undefined, now)).toBeNull();
  });

  it('gives up on a server that does not answer and leaves no socket behind', async () => {
    const { sink, fake } = await rig(() => ({ status: 0, hang: true }), { timeout: '50ms' });
    const error = await thrown(write(sink, 3));
    expect(error).toBeInstanceOf(RetryError);
    expect(error).toMatchObject({ message: 'no answer within 0.05 s' });
    expect(fake.requests).toHaveLength(1);
  });

  it('says the text of the server and never a secret', async () => {
    const body = JSON.stringify({ error: 'authorization failed' });
    const headers = { 'content-type': 'application/json' };
    const { sink, fake } = await rig(() => ({ status: 401, headers, body }), {
      username: 'agent',
      password: 'hush',
    });
    const error = await thrown(write(sink, 1));
    expect(String(error)).toContain('401: authorization failed');
    expect(JSON.stringify(error) + String(error)).not.toContain('hush');
    expect(fake.requests[0]?.headers['authorization']).toBe(`Basic ${btoa('agent:hush')}`);
    expect(fake.requests[0]?.path).not.toContain('hush');
  });
});

describe('answers about lines', () => {
  const bad = (n: number) => new RegExp(`value=(${n}),`);

  it.each([400, 422])(
    'finds one bad line of 5 000 on %i in at most 30 requests',
    async (status) => {
      const refuse = (request: Received) => request.lines.some((line) => bad(3210).test(line));
      const body = JSON.stringify({ message: 'field type conflict' });
      const reply = { status, headers: { 'content-type': 'application/json' }, body };
      const { sink, fake } = await rig((request) => (refuse(request) ? reply : ok));
      const result = await write(sink, 5000);
      expect(result.written).toBe(4999);
      expect(result.rejected).toHaveLength(1);
      expect(result.rejected[0]?.row).toMatch(bad(3210));
      expect(result.rejected[0]?.reason).toBe(`${status}: field type conflict`);
      expect(fake.requests.length).toBeLessThanOrEqual(30);
      const stored = fake.stored.filter((line) => line.startsWith('spc_sample'));
      expect(new Set(stored).size).toBe(4999);
    },
  );

  it('rejects nothing when a good line is refused too: then the request is wrong', async () => {
    const { sink, fake } = await rig(() => ({ status: 400, body: 'failed to decode orgID' }));
    const error = await thrown(write(sink, 500));
    expect(error).toBeInstanceOf(HoldError);
    expect(String(error)).toContain('failed to decode orgID');
    expect(fake.requests).toHaveLength(2);
  });

  it('rejects all at once when the server says that it dropped all', async () => {
    const body = 'partial write: points beyond retention policy dropped=500';
    const { sink, fake } = await rig((r) => (isCanary(r) ? ok : { status: 400, body }));
    const result = await write(sink, 500);
    expect(result.rejected).toHaveLength(500);
    expect(fake.requests).toHaveLength(2);
  });

  it('stops the search, rejecting nothing, when the server goes away meanwhile', async () => {
    let requests = 0;
    const { sink } = await rig(() => ({
      status: ++requests > 2 ? 503 : requests === 2 ? 204 : 400,
    }));
    expect(await thrown(write(sink, 100))).toBeInstanceOf(RetryError);
  });

  it('halves a body that is too large and remembers', async () => {
    const limit = 20_000;
    const { sink, fake } = await rig((r) => (r.bytes > limit ? { status: 413 } : ok));
    expect(await write(sink, 1000)).toEqual({ written: 1000, rejected: [] });
    const first = fake.requests.length;
    expect(await write(sink, 1000)).toEqual({ written: 1000, rejected: [] });
    const later = fake.requests.slice(first);
    expect(later.every((request) => request.bytes <= limit)).toBe(true);
    expect(new Set(fake.stored).size).toBe(1000);
  });

  it('sends at most as many lines at once as it was told, in order', async () => {
    const { sink, fake } = await rig(() => ok, { maxLines: 300 });
    await write(sink, 1000);
    expect(fake.requests.map((request) => request.lines.length)).toEqual([300, 300, 300, 100]);
    const values = fake.stored.map((line) => Number(/value=(\d+)/.exec(line)?.[1]));
    expect(values).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});

describe('a line that breaks the server', () => {
  const poison = (r: Received) => r.lines.some((line) => line.includes('value=77,'));

  it('is found after ten failures while the server answers pings', async () => {
    const { sink } = await rig((r) => (poison(r) ? { status: 500, body: 'panic' } : ok));
    for (let i = 0; i < 9; i += 1) {
      expect(await thrown(write(sink, 100 + i))).toBeInstanceOf(RetryError);
    }
    const result = await write(sink, 110);
    expect(result.rejected.map((one) => one.row)).toEqual([expect.stringContaining('value=77,')]);
  });

  it.each([1, 100])(
    'is not suspected when the server fails at everything (%i lines)',
    async (n) => {
      const { sink } = await rig((r) => ({ status: r.path === '/ping' ? 204 : 500 }));
      for (let i = 0; i < 12; i += 1) {
        expect(await thrown(write(sink, n))).toBeInstanceOf(RetryError);
      }
    },
  );
});

describe('settings', () => {
  const path = async (settings: Record<string, unknown>) => {
    const { sink, fake } = await rig(() => ok, { database: undefined, ...settings });
    await write(sink, 1);
    return fake.requests[0] as Received;
  };

  it('speaks v1 to a database and v2 to a bucket', async () => {
    expect((await path({ database: 'a b' })).path).toBe('/write?db=a+b&precision=ns');
    const v2 = await path({ bucket: 'b', org: 'o', token: 't' });
    expect(v2.path).toBe('/api/v2/write?org=o&bucket=b&precision=ns');
    expect(v2.headers['authorization']).toBe('Token t');
    expect((await path({ database: 'd', api: 'v2' })).path).toContain('bucket=d');
  });

  it('compresses when told to, and on loopback not by itself', async () => {
    const { sink, fake } = await rig(() => ok, { gzip: true });
    await write(sink, 100);
    expect(fake.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(fake.stored).toHaveLength(100);
    expect((await path({ database: 'd' })).headers['content-encoding']).toBeUndefined();
  });

  it('asks for a database or a bucket, and for no password in the address', () => {
    const parsed = sinks.schema.parse({ kind: 'influxdb', url: 'http://db:8086' });
    expect(() => sinks.create(parsed, sinkContext([]))).toThrow(/`database`.*or `bucket`/);
    const secret = { kind: 'influxdb', url: 'http://user:pw@db:8086', database: 'd' };
    expect(sinks.schema.safeParse(secret).success).toBe(false);
  });

  it('adds fixed tags to every series', async () => {
    const fake: Fake = await fakeInflux(() => ok);
    const input = { kind: 'influxdb', url: fake.url, database: 'd', tags: { plant: 'north' } };
    const sink = sinks.create(sinks.schema.parse(input), {
      ...sinkContext([characteristic()]),
      log: silentLog,
    });
    open.push(sink, fake);
    await write(sink, 1);
    expect(fake.stored[0]).toMatch(/^spc_sample,.*,plant=north /);
  });
});
