import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { closeServer, listen } from './influxdb.ts';

export interface Received {
  method: string;
  path: string;
  lines: string[];
  bytes: number;
  headers: Record<string, string | string[] | undefined>;
  atMs: number;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** never answer */
  hang?: boolean;
}

/** An InfluxDB that answers as a test says and remembers every request and every stored line. */
export async function fakeInflux(answer: (request: Received) => Reply) {
  const requests: Received[] = [];
  const stored: string[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = req.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const lines = text.toString().split('\n').filter(Boolean);
      const { method = '', url = '', headers } = req;
      const received = {
        method,
        path: url,
        lines,
        bytes: text.length,
        headers,
        atMs: performance.now(),
      };
      requests.push(received);
      const reply = answer(received);
      if (reply.hang) return;
      if (reply.status < 300) stored.push(...lines);
      res.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  const url = await listen(server);
  return { url, requests, stored, close: () => closeServer(server) };
}
