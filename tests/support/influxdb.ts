import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** One series of an answer, its rows as objects by column name. */
export interface Series {
  name: string;
  tags: Record<string, string>;
  rows: Record<string, string | number | boolean | null>[];
}

export interface Influxd {
  url: string;
  query(text: string, db?: string): Promise<Series[]>;
  /** kill -9; the data stay */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A real InfluxDB 1.6.7 on loopback with its own folder. Times in answers are nanosecond texts. */
export async function influxd(options: { auth?: boolean; databases?: string[] } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'meyar-influxd-'));
  const [port, rpc] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(dir, 'influxdb.conf'), config(dir, port, rpc, options.auth === true));
  let child: ChildProcess | undefined;
  const server: Influxd = {
    url,
    query: (text, db = 'meyar') => query(url, text, db),
    kill: () => end(child, 'SIGKILL'),
    async start() {
      child = mortal(spawn('influxd', ['-config', join(dir, 'influxdb.conf')], QUIET));
      await answers(`${url}/ping`);
    },
    async stop() {
      await end(child, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  for (const name of options.databases ?? ['meyar']) {
    if (options.auth !== true) await server.query(`CREATE DATABASE "${name}"`);
  }
  return server;
}

function config(dir: string, port: number, rpc: number, auth: boolean): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${auth}
  log-enabled = false
[logging]
  level = "error"
`;
}

/** InfluxQL over HTTP; numbers of 64 bits (times) come as text so that no digit is lost. */
export async function query(
  url: string,
  text: string,
  db: string,
  authorization?: string,
): Promise<Series[]> {
  const body = new URLSearchParams({ q: text, db, epoch: 'ns' });
  const response = await fetch(`${url}/query`, {
    method: 'POST',
    body,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });
  const raw = (await response.text()).replace(/\b(\d{17,19})\b(?=[,\]])/g, '"$1"');
  const answer = JSON.parse(raw) as {
    error?: string;
    results?: { error?: string; series?: RawSeries[] }[];
  };
  const error = answer.error ?? answer.results?.find((result) => result.error)?.error;
  if (error !== undefined) throw new Error(`${error} in: ${text}`);
  return (answer.results ?? []).flatMap((result) => result.series ?? []).map(named);
}

interface RawSeries {
  name: string;
  tags?: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

function named(series: RawSeries): Series {
  const rows = series.values.map((values) =>
    Object.fromEntries(series.columns.map((column, i) => [column, values[i] ?? null])),
  );
  return { name: series.name, tags: series.tags ?? {}, rows };
}

/** What InfluxDB 1.8 and later do themselves: /api/v2/write in front of /write of 1.6.7. */
export async function v2Proxy(target: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://proxy');
    const headers = { ...req.headers, host: new URL(target).host };
    if (url.pathname === '/api/v2/write') {
      url.pathname = '/write';
      url.searchParams.set('db', url.searchParams.get('bucket') ?? '');
      for (const name of ['bucket', 'org']) url.searchParams.delete(name);
      const token = /^Token (.*)$/.exec(req.headers.authorization ?? '')?.[1];
      if (token?.includes(':')) {
        headers.authorization = `Basic ${Buffer.from(token).toString('base64')}`;
      }
    }
    const path = url.pathname + url.search;
    const out = request(target + path, { method: req.method ?? 'GET', headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    out.on('error', () => req.socket.destroy());
    req.pipe(out);
  });
  const url = await listen(server);
  return { url, close: () => closeServer(server) };
}

/** VictoriaMetrics with its own folder; `series` reads back what it holds. */
export async function victoriaMetrics() {
  const dir = await mkdtemp(join(tmpdir(), 'meyar-vm-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${dir}`];
  const child = mortal(spawn('victoria-metrics', [...args, '-loggerLevel=PANIC'], QUIET));
  await answers(`${url}/health`);
  return {
    url,
    async series(match: string): Promise<VictoriaSeries[]> {
      await fetch(`${url}/internal/force_flush`);
      const body = new URLSearchParams({ 'match[]': match });
      const text = await (await fetch(`${url}/api/v1/export`, { method: 'POST', body })).text();
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as VictoriaSeries);
    },
    async stop() {
      await end(child, 'SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface VictoriaSeries {
  metric: Record<string, string>;
  values: number[];
  timestamps: number[];
}

/** Starts listening on a free port of loopback; returns the address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ends a server with all its connections. */
export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

const QUIET = { stdio: 'ignore' } as const;

/** A test that throws on its way must not leave a server behind. */
function mortal(child: ChildProcess): ChildProcess {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`nothing answers at ${url}`);
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
}
