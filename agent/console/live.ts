import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { messageOf } from '../runtime/errors.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import { liveMetrics } from './live-metrics.ts';
import { showAlert, showChange, showCharacteristic, showPlant } from './present.ts';
import type * as s from './schemas.ts';
import type { ConsoleView, LiveChange, Metric } from './view.ts';

const MIN_INTERVAL_MS = 250;
const HEARTBEAT_MS = 15_000;
const SNAPSHOT_ALERTS = 500;
/** changes that may wait for one snapshot: 25 s of them */
const MAX_EARLY = 100;
/** beats for which a client may have too much to read: half a minute */
const DROP_BEATS = 2;

export interface LiveOptions {
  view: ConsoleView;
  log?: Log;
  maxClients?: number;
  /** bytes that wait for one client before it gets no more changes: a sleeping tablet must not
   * fill memory. When it reads on it gets a new snapshot; when it does not, it is dropped */
  maxBufferedBytes?: number;
  heartbeatMs?: number;
}

export interface Live {
  /** false: as many clients as allowed are connected. `may`: whether this one still may listen */
  open(response: ServerResponse, headers: Record<string, string>, may: () => boolean): boolean;
  /** ends the streams of those who may no longer listen; also done on every beat */
  recheck(): void;
  metrics(): Metric[];
  close(): void;
}

interface Client {
  response: ServerResponse;
  may: () => boolean;
  /** changes that came while the snapshot was read; null once it is written */
  early: Buffer[] | null;
  /** beats since it has too much to read; 0: it reads */
  behind: number;
}

interface State {
  clients: Set<Client>;
  pending: { characteristics: Map<string, LiveChange['characteristics'][number]> } & {
    alerts: Map<number, LiveChange['alerts'][number]>;
    sources: boolean;
  };
  id: number;
  dropped: number;
  /** changes that were left out because a snapshot will hold them */
  collapsed: number;
  flushTimer: NodeJS.Timeout | null;
  beat: NodeJS.Timeout | null;
  unsubscribe: (() => void) | null;
  closed: boolean;
}

/**
 * The live stream: a snapshot for each new client, then the same coalesced changes for all of
 * them. While nobody listens it does nothing.
 */
export function createLive(options: LiveOptions): Live {
  const { view, log = silentLog, maxClients = 200, maxBufferedBytes = 64 * 1024 } = options;
  const state = newState();

  const welcome = (client: Client) => {
    client.early = [];
    client.behind = 0;
    readSnapshot(view).then(
      (snapshot) => {
        client.response.write(event('snapshot', snapshot));
        for (const bytes of client.early ?? []) client.response.write(bytes);
        client.early = null;
      },
      (thrown) => {
        log.error('console-snapshot-failed', { message: messageOf(thrown) });
        client.response.destroy();
      },
    );
  };
  const broadcast = (text: string) => {
    // The same bytes for all: what waits for two hundred slow pages is in memory once.
    const bytes = Buffer.from(text);
    for (const client of state.clients) {
      if (send(state, client, bytes, maxBufferedBytes)) continue;
      if (client.early !== null) drop(state, client, log);
      else if (client.behind === 0) {
        client.behind = 1;
        client.response.once('drain', () => welcome(client));
      }
    }
  };
  const event = (name: string, data: unknown) => eventText(state, name, data);
  const flush = () => {
    const change = takePending(state);
    if (change !== null) broadcast(event('change', showChange(change)));
    state.flushTimer = change === null ? null : setTimeout(flush, MIN_INTERVAL_MS);
  };
  const start = () => {
    state.unsubscribe ??= view.subscribe((change) => {
      merge(state, change);
      if (state.flushTimer === null) flush();
    });
    // Scripts cannot see comments, so an event with the time tells the page that the line lives.
    state.beat ??= setInterval(() => {
      endForbidden(state);
      dropSilent(state, log);
      broadcast(`: heartbeat\n${event('tick', { now: showPlant(view.plant()).now })}`);
    }, options.heartbeatMs ?? HEARTBEAT_MS);
  };

  return {
    open(response, headers, may) {
      if (state.closed || state.clients.size >= maxClients) return false;
      // It may have gone while its login was looked at: its end is over and comes no more.
      if (response.destroyed) return true;
      const client: Client = { response, may, early: [], behind: 0 };
      state.clients.add(client);
      const leave = () => {
        state.clients.delete(client);
        if (state.clients.size === 0) stop(state);
      };
      response.on('close', leave);
      response.on('error', leave);
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
      start();
      response.write('retry: 2000\n\n');
      welcome(client);
      return true;
    },
    recheck: () => endForbidden(state),
    metrics() {
      const waiting = [...state.clients].map((client) => client.response.writableLength);
      return liveMetrics({
        clients: waiting.length,
        bufferedBytes: waiting.reduce((sum, bytes) => sum + bytes, 0),
        dropped: state.dropped,
        collapsed: state.collapsed,
      });
    },
    close() {
      state.closed = true;
      for (const client of state.clients) client.response.end();
      stop(state);
    },
  };
}

