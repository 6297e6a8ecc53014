import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { channels } from '../../agent/alerts/channels/index.ts';
import { HoldError, messageOf } from '../../agent/runtime/errors.ts';
import { isRefused, pinnedLookup, refusedUrl } from '../../agent/runtime/outward.ts';
import { sinks } from '../../agent/sinks/index.ts';
import { connect } from '../../agent/sinks/influxdb/transport.ts';
import { hookServer } from '../alerts/channels/hook-server.ts';
import { channelContext, someNotice } from '../contracts/channel.ts';
import { closeServer, listen } from '../support/influxdb.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Every way to write the address of a cloud's metadata service, and other places of that sort. */
const FORBIDDEN = [
  'http://169.254.169.254/latest/meta-data',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://100.100.100.200/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://0.0.0.0/',
  'http://[::]/',
  'http://255.255.255.255/',
  'http://224.0.0.1/',
  'http://user:secret@10.0.0.5/',
  'ftp://10.0.0.5/',
  'file:///etc/passwd',
  'gopher://10.0.0.5/',
];

describe('addresses in settings', () => {
  it.each(FORBIDDEN)('%s is refused as a webhook and as an InfluxDB', (url) => {
    expect(refusedUrl(url)).not.toBe(null);
    expect(channels.schema.safeParse({ kind: 'webhook', url }).success).toBe(false);
    const influx = { kind: 'influxdb', url: url.replace(/\/[^/]*$/, ''), database: 'x' };
    expect(sinks.schema.safeParse(influx).success).toBe(false);
  });

  it.each([
    'http://127.0.0.1:8086',
    'http://10.0.0.5',
    'https://192.168.1.20:8443/hook',
    'http://[fd12::5]:9000',
    'http://influx:8086',
    'https://hooks.example.com/x',
  ])('%s is taken', (url) => {
    expect(refusedUrl(url)).toBe(null);
    expect(channels.schema.safeParse({ kind: 'webhook', url }).success).toBe(true);
  });

  it('header names and values with line breaks are refused', () => {
    const with_ = (headers: object) =>
      channels.schema.safeParse({ kind: 'webhook', url: 'http://10.0.0.5', headers }).success;
    expect(with_({ authorization: 'Bearer abc' })).toBe(true);
    expect(with_({ a: 'x\r\nx-admin: 1' })).toBe(false);
    expect(with_({ 'a\r\nb': 'x' })).toBe(false);
    expect(with_({ a: 'x\u0000' })).toBe(false);
  });
});

describe('a name is looked up once, and only harmless addresses are connected to', () => {
  /** A resolver that gives these answers, one after another. */
  const resolver = (...answers: string[][]) => {
    let asked = 0;
    const lookup = ((
      _name: string,
      _options: object,
      done: (error: null, list: LookupAddress[]) => void,
    ) => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      const list = answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      done(null, list);
    }) as never;
    return { lookup, asked: () => asked };
  };
  const ask = (lookup: LookupFunction, all = true) =>
    new Promise<string>((resolve) => {
      lookup('hooks.example.com', { all }, (error, address) => {
        const list = typeof address === 'string' ? [address] : address.map((a) => a.address);
        resolve(error === null ? list.join(' ') : error.message);
      });
    });

  it.each([
    ['169.254.169.254'],
    ['::ffff:169.254.169.254'],
    ['64:ff9b::a9fe:a9fe'],
    ['fe80::1'],
    ['0.0.0.0'],
    ['93.184.216.34', '169.254.169.254'],
  ])('%s is refused even where private networks are allowed', async (...answer) => {
    expect(await ask(pinnedLookup(true, resolver(answer).lookup))).toMatch(/leads to/);
    expect(await ask(pinnedLookup(true, resolver(answer).lookup), false)).toMatch(/leads to/);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.5',
    '192.168.1.1',
    '172.20.0.1',
    '::1',
    '::ffff:10.0.0.5',
    'fd12::1',
  ])('%s only where private networks are allowed', async (address) => {
    expect(isRefused(address, false)).toBe(true);
    expect(await ask(pinnedLookup(false, resolver([address]).lookup))).toMatch(/allowPrivate/);
    expect(await ask(pinnedLookup(true, resolver([address]).lookup))).toBe(address);
  });

  it('an answer that changes between check and connection has nothing to change', async () => {
    const rebinding = resolver(['93.184.216.34'], ['127.0.0.1']);
    expect(await ask(pinnedLookup(false, rebinding.lookup))).toBe('93.184.216.34');
    expect(rebinding.asked()).toBe(1);
    expect(await ask(pinnedLookup(false, rebinding.lookup))).toMatch(/127\.0\.0\.1/);
  });

  it('the name of this machine is known to be private; a public name leading here is refused', async () => {
    const hook = await hookServer();
    open.push(hook.down);
    const port = new URL(hook.url()).port;
    const send = async (url: string) => {
      const channel = channels.create(
        channels.schema.parse({ kind: 'webhook', url, timeout: '5s' }),
        channelContext,
      );
      open.push(channel.close);
      return channel.send(someNotice(), new AbortController().signal).then(() => 'sent', messageOf);
    };
    expect(await send(`http://localhost:${port}/`)).toBe('sent');
    expect(hook.hooks).toHaveLength(1);
  });
});

describe('redirects are not followed', () => {
  it.each([301, 302, 303, 307, 308])('%i: the place it names gets nothing', async (status) => {
    const secret: string[] = [];
    const inner = createServer((request, response) => {
      secret.push(request.url ?? '');
      response.end('inner');
    });
    const target = await listen(inner);
    const outer = createServer((_request, response) => {
      response.writeHead(status, { location: `${target}/admin` }).end();
    });
    const url = await listen(outer);
    open.push(
      () => closeServer(inner),
      () => closeServer(outer),
    );
    const channel = channels.create(
      channels.schema.parse({ kind: 'webhook', url: `${url}/hook` }),
      channelContext,
    );
    const signal = new AbortController().signal;
    const thrown = await channel.send(someNotice(), signal).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(HoldError);
    await channel.close();
    const outward = { url, allowPrivate: false };
    const influx = connect({
      ...{ outward, url, path: '/write', authorization: 'Token t', gzip: false, timeoutMs: 5000 },
      now: () => Date.now(),
    });
    await expect(influx.post('x v=1', signal)).rejects.toThrow();
    influx.close();
    expect(secret).toEqual([]);
  });
});
