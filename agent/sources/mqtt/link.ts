import type { MqttClient } from 'mqtt';
import type { SourceHealth } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { backoff, sleep } from '../../runtime/retry.ts';
import type { Dial } from '../source.ts';
import { clientOptions } from './client-options.ts';
import type { ConnectionSettings } from './connection.ts';
import { describeDisconnect, describeFault } from './faults.ts';
import { type OnMessage, openWire, type Wire } from './wire.ts';

/** The connection to one broker: kept up for ever, until closed. */
export interface Link {
  open(): void;
  close(): Promise<void>;
  pause(on: boolean): void;
  /** called a few times a second */
  tick(): void;
  view(): { state: SourceHealth['state']; detail: string; sinceMs: number };
  client(): MqttClient | null;
}

export interface LinkOptions {
  settings: ConnectionSettings;
  clientId: string;
  /** the broker keeps nothing for us while we are away; kept when left out */
  clean?: boolean;
  clock: Clock;
  random: () => number;
  log: Log;
  message: OnMessage;
  dial: Dial | undefined;
  up(client: MqttClient, sessionPresent: boolean): void;
  down(): void;
}

const RECONNECT_FIRST_MS = 200;
const RECONNECT_MAX_MS = 30_000;
/** A connection that lasted this long was a good one: the next loss is answered quickly. */
const STABLE_MS = 5000;
/** So many short connections in a row are no accident. */
const SUSPICIOUS = 3;
const GOODBYE_MS = 1000;

interface State {
  wire: Wire | null;
  connected: boolean;
  upSince: number;
  stable: boolean;
  /** connections in a row that the other side ended soon after they began */
  shortLived: number;
  closing: boolean;
  fault: string;
  told: string;
  sinceMs: number;
  retryOpenAt: number;
  paused: boolean;
  lastPing: number;
}

export function createLink(options: LinkOptions): Link {
  const { clock } = options;
  const wait = backoff({
    firstMs: RECONNECT_FIRST_MS,
    maxMs: RECONNECT_MAX_MS,
    random: options.random,
  });
  const s: State = {
    wire: null,
    connected: false,
    upSince: 0,
    stable: false,
    shortLived: 0,
    closing: false,
    fault: '',
    told: '',
    sinceMs: clock.now(),
    retryOpenAt: Number.POSITIVE_INFINITY,
    paused: false,
    lastPing: 0,
  };

  const open = () => {
    s.retryOpenAt = Number.POSITIVE_INFINITY;
    try {
      const settings = clientOptions(options.settings, options.clientId, options.clean);
      const { url, maxBytes } = options.settings;
      const own = { ...settings, reconnectPeriod: wait.next() };
      const take: OnMessage = (topic, payload, meta, stream, bytes) => {
        // What still comes while we leave is let go unacknowledged: the broker keeps it.
        if (!s.closing) options.message(topic, payload, meta, stream, bytes);
      };
      const { publisherProperty } = options.settings;
      s.wire = openWire(url, own, maxBytes, take, options.dial, publisherProperty);
      s.wire.pause(s.paused);
      listen(s, s.wire.client, options, wait);
    } catch (error) {
      fail(s, describeFault(error, options.settings.url, clock.now()), options.log);
      s.retryOpenAt = clock.monotonic() + wait.next();
    }
  };

  return {
    open,
    async close() {
      s.closing = true;
      await goodbye(s);
      s.sinceMs = clock.now();
    },
    pause(on) {
      s.paused = on;
      s.wire?.pause(on);
    },
    tick() {
      const now = clock.monotonic();
      if (s.wire === null && now >= s.retryOpenAt && !s.closing) open();
      if (s.wire === null || !s.connected) return;
      const { client } = s.wire;
      if (!s.stable && now - s.upSince >= STABLE_MS) {
        s.stable = true;
        s.shortLived = 0;
        wait.reset();
        client.options.reconnectPeriod = wait.next();
      }
      if (s.wire.blocked()) keepAlive(s, client, now, options.settings.keepAlive);
    },
    view: () => ({
      state: s.closing ? 'stopped' : s.connected ? 'up' : s.fault === '' ? 'connecting' : 'down',
      detail: detailOf(s, options.clientId),
      sinceMs: s.sinceMs,
    }),
    client: () => (s.connected && s.wire !== null ? s.wire.client : null),
  };
}

function listen(
  s: State,
  client: MqttClient,
  options: LinkOptions,
  wait: { next(): number },
): void {
  const { log, clock } = options;
  const { url } = options.settings;
  client.on('connect', (packet) => {
    if (s.fault !== '') log.info('mqtt-up', { afterMs: Math.round(clock.now() - s.sinceMs) });
    s.connected = true;
    s.stable = false;
    if (s.shortLived < SUSPICIOUS) s.told = '';
    s.fault = '';
    s.upSince = clock.monotonic();
    s.lastPing = s.upSince;
    s.sinceMs = clock.now();
    client.options.reconnectPeriod = wait.next();
    options.up(client, packet.sessionPresent);
  });
  client.on('reconnect', () => {
    client.options.reconnectPeriod = wait.next();
  });
  client.on('disconnect', (packet) => {
    fail(s, describeDisconnect(packet.reasonCode, options.clientId), log);
  });
  client.on('error', (error) => {
    fail(s, describeFault(error, url, clock.now()), log);
  });
  client.on('close', () => {
    if (!s.connected) {
      if (s.fault === '')
        fail(s, describeFault(new Error('connection closed'), url, clock.now()), log);
      return;
    }
    s.connected = false;
    s.sinceMs = clock.now();
    if (!s.stable) s.shortLived += 1;
    if (s.shortLived >= SUSPICIOUS) fail(s, rivalText(options.clientId), log);
    else if (s.fault === '')
      fail(s, describeFault(new Error('connection closed'), url, clock.now()), log);
    options.down();
  });
}

function detailOf(s: State, clientId: string): string {
  if (s.closing) return '';
  if (!s.connected) return s.fault;
  return s.shortLived >= SUSPICIOUS && !s.stable ? rivalText(clientId) : '';
}

const rivalText = (clientId: string) =>
  'connections end soon after they begin: does another client use our ' +
  `client id '${clientId}'? Each agent needs its own`;

/** Says the same fault once in the log; the health page always has the newest. */
function fail(s: State, text: string, log: Log): void {
  s.fault = text;
  if (s.closing || s.told === text) return;
  s.told = text;
  log.warn('mqtt-down', { reason: text });
}

/**
 * While a message waits nothing behind it is read, PINGRESP neither: pings go out all the same, so that the broker
 * keeps us, and MQTT.js is told not to count the missing answers.
 */
function keepAlive(s: State, client: MqttClient, now: number, keepAliveMs: number): void {
  if (now - s.lastPing < keepAliveMs / 3) return;
  s.lastPing = now;
  client.sendPing();
  client.reschedulePing(true);
}

async function goodbye(s: State): Promise<void> {
  if (s.wire === null) return;
  const { client } = s.wire;
  const force = !s.connected;
  s.wire.pause(false);
  const done = new Promise<void>((resolve) => {
    client.end(force, {}, () => resolve());
  });
  const late = new AbortController();
  await Promise.race([done, sleep(GOODBYE_MS, late.signal)]);
  late.abort();
  client.stream.destroy();
  s.connected = false;
}