/** False: this client has too much to read already. */
function send(state: State, client: Client, bytes: Buffer, maxBytes: number): boolean {
  if (client.early !== null) return client.early.push(bytes) <= MAX_EARLY;
  if (client.behind > 0 || client.response.writableLength > maxBytes) {
    state.collapsed += 1;
    return false;
  }
  client.response.write(bytes);
  return true;
}

function drop(state: State, client: Client, log: Log): void {
  state.dropped += 1;
  log.warn('console-client-dropped', { bufferedBytes: client.response.writableLength });
  client.response.destroy();
}

/** Who has read nothing for so many beats is not there any more. */
function dropSilent(state: State, log: Log): void {
  for (const client of state.clients) {
    if (client.behind > 0) client.behind += 1;
    if (client.behind > DROP_BEATS) drop(state, client, log);
  }
}

/** A login that ended, or a user who is gone: what comes next is not for this page any more. */
function endForbidden(state: State): void {
  for (const client of state.clients) {
    if (client.may()) continue;
    state.clients.delete(client);
    client.response.end();
  }
  if (state.clients.size === 0) stop(state);
}

function eventText(state: State, name: string, data: unknown): string {
  state.id += 1;
  return `id: ${state.id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function readSnapshot(view: ConsoleView): Promise<z.input<typeof s.snapshot>> {
  const alerts = await view.alerts({ state: 'active', limit: SNAPSHOT_ALERTS });
  return {
    plant: showPlant(view.plant()),
    characteristics: view.characteristics().map(showCharacteristic),
    alerts: alerts.map(showAlert),
  };
}

function newState(): State {
  return {
    clients: new Set(),
    pending: { characteristics: new Map(), alerts: new Map(), sources: false },
    id: 0,
    dropped: 0,
    collapsed: 0,
    flushTimer: null,
    beat: null,
    unsubscribe: null,
    closed: false,
  };
}

function merge({ pending }: State, change: LiveChange): void {
  for (const one of change.characteristics) pending.characteristics.set(one.id, one);
  for (const one of change.alerts) pending.alerts.set(one.id, one);
  pending.sources ||= change.sources;
}

function takePending({ pending }: State): LiveChange | null {
  const { characteristics, alerts, sources } = pending;
  if (characteristics.size === 0 && alerts.size === 0 && !sources) return null;
  const change = {
    characteristics: [...characteristics.values()],
    alerts: [...alerts.values()],
    sources,
  };
  characteristics.clear();
  alerts.clear();
  pending.sources = false;
  return change;
}

function stop(state: State): void {
  state.unsubscribe?.();
  state.unsubscribe = null;
  if (state.flushTimer !== null) clearTimeout(state.flushTimer);
  if (state.beat !== null) clearInterval(state.beat);
  state.flushTimer = null;
  state.beat = null;
  takePending(state);
}
