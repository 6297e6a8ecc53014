import { createServer, type Server } from 'node:http';
import { parentPort } from 'node:worker_threads';

/** What the harness says to the fake InfluxDB, which runs on a thread of its own. */
export type ToServer =
  | { type: 'up' }
  | { type: 'down' }
  /** from now on: rows of this time and later are fresh; `aheadMs`: simulated minus real time */
  | { type: 'fresh'; fromMs: number; aheadMs: number }
  | { type: 'figures' };

export interface WeekFigures {
  port: number;
  requests: number;
  lines: number;
  /** different readings that arrived, by characteristic and counter */
  distinct: number;
  /** lines that rewrote one that was there, which changes nothing in InfluxDB */
  again: number;
  /** age at arrival of rows made after the first accepted request */
  freshLines: number;
  worstLagMs: number;
  /** older rows: lines, arrival of the first and of the last, ms since 1970 */
  backlogLines: number;
  backlogFromMs: number;
  backlogEndMs: number;
  lags: number[];
}

const CHARACTERISTICS = 50;
const MOST_PARTS = 1 << 20;
const LAGS_KEPT = 20_000;

const seen = new Uint8Array((CHARACTERISTICS * MOST_PARTS) / 8);
const figures: WeekFigures = {
  port: 0,
  requests: 0,
  lines: 0,
  distinct: 0,
  again: 0,
  freshLines: 0,
  worstLagMs: 0,
  backlogLines: 0,
  backlogFromMs: 0,
  backlogEndMs: 0,
  lags: [],
};
let server: Server | null = null;
let fresh = { fromMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
let acceptedFromMs: number | null = null;

parentPort?.on('message', (message: ToServer) => {
  if (message.type === 'up') up();
  else if (message.type === 'down') down();
  else if (message.type === 'fresh') fresh = message;
  else parentPort?.postMessage({ ...figures, lags: figures.lags });
});

/** Listens on the port it had before: the address in the settings does not change. */
function up(): void {
  server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      figures.requests += 1;
      const now = Date.now() + fresh.aheadMs;
      acceptedFromMs ??= now;
      for (const line of Buffer.concat(chunks).toString('latin1').split('\n')) take(line, now);
      answer.writeHead(204).end();
    });
  });
  server.listen(figures.port, '127.0.0.1', () => {
    const address = server?.address();
    if (typeof address === 'object' && address !== null) figures.port = address.port;
    parentPort?.postMessage({ ...figures, lags: [] });
  });
}

function down(): void {
  server?.closeAllConnections();
  server?.close();
  server = null;
}

function take(line: string, now: number): void {
  if (!line.startsWith('spc_sample,')) return;
  const tag = line.indexOf('characteristic=c') + 16;
  const counter = line.indexOf(',seq=') + 5;
  const c = Number.parseInt(line.slice(tag, tag + 3), 10);
  const part = Number.parseInt(line.slice(counter, counter + 12), 10);
  const bit = c * MOST_PARTS + part;
  const mask = 1 << (bit & 7);
  figures.lines += 1;
  if (((seen[bit >> 3] ?? 0) & mask) === 0) {
    seen[bit >> 3] = (seen[bit >> 3] ?? 0) | mask;
    figures.distinct += 1;
  } else figures.again += 1;
  const ms = Number(line.slice(line.lastIndexOf(' ') + 1, -6));
  if (ms < fresh.fromMs) {
    figures.backlogLines += 1;
    figures.backlogEndMs = Date.now();
    if (figures.backlogFromMs === 0) figures.backlogFromMs = figures.backlogEndMs;
  }
  if (ms < Math.max(fresh.fromMs, acceptedFromMs ?? Number.POSITIVE_INFINITY)) return;
  figures.freshLines += 1;
  const lagMs = now - ms;
  figures.worstLagMs = Math.max(figures.worstLagMs, lagMs);
  if (figures.lags.length < LAGS_KEPT) figures.lags.push(lagMs);
}
