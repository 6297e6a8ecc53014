import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { z } from 'zod';
import { kind } from '../../registry.ts';
import { duration, sayDuration } from '../../runtime/duration.ts';
import { HoldError, messageOf, PermanentError, RetryError } from '../../runtime/errors.ts';
import { sayTls, tlsOptions, tlsSettings } from '../../runtime/tls.ts';
import { type Channel, type ChannelContext, channelShape, type Notice } from './channel.ts';
import { mailOf } from './mail.ts';
import { payloadOf } from './payload.ts';

/** One address, with or without a name before it. A line break would begin a header of its own. */
const address = z
  .string()
  .max(320)
  .regex(/^[^\p{Cc},;]*[^\s<>@,;\p{Cc}]+@[^\s<>@,;\p{Cc}]+>?$/u, 'one address, on one line');

const settings = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'a host name or an address')
      .describe('Mail server of the plant or of the provider'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('587 with starttls, 465 with tls, else 25'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('none: in clear text, without a password; for a relay inside the plant'),
    tls: tlsSettings.optional().describe('Certificates of the connection'),
    username: z.string().max(320).optional().describe('Name at the mail server'),
    password: z.string().max(1000).optional().describe('Password; take it from a variable'),
    from: address.describe('Sender, for example Meyar <meyar@plant.example>'),
    to: z.array(address).min(1).max(50).describe('Who gets the mail'),
    link: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address of the console as people reach it; the mail leads there'),
    ...channelShape,
    timeout: duration('20s').describe('Longest time for one mail'),
  })
  .refine((s) => s.security !== 'none' || s.password === undefined, {
    path: ['password'],
    error: 'a password is never sent in clear text: use starttls or tls',
  })
  .describe('E-mail over SMTP, plain text and HTML, one mail for each notice');

type Settings = z.output<typeof settings>;

/** E-mail; the Message-ID is made from the key, so repeats look the same to mail programs. */
export const email = kind<typeof settings, ChannelContext, Channel>({
  settings,
  create(options, context) {
    const closed = new AbortController();
    return {
      async send(notice, signal) {
        payloadOf(notice, notice);
        const timer = AbortSignal.timeout(options.timeout);
        const stop = AbortSignal.any([signal, closed.signal, timer]);
        try {
          await deliver(options, notice, stop);
        } catch (thrown) {
          signal.throwIfAborted();
          closed.signal.throwIfAborted();
          if (timer.aborted) {
            const time = sayDuration(options.timeout);
            throw new RetryError(`the mail server did not answer in ${time}`);
          }
          throw judge(thrown, context.clock.now());
        }
      },
      async close() {
        closed.abort(new RetryError('the channel is closed'));
      },
    };
  },
});

/** One connection for one mail: mails are rare, and a kept connection only dies unseen. */
async function deliver(options: Settings, notice: Notice, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const { host, security, username, password } = options;
  const port = options.port ?? { starttls: 587, tls: 465, none: 25 }[security];
  const checked = security === 'none' ? {} : tlsOptions(options.tls);
  const socket: Socket =
    security === 'tls'
      ? connectTls({ host, port, ...(isName(host) ? { servername: host } : {}), ...checked })
      : connectPlain({ host, port });
  // Between connecting and the library, and after it, nobody else listens: that must not end us.
  socket.on('error', () => {});
  const kill = () => socket.destroy(new Error('stopped'));
  stop.addEventListener('abort', kill, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
  aborted.catch(() => {});
  try {
    // Loaded with the first mail: most agents never send one, and memory is short.
    const [{ createTransport }] = await Promise.race([
      Promise.all([import('nodemailer'), opened(socket, security === 'tls')]),
      aborted,
    ]);
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: checked,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
      getSocket: (_given: unknown, give: (error: Error | null, how: object) => void) =>
        give(null, { connection: socket, ...(security === 'tls' ? { secured: true } : {}) }),
    } as Parameters<typeof createTransport>[0]);
    await Promise.race([transport.sendMail(mailOf(notice, options)), aborted]);
  } finally {
    stop.removeEventListener('abort', kill);
    // The library says QUIT by itself; whatever is left of the connection goes with this.
    setImmediate(() => socket.destroy());
  }
}

const isName = (host: string) => /[A-Za-z]/.test(host) && !host.includes(':');

function opened(socket: Socket, secure: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      resolve();
    });
    socket.once('error', reject);
  });
}

/** Answers about who we are or whom we write to hold; those about this one mail refuse it. */
function judge(thrown: unknown, nowMs: number): Error {
  if (thrown instanceof PermanentError || thrown instanceof HoldError) return thrown;
  const { code, responseCode, command } = thrown as Record<string, unknown>;
  const tls = sayTls(thrown, nowMs);
  if (tls !== null) return new HoldError(`the mail server cannot be trusted: ${tls}`);
  const said = messageOf(thrown).replace(/\s+/g, ' ').slice(0, 300);
  // The library puts a code of its own over that of node:tls; the words stay.
  if (typeof responseCode !== 'number' && /certificate|altnames/i.test(said)) {
    return new HoldError(`the mail server cannot be trusted: ${said}`);
  }
  if (code === 'ETLS') return new HoldError(`the mail server offers no TLS: ${said}`);
  if (code === 'EAUTH') return new HoldError(`the mail server refuses us: ${said}`);
  if (typeof responseCode === 'number' && responseCode >= 500) {
    if (command === 'DATA' || code === 'EMESSAGE') return new PermanentError(said);
    return new HoldError(`the mail server refuses sender or receiver: ${said}`);
  }
  return new RetryError(`the mail could not be sent: ${said}`);
}
