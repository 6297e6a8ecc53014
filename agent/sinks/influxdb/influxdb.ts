import { z } from 'zod';
import { kind } from '../../registry.ts';
import { duration } from '../../runtime/duration.ts';
import { InputError } from '../../runtime/errors.ts';
import { outwardShape, refusedUrl } from '../../runtime/outward.ts';
import { learnSecrets } from '../../runtime/secrets.ts';
import { shipperSettings } from '../shipper.ts';
import type { Sink, SinkContext, WriteResult } from '../sink.ts';
import { beatLines } from './beat.ts';
import { givenLines, lineBuffer } from './line-protocol.ts';
import { rowLines } from './lines.ts';
import { linePrefix } from './measurements.ts';
import { sender } from './send.ts';
import { type Connect, connect } from './transport.ts';

const name = () => z.string().min(1).max(200);

/** Settings of a sink that writes to InfluxDB 1.8+, 2.x, 3.x or anything that takes its lines. */
const influxdbSettings = z.object({
  ...shipperSettings,
  url: z
    .string()
    .refine((url) => refusedUrl(url) === null, {
      error: (issue) => refusedUrl(String(issue.input)) ?? '',
    })
    .describe('base address of the server, e.g. http://127.0.0.1:8086'),
  ...outwardShape,
  api: z
    .enum(['auto', 'v1', 'v2'])
    .default('auto')
    .describe('auto: v2 (/api/v2/write) when `bucket` is set, v1 (/write) when `database` is set'),
  database: name().optional().describe('database (InfluxDB 1.x and 3.x)'),
  bucket: name().optional().describe('bucket (InfluxDB 2.x)'),
  org: name().optional().describe('organisation (InfluxDB 2.x only)'),
  token: name().optional().describe('API token; give it as ${VARIABLE}, not in the file'),
  username: name().optional().describe('user (InfluxDB 1.x with authentication)'),
  password: z.string().max(200).optional().describe('password of the user, as ${VARIABLE}'),
  gzip: z
    .boolean()
    .optional()
    .describe('compress what is sent; left out: yes, unless the server is on this machine'),
  timeout: duration('10s').describe('longest time one request may take'),
  maxLines: z
    .number()
    .int()
    .min(1)
    .max(20_000)
    .default(2500)
    .describe('most lines in one request; a request never exceeds 2 MB'),
  tags: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(200))
    .default({})
    .describe('further tags on every series: fixed values only, e.g. plant: north'),
});

export type InfluxdbSettings = z.output<typeof influxdbSettings>;

/** InfluxDB over HTTP line protocol: numbered timestamps make sending twice harmless. */
export const influxdb = kind({
  settings: influxdbSettings,
  create: (settings: InfluxdbSettings, context: SinkContext): Sink =>
    influxdbSink(settings, context),
});

/** The sink on a connection of its own kind; a simulation gives another one. */
export function influxdbSink(
  settings: InfluxdbSettings,
  context: SinkContext,
  open: Connect = connect,
): Sink {
  const now = () => context.clock.now();
  const transport = open({ ...target(settings, context.name), now });
  const canaryTags = { site: context.site, sink: context.name };
  const canary = new TextDecoder().decode(linePrefix('spc_agent', canaryTags, settings.tags));
  const send = sender({
    ...transport,
    canary: () => `${canary} probe=1i ${Math.floor(context.clock.now())}000000`,
    now,
    log: context.log,
  });
  const rows = rowLines(context, settings.tags);
  const out = lineBuffer();
  const full = () => out.count() >= settings.maxLines || out.bytes() >= send.maxBytes();
  const beats = lineBuffer(4096);

  return {
    // Nothing to do yet: a server that is off must not keep the agent from starting.
    async open() {},
    async write(batch, signal) {
      const total: WriteResult = { written: 0, rejected: [] };
      const add = ({ written, rejected }: WriteResult) => {
        total.written += written;
        total.rejected.push(...rejected);
      };
      let inFlight: Promise<WriteResult> | undefined;
      out.reset();
      for (const _ of rows.lines(batch, out, full)) {
        if (inFlight) add(await inFlight);
        inFlight = send.send(out.take(), signal);
        // It is awaited above or below; until then a failure must not count as unhandled.
        inFlight.catch(() => {});
        // Lets the request reach the socket: the next lines are written while the server works.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (inFlight) add(await inFlight);
      add(await send.send(out.take(), signal));
      return total;
    },
    again: (list, signal) => send.send(givenLines(list), signal),
    async beat(sources, signal, own) {
      const nowMs = context.clock.now();
      beats.reset();
      const place = { site: context.site, sink: context.name, tags: settings.tags, nowMs };
      for (const _ of beatLines(beats, place, sources, own, settings.maxLines)) {
        await send.send(beats.take(), signal);
      }
      await send.send(beats.take(), signal);
    },
    async close() {
      transport.close();
    },
  };
}

/** Settings as one address; what does not fit together is said in the words of the settings. */
function target(settings: InfluxdbSettings, sink: string) {
  const { database, bucket, org, token, username, password, url } = settings;
  const api = settings.api === 'auto' ? (bucket === undefined ? 'v1' : 'v2') : settings.api;
  const place = api === 'v1' ? (database ?? bucket) : (bucket ?? database);
  if (place === undefined) {
    throw new InputError(
      `sinks.${sink}: give \`database\` (InfluxDB 1.x, 3.x) or \`bucket\` (2.x)`,
    );
  }
  const query =
    api === 'v1'
      ? new URLSearchParams({ db: place, precision: 'ns' })
      : new URLSearchParams({ org: org ?? '', bucket: place, precision: 'ns' });
  const path = api === 'v1' ? '/write' : '/api/v2/write';
  return {
    outward: settings,
    url,
    path: `${path}?${query}`,
    authorization: authorization(api, token, username, password),
    gzip: settings.gzip ?? !isLoopback(url),
    timeoutMs: settings.timeout,
  };
}

/** In a header and never in the address, as addresses end up in logs. */
function authorization(
  api: 'v1' | 'v2',
  token?: string,
  user?: string,
  password = '',
): string | null {
  if (token !== undefined) return `Token ${token}`;
  if (user === undefined) return null;
  if (api === 'v2') return `Token ${user}:${password}`;
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  learnSecrets([basic]);
  return `Basic ${basic}`;
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
