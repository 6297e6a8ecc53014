import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Console } from '../../agent/console/console.ts';
import { testConsole } from '../console/console-app.ts';
import { OWN, PASSWORD, PEOPLE, people } from '../console/people.ts';
import { type FakeAccounts, fakeAccounts } from '../support/fake-accounts.ts';
import { type FakeView, fakeView } from '../support/fake-view.ts';
import { raw, statuses } from './raw-http.ts';

let app: Console;
let url: URL;
let view: FakeView;
let accounts: FakeAccounts;
let cookie = '';

function pageFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'meyar-files-'));
  mkdirSync(join(root, 'page'));
  writeFileSync(join(root, 'page', 'index.html'), '<!doctype html><title>the page</title>');
  writeFileSync(join(root, 'page', '.env'), 'SECRET-OUTSIDE');
  writeFileSync(join(root, 'secret.txt'), 'SECRET-OUTSIDE');
  symlinkSync(join(root, 'secret.txt'), join(root, 'page', 'link.txt'));
  return join(root, 'page');
}

beforeAll(async () => {
  view = fakeView();
  accounts = fakeAccounts(await people());
  app = testConsole(view, { accounts, assetsDir: pageFolder() });
  url = new URL(await app.listen());
  const body = JSON.stringify({ name: PEOPLE.admin, password: PASSWORD });
  const answer = await fetch(new URL('/api/login', url), { method: 'POST', headers: OWN, body });
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => app.close());

const HOST = 'Host: 127.0.0.1';
const LAST = `GET /livez HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`;
/** A change that would be seen, as a request inside another one. */
const HIDDEN = 'POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nx-meyar: 1\r\n';

describe('requests that two readers would take apart differently are refused', () => {
  const body = JSON.stringify({ kind: 'lot', text: 'smuggled' });
  const inner = () =>
    `${HIDDEN}Cookie: ${cookie}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}${LAST}`;
  const head = `POST /api/logout HTTP/1.1\r\n${HOST}`;
  it.each<[string, () => string]>([
    [
      'length and chunks',
      () => `${head}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'chunks and length',
      () => `${head}\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    ['two lengths', () => `${head}\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n${inner()}`],
    ['a list of lengths', () => `${head}\r\nContent-Length: 0, 44\r\n\r\n${inner()}`],
    ['a length with a sign', () => `${head}\r\nContent-Length: +0\r\n\r\n${inner()}`],
    ['a length in hex', () => `${head}\r\nContent-Length: 0x0\r\n\r\n${inner()}`],
    [
      'a coding that is none',
      () => `${head}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a coding behind a tab',
      () => `${head}\r\nTransfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a space before the colon',
      () => `${head}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'a folded line',
      () => `${head}\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    [
      'lines that end with LF alone',
      () => `POST /api/logout HTTP/1.1\n${HOST}\nContent-Length: 0\n\n${inner()}`,
    ],
    [
      'a CR alone in a header',
      () => `${head}\r\nX-A: b\rTransfer-Encoding: chunked\r\n\r\n${inner()}`,
    ],
    ['a NUL in a header', () => `${head}\r\nX-A: b\u0000\r\nContent-Length: 0\r\n\r\n${inner()}`],
    [
      'a chunk size that overflows',
      () => `${head}\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n${inner()}`,
    ],
    [
      'a line break in a chunk extension',
      () => `${head}\r\nTransfer-Encoding: chunked\r\n\r\n0;a\n\r\n${inner()}`,
    ],
  ])('%s', async (_name, bytes) => {
    const before = view.happened.length;
    const got = await raw(url, bytes());
    expect(statuses(got)[0], got).toBeGreaterThanOrEqual(400);
    expect(view.happened.length, got).toBe(before);
  });

  it('two hosts, of which a proxy may take the other, are refused', async () => {
    const got = await raw(
      url,
      `GET /livez HTTP/1.1\r\n${HOST}\r\nHost: evil.example\r\n\r\n${LAST}`,
    );
    expect(statuses(got)).toEqual([400, 200]);
  });

  it('while the same two requests, told apart well, are both answered', async () => {
    const before = view.happened.length;
    const got = await raw(url, `GET /livez HTTP/1.1\r\n${HOST}\r\n\r\n${inner()}`);
    expect(statuses(got)).toEqual([200, 201, 200]);
    expect(view.happened.length).toBe(before + 1);
  });
});

describe('methods', () => {
  it.each(['TRACE', 'CONNECT', 'PROPFIND', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'SEARCH', 'MKCOL'])(
    '%s does nothing and echoes nothing',
    async (method) => {
      const target = method === 'CONNECT' ? 'evil.example:443' : '/api/users';
      const got = await raw(
        url,
        `${method} ${target} HTTP/1.1\r\n${HOST}\r\nCookie: ${cookie}\r\nX-Echo: marker-1\r\nConnection: close\r\n\r\n`,
      );
      // CONNECT: Node hangs up without a word.
      expect(statuses(got)[0] ?? 400, got).toBeGreaterThanOrEqual(400);
      expect(got).not.toContain('marker-1');
    },
  );

  it.each(['get', 'POSTX', 'GE T', '', 'ﬁnd'])('%j is no method', async (method) => {
    const got = await raw(url, `${method} /livez HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
    expect(statuses(got)[0]).toBeGreaterThanOrEqual(400);
  });

  it.each(['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'])(
    '%s changes none',
    async (name) => {
      const before = view.happened.length;
      const headers = { cookie, [name]: 'POST' };
      expect((await fetch(new URL('/api/events', url), { headers })).status).toBe(200);
      expect(view.happened.length).toBe(before);
    },
  );

  it.each([
    ['an address of another server', 'GET http://evil.example/api/plant HTTP/1.1'],
    ['an address without a path', 'GET api/plant HTTP/1.1'],
    ['a version that is none', 'GET /api/plant HTTP/9.9'],
    ['no version', 'GET /api/plant'],
  ])('%s gets nothing', async (_name, line) => {
    const got = await raw(
      url,
      `${line}\r\n${HOST}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    );
    expect(got).not.toContain('Ravi Auto Shafts');
  });

  it('without a host nothing is answered, not even in HTTP/1.0', async () => {
    for (const version of ['1.0', '1.1']) {
      const got = await raw(
        url,
        `GET /api/plant HTTP/${version}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
      );
      expect(statuses(got)[0]).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('paths', () => {
  const UP = [
    '..',
    '%2e%2e',
    '.%2e',
    '%252e%252e',
    '..%00',
    '%c0%ae%c0%ae',
    '..;',
    '....',
    '%u002e%u002e',
  ];
  const SLASH = ['/', '%2f', '%5c', '\\', '%252f', '//', '/./'];
  it('no way of writing them leads out of the page', async () => {
    const tries = UP.flatMap((up) =>
      SLASH.map((slash) => `/assets${slash}${up}${slash}${up}${slash}secret.txt`),
    );
    tries.push(
      '/link.txt/',
      '/.env',
      '/%2eenv',
      '/page/../.env',
      '/index.html%00.js',
      '//secret.txt',
      '/assets/%',
      '/%zz',
      `/${'a/'.repeat(4000)}`,
    );
    for (const path of tries) {
      const got = await raw(url, `GET ${path} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
      expect(got, path).not.toContain('SECRET-OUTSIDE');
      expect([200, 400, 403, 404], `${path}: ${got.slice(0, 40)}`).toContain(statuses(got)[0]);
    }
  });

  it('no way of writing them goes past the table of rights', async () => {
    const tries = [
      '/api/users/',
      '//api/users',
      '/api//users',
      '/API/users',
      '/api/users%2f',
      '/api/users;x',
      '/api/%75sers',
      '/api/./users',
      '/api/x/../users',
      '/api/users#x',
      '/api/users?a=/livez',
      '/livez/../api/users',
      '/livez%2f..%2fapi%2fusers',
      '/api/users%00',
      '/api/users.json',
    ];
    for (const path of tries) {
      const got = await raw(url, `GET ${path} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
      expect(got, path).not.toContain(PEOPLE.viewer);
      expect([400, 401, 403, 404], `${path}: ${got.slice(0, 40)}`).toContain(statuses(got)[0]);
    }
  });

  it('names of every object are the name of none', async () => {
    const document = (await (
      await fetch(new URL('/api/openapi.json', url), { headers: { cookie } })
    ).json()) as { paths: Record<string, Record<string, unknown>> };
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
    ];
    for (const [path, methods] of Object.entries(document.paths)) {
      if (!path.includes('{')) continue;
      for (const method of Object.keys(methods)) {
        for (const name of names) {
          const filled = path.replace(/\{\w+\}/g, name);
          const body = method === 'post' ? '{}' : null;
          const options = { method: method.toUpperCase(), headers: { ...OWN, cookie }, body };
          const answer = await fetch(new URL(filled, url), options);
          if (answer.status === 429) continue;
          expect(answer.status, `${method} ${filled}`).toBeGreaterThanOrEqual(
            path.includes('sinks') ? 200 : 400,
          );
          expect(answer.status, `${method} ${filled}`).toBeLessThan(500);
        }
      }
    }
  });
});

describe('bodies', () => {
  // Without users, from ever other addresses: the limit of changes is not what is tried here.
  const open = fakeView();
  const { app: bare } = testConsole(open, { accounts: fakeAccounts() });
  let asked = 0;
  const post = (path: string, payload: string, type = 'application/json') => {
    asked += 1;
    const remoteAddress = `127.1.${asked >> 8}.${asked & 255}`;
    const headers = { 'content-type': type };
    return bare.inject({ method: 'POST', url: path, payload, headers, remoteAddress });
  };

  const POLLUTED = [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"a":{"__proto__":{"polluted":1}}}',
    '{"\\u005f_proto__":{"polluted":1}}',
    '[{"__proto__":{"polluted":1}}]',
    '{"ids":[{"__proto__":{"polluted":1}}]}',
  ];
  const routes = async () => {
    const headers = { cookie };
    const document = (await (
      await fetch(new URL('/api/openapi.json', url), { headers })
    ).json()) as { paths: Record<string, Record<string, unknown>> };
    return Object.entries(document.paths)
      .filter(([path, methods]) => 'post' in methods && path !== '/api/logout')
      .map(([path]) => path.replace(/\{\w+\}/g, '1'));
  };

  it('no route takes a body that names prototypes, and none is changed', async () => {
    for (const path of await routes()) {
      for (const payload of POLLUTED) {
        const answer = await post(path, payload);
        expect(answer.statusCode, `${path} ${payload}`).toBeGreaterThanOrEqual(400);
        expect(answer.statusCode, `${path} ${payload}`).toBeLessThan(500);
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
    expect([open.happened, open.entered, open.answers]).toEqual([[], [], []]);
  });

  it.each([
    ['nested a thousand levels deep', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['with objects inside objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      'with twenty thousand keys',
      `{${Array.from({ length: 6000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    ],
    ['with a number nobody can hold', '{"kind":"lot","text":1e999999}'],
    ['with the same key twice', '{"kind":"lot","text":"a","text":["b"]}'],
    ['that is a string', '"lot"'],
    ['that is null', 'null'],
    ['that is empty', ''],
    ['with half a character', '{"kind":"lot","text":"\\ud800","by":"x","more":1}'],
  ])('%s is refused and the server goes on', async (_name, payload) => {
    const answer = await post('/api/events', payload);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect((await fetch(new URL('/livez', url))).status).toBe(200);
  });

  it.each([
    'application/json-seq',
    'application/csp-report',
    'text/json',
    'application/x-www-form-urlencoded; x=application/json',
    'text/plain; application/json',
    '',
  ])('as %j is not read', async (type) => {
    const before = open.happened.length;
    const payload = JSON.stringify({ kind: 'lot', text: 'typed', by: 'Sana' });
    expect((await post('/api/events', payload, type)).statusCode).toBe(415);
    expect(open.happened.length).toBe(before);
  });
});
