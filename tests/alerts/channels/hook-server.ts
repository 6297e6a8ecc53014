import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Hook {
  headers: IncomingMessage['headers'];
  body: string;
}

/** A real receiver of webhooks on a loopback port. */
export interface HookServer {
  url(): string;
  hooks: Hook[];
  /** status and headers of the next answers, 200 unless told otherwise */
  answer: { status: number; headers: Record<string, string> };
  /** while true, requests are left without an answer and not kept */
  frozen: boolean;
  /** wanted value of the header authorization, '' = any */
  authorization: string;
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function hookServer(): Promise<HookServer> {
  let port = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      if (hook.frozen) return;
      const wanted = hook.authorization;
      if (request.headers['x-refused'] !== undefined && wanted !== '') {
        response.writeHead(401).end();
        return;
      }
      const { status, headers } = hook.answer;
      if (status < 300) hook.hooks.push({ headers: request.headers, body });
      response.writeHead(status, headers).end('answer');
    });
  };
  let server = createServer(handle);
  const hook: HookServer = {
    url: () => `http://127.0.0.1:${port}/hook?token=hidden`,
    hooks: [],
    answer: { status: 200, headers: {} },
    frozen: false,
    authorization: '',
    async down() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async up() {
      server = createServer(handle);
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    },
  };
  await hook.up();
  return hook;
}
