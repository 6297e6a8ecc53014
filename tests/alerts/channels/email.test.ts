import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Notice } from '../../../agent/alerts/channels/channel.ts';
import { channels } from '../../../agent/alerts/channels/index.ts';
import { HoldError, PermanentError, RetryError } from '../../../agent/runtime/errors.ts';
import { channelContext, channelContract, someNotice } from '../../contracts/channel.ts';
import { type Authority, makeAuthority } from '../../support/certificates.ts';
import { needs } from '../../support/debian.ts';
import { type Mail, type SmtpServer, smtpServer } from '../../support/smtp.ts';

const BASE = {
  from: 'Meyar <meyar@plant.example>',
  to: ['amina@plant.example'],
  host: '127.0.0.1',
};
const make = (settings: Record<string, unknown>, context = channelContext): Channel =>
  channels.create(channels.schema.parse({ kind: 'email', ...BASE, ...settings }), context);

const header = (mail: Mail, name: string): string => {
  const head = mail.source.slice(0, mail.source.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
};
const subject = (mail: Mail) =>
  header(mail, 'subject')
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?(.*?)\?=/gi, (_, how, text) =>
      how === 'B' ? Buffer.from(text, 'base64').toString() : quoted(text.replace(/_/g, ' ')),
    );
function quoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
function part(mail: Mail, type: string): string {
  const found =
    mail.source.split(/\r\n----/).find((one) => one.includes(`Content-Type: ${type}`)) ?? '';
  const body = found.slice(found.indexOf('\r\n\r\n') + 4);
  if (/transfer-encoding: base64/i.test(found)) return Buffer.from(body, 'base64').toString();
  return /transfer-encoding: quoted/i.test(found) ? quoted(body) : body;
}
const textOf = (mail: Mail) =>
  part(mail, 'text/plain').replaceAll('\r\n', '\n').split('\n\n-- \n')[0] ?? '';

