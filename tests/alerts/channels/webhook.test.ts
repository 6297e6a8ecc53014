import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../agent/alerts/channels/channel.ts';
import { channels } from '../../../agent/alerts/channels/index.ts';
import { HoldError, PermanentError, RetryError } from '../../../agent/runtime/errors.ts';
import { channelContext, channelContract, someNotice } from '../../contracts/channel.ts';
import { type HookServer, hookServer } from './hook-server.ts';

const make = (settings: Record<string, unknown>, context = channelContext) =>
  channels.create(channels.schema.parse({ kind: 'webhook', ...settings }), context);

const noticeIn = (body: string): Notice => {
  const { data } = JSON.parse(body) as { data: Notice };
  return data;
};

channelContract('webhook', async () => {
  const server = await hookServer();
  return {
    create: (context, timeout) => make({ url: server.url(), timeout }, context),
    createRefused(context) {
      server.authorization = 'wanted';
      return make({ url: server.url(), headers: { 'x-refused': '1' } }, context);
    },
    received: () => server.hooks.map((hook) => noticeIn(hook.body)),
    freeze() {
      server.frozen = true;
    },
    thaw() {
      server.frozen = false;
    },
    down: server.down,
    up: server.up,
    close: server.down,
  };
});

describe('webhook', () => {
  let server: HookServer;
  beforeAll(async () => {
    server = await hookServer();
  });
  beforeEach(() => {
    server.hooks.length = 0;
    server.answer = { status: 200, headers: {} };
  });
  afterAll(() => server.down());

  const send = async (
    settings: Record<string, unknown> = {},
    notice = someNotice(),
    nowMs = 1_791_182_400_500,
  ) => {
    const clock = { now: () => nowMs, monotonic: () => 0 };
    const channel = make({ url: server.url(), ...settings }, { ...channelContext, clock });
    return channel.send(notice, new AbortController().signal).then(
      () => null,
      (thrown: unknown) => thrown,
    );
  };

  it('writes plain words with title and priority, as ntfy wants them', async () => {
    const notice = { ...someNotice(), title: 'ALARM: X̄ beyond 3 sigma', text: 'Look at X̄.' };
    notice.event.alert.severity = 'alarm';
    expect(await send({ body: 'text' }, notice)).toBe(null);
    const [hook] = server.hooks;
    expect(hook?.body).toBe('Look at X̄.');
    expect(hook?.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(hook?.headers['priority']).toBe('5');
    const encoded = /^=\?UTF-8\?B\?(.+)\?=$/.exec(String(hook?.headers['title']))?.[1] ?? '';
    expect(Buffer.from(encoded, 'base64').toString()).toBe(notice.title);
    expect(hook?.headers['webhook-id']).toBe(notice.key);
    const over = { ...notice, title: 'closed: a', event: { ...notice.event } };
    over.event.transition = 'closed';
    expect(await send({ body: 'text' }, over)).toBe(null);
    expect(server.hooks[1]?.headers).toMatchObject({ title: 'closed: a', priority: '3' });
  });

  it('signs as Standard Webhooks 1.0 says: id, seconds and body', async () => {
    const key = Buffer.from('a key of twenty-four bytes');
    const notice = someNotice();
    expect(await send({ secret: `whsec_${key.toString('base64')}` }, notice)).toBe(null);
    const [hook] = server.hooks;
    expect(hook?.headers['webhook-id']).toBe(notice.key);
    expect(hook?.headers['webhook-timestamp']).toBe('1791182400');
    const signed = `${notice.key}.1791182400.${hook?.body}`;
    const mac = createHmac('sha256', key).update(signed).digest('base64');
    expect(hook?.headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(hook?.headers['content-type']).toBe('application/json');
  });

  it('agrees with the published example of the signature', async () => {
    // Standard Webhooks reference libraries, test vector "sign".
    const { signatureOf } = await import('../../../agent/alerts/channels/webhook.ts');
    const signature = signatureOf(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '1614265330',
      Buffer.from('{"test": 2432232314}'),
    );
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('sends no signature without a secret, and says the type of the event', async () => {
    expect(await send()).toBe(null);
    expect(server.hooks[0]?.headers['webhook-signature']).toBe(undefined);
    const body = JSON.parse(server.hooks[0]?.body ?? '') as Record<string, unknown>;
    expect(body['type']).toBe('alert.raised');
    expect(body['text']).toContain('What to do: Check the insert.');
  });

  it.each([
    [408, RetryError],
    [425, RetryError],
    [429, RetryError],
    [500, RetryError],
    [503, RetryError],
    [301, HoldError],
    [307, HoldError],
    [401, HoldError],
    [403, HoldError],
    [404, HoldError],
    [400, PermanentError],
    [410, PermanentError],
    [422, PermanentError],
  ])('answers %i with the right kind of error', async (status, kind) => {
    server.answer = { status, headers: { location: 'http://127.0.0.1:9/' } };
    const error = await send();
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toContain(String(status));
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    const asked = async (text: string) => {
      server.answer = { status: 429, headers: { 'retry-after': text } };
      const error = await send({}, someNotice(), Date.UTC(2026, 9, 5, 12, 0, 0));
      return (error as RetryError).afterMs;
    };
    expect(await asked('120')).toBe(120_000);
    expect(await asked('Mon, 05 Oct 2026 12:00:30 GMT')).toBe(30_000);
    expect(await asked('Mon, 05 Oct 2026 11:00:00 GMT')).toBe(0);
    expect(await asked('soon')).toBe(null);
  });

  it('names neither the address nor the secret in an error', async () => {
    server.answer = { status: 500, headers: {} };
    const refused = await send({ secret: 'whsec_c2VjcmV0' });
    const away = await send({ url: 'http://127.0.0.1:1/hook?token=hidden' });
    for (const error of [refused, away]) {
      expect(error).toBeInstanceOf(RetryError);
      expect((error as Error).message).not.toMatch(/hidden|whsec|127/);
    }
  });
});
