import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.ts';

export interface Mail {
  from: string;
  to: string[];
  /** headers and body as they came, dots unstuffed */
  source: string;
  secure: boolean;
  user: string | null;
}

/** A small real SMTP server on a loopback port: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA. */
export interface SmtpServer {
  port(): number;
  mails: Mail[];
  /** answer instead of the usual one, by command word, e.g. { RCPT: '550 no such user' } */
  answers: Record<string, string>;
  /** while true, nothing is answered and nothing kept */
  frozen: boolean;
  /** 'user:password' that is asked for; '' = nobody is asked */
  login: string;
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function smtpServer(certificate?: Certificate, implicit = false): Promise<SmtpServer> {
  let port = 0;
  let server: Server;
  const sockets = new Set<Socket>();
  const keys = certificate && {
    cert: readFileSync(certificate.cert),
    key: readFileSync(certificate.key),
  };
  const smtp: SmtpServer = {
    port: () => port,
    mails: [],
    answers: {},
    frozen: false,
    login: '',
    async down() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    async up() {
      const take = (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        converse(smtp, socket, keys, implicit);
      };
      server = implicit && keys ? createTlsServer(keys, take) : createServer(take);
      server.on('tlsClientError', () => {});
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    },
  };
  await smtp.up();
  return smtp;
}

type Keys = { cert: Buffer; key: Buffer } | undefined;

function converse(smtp: SmtpServer, socket: Socket, keys: Keys, secure: boolean, greet = true) {
  const mail: Mail = { from: '', to: [], source: '', secure, user: null };
  let rest = '';
  let data: string | null = null;
  const say = (line: string) => !smtp.frozen && socket.writable && socket.write(`${line}\r\n`);
  if (greet) say('220 test ESMTP');
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    rest += bytes.toString('utf8');
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (data === null) command(line);
      else if (line === '.') finish(data);
      else data += `${line.replace(/^\.\./, '.')}\r\n`;
    }
  });
  const finish = (source: string) => {
    data = null;
    const own = smtp.answers['MESSAGE'];
    if (own === undefined && !smtp.frozen) smtp.mails.push({ ...mail, source });
    say(own ?? '250 kept');
  };
  const command = (line: string) => {
    const word = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    const own = smtp.answers[word];
    if (own !== undefined) say(own);
    else if (word === 'EHLO') {
      if (keys && !secure) say('250-STARTTLS');
      if (smtp.login !== '') say('250-AUTH PLAIN');
      say('250 SIZE 10000000');
    } else if (word === 'STARTTLS' && keys) {
      say('220 go');
      socket.removeAllListeners('data');
      const upgraded = new TLSSocket(socket, { isServer: true, ...keys });
      converse(smtp, upgraded, keys, true, false);
    } else if (word === 'AUTH') {
      const [, user, pass] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
        .toString()
        .split('\0');
      mail.user = user ?? null;
      say(`${user}:${pass}` === smtp.login ? '235 welcome' : '535 wrong user or password');
    } else if (word === 'MAIL') {
      if (smtp.login !== '' && mail.user === null) say('530 log in first');
      else {
        mail.from = line;
        say('250 ok');
      }
    } else if (word === 'RCPT') {
      mail.to.push(line);
      say('250 ok');
    } else if (word === 'DATA') {
      data = '';
      say('354 go on');
    } else if (word === 'QUIT') socket.end('221 bye\r\n');
    else say(word === 'RSET' || word === 'NOOP' ? '250 ok' : '502 unknown');
  };
}