channelContract('email', async () => {
  const server = await smtpServer();
  const sent = new Map<string, Notice>();
  const remembering = (channel: Channel): Channel => ({
    ...channel,
    send(notice, signal) {
      sent.set(notice.key, notice);
      return channel.send(notice, signal);
    },
  });
  const settings = () => ({ port: server.port(), security: 'none' });
  return {
    create: (context, timeout) => remembering(make({ ...settings(), timeout }, context)),
    createRefused(context) {
      server.answers['MAIL'] = '530 log in first';
      const channel = make(settings(), context);
      return {
        send: (notice, signal) => channel.send(notice, signal),
        async close() {
          delete server.answers['MAIL'];
          await channel.close();
        },
      };
    },
    // Words from the mail itself; the event is not in it, so it comes from what was sent.
    received: () =>
      server.mails.flatMap((mail) => {
        const known = sent.get(header(mail, 'x-meyar-key'));
        return known ? [{ ...known, title: subject(mail), text: textOf(mail) }] : [];
      }),
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

const never = () => new AbortController().signal;
const outcome = (channel: Channel, notice = someNotice()) =>
  channel.send(notice, never()).then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe('a mail', () => {
  let server: SmtpServer;
  beforeAll(async () => {
    server = await smtpServer();
  });
  afterEach(() => {
    server.mails.length = 0;
    server.answers = {};
  });
  afterAll(() => server.down());
  const open = (more = {}) => make({ port: server.port(), security: 'none', ...more });

  it('has the same Message-ID on every attempt, made from the key', async () => {
    const notice = someNotice();
    await outcome(open(), notice);
    await outcome(open(), notice);
    const ids = server.mails.map((mail) => header(mail, 'message-id'));
    expect(ids).toEqual([`<${notice.key}@plant.example>`, `<${notice.key}@plant.example>`]);
    expect(header(server.mails[0] as Mail, 'auto-submitted')).toBe('auto-generated');
  });

  it('says what, where, the value and what to do, with a link, in text and in HTML', async () => {
    const notice = someNotice({
      title: 'Bore <b>is</b> out of tolerance',
      reactionPlan: 'Change the insert',
      value: 22.003,
      unit: 'mm',
    });
    await outcome(open({ link: 'https://meyar.plant.example/' }), notice);
    const [mail] = server.mails as [Mail];
    expect(part(mail, 'text/plain')).toContain('What to do: Change the insert');
    expect(part(mail, 'text/plain')).toContain('https://meyar.plant.example/#/alerts');
    const html = part(mail, 'text/html');
    for (const words of ['22.003 mm', 'Change the insert', 'Lahore', '/#/alerts']) {
      expect(html).toContain(words);
    }
    expect(html).not.toContain('<b>is</b>');
  });

  it('cannot be given another header by what a machine sends', async () => {
    const title = 'Bore\r\nBcc: all@plant.example\r\n\r\nnew body';
    await outcome(open(), someNotice({ title }));
    const [mail] = server.mails as [Mail];
    expect(header(mail, 'bcc')).toBe('');
    expect(mail.to).toEqual(['RCPT TO:<amina@plant.example>']);
    expect(subject(mail)).toContain('Bore Bcc: all@plant.example new body');
    const bad = { kind: 'email', ...BASE, to: ['a@b.example\r\nBcc: c@d.example'] };
    expect(channels.schema.safeParse(bad).success).toBe(false);
  });

  it.each([
    [{ MAIL: '550 sender unknown' }, HoldError],
    [{ RCPT: '550 no such user' }, HoldError],
    [{ RCPT: '450 mailbox busy' }, RetryError],
    [{ MESSAGE: '554 looks like spam' }, PermanentError],
    [{ MESSAGE: '451 try later' }, RetryError],
    [{ EHLO: '421 too busy', HELO: '421 too busy' }, RetryError],
  ])('after %j it asks for what helps', async (answers, kind) => {
    server.answers = answers as Record<string, string>;
    expect(await outcome(open())).toBeInstanceOf(kind);
  });

  it('never carries a password in clear text', async () => {
    const own = { kind: 'email', ...BASE, security: 'none', username: 'u', password: 'p' };
    expect(channels.schema.safeParse(own).error?.message).toMatch(/clear text/);
    // A server that offers no TLS gets neither mail nor password.
    const error = await outcome(make({ port: server.port(), username: 'u', password: 'p' }));
    expect(error).toBeInstanceOf(HoldError);
    expect(server.mails).toEqual([]);
  });
});

describe.skipIf(!needs('openssl'))('a mail over TLS', () => {
  let authority: Authority;
  beforeAll(() => {
    authority = makeAuthority('Plant CA (made up)');
  });
  afterAll(() => authority.remove());

  it.each([
    ['starttls', false],
    ['tls', true],
  ] as const)('%s: checked, and with a login', async (security, implicit) => {
    const server = await smtpServer(authority.issue(['127.0.0.1']), implicit);
    server.login = 'meyar:s3cret';
    const open = (more = {}) =>
      make({ port: server.port(), security, tls: { ca: authority.ca }, ...more });
    const login = { username: 'meyar', password: 's3cret' };
    expect(await outcome(open(login))).toEqual(null);
    expect(server.mails).toMatchObject([{ secure: true, user: 'meyar' }]);
    expect(await outcome(open({ ...login, password: 'wrong' }))).toBeInstanceOf(HoldError);
    expect(await outcome(open({ ...login, tls: {} }))).toBeInstanceOf(HoldError);
    expect(server.mails).toHaveLength(1);
    await server.down();
  });

  it('is not sent to a server whose certificate has another name', async () => {
    const server = await smtpServer(authority.issue(['other.example']));
    const error = await outcome(make({ port: server.port(), tls: { ca: authority.ca } }));
    expect(error).toBeInstanceOf(HoldError);
    expect(server.mails).toEqual([]);
    await server.down();
  });
});
