import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import type { SourceHealth } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { backoff, sleep } from '../../runtime/retry.ts';
import type { AckStream } from './acks.ts';
import { clientOptions } from './client-options.ts';
import { describeDisconnect, describeFault } from './faults.ts';
import type { MqttSettings } from './settings.ts';

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
  settings: MqttSettings;
  clientId: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** one message; `stream` is where its acknowledgement may go, null when it needs none */
  message(topic: string, payload: Buffer, packet: IPublishPacket, stream: AckStream | null): void;
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

/**
 * MQTT.js acknowledges after the callback of `handleMessage`, unless the callback gets an error:
 * then it goes on with the next message and sends nothing. That is how the acknowledgement becomes
 * ours to send after the commit, in both protocol versions.
 */
const NO_PUBACK = new Error('acknowledged after commit');

interface State {
  client: MqttClient | null;
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
  held: { packet: IPublishPacket; done: (error?: Error) => void } | null;
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
    client: null,
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
    held: null,
    lastPing: 0,
  };

  const open = () => {
    s.retryOpenAt = Number.POSITIVE_INFINITY;
    try {
      const settings = clientOptions(options.settings, options.clientId);
      s.client = connect(options.settings.url, { ...settings, reconnectPeriod: wait.next() });
      listen(s, s.client, options, wait);
    } catch (error) {
      fail(s, describeFault(error, options.settings.url), options.log);
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
      if (on || s.held === null) return;
      const { packet, done } = s.held;
      s.held = null;
      take(s, options, packet, done);
    },
    tick() {
      const now = clock.monotonic();
      if (s.client === null && now >= s.retryOpenAt && !s.closing) open();
      if (s.client === null || !s.connected) return;
      if (!s.stable && now - s.upSince >= STABLE_MS) {
        s.stable = true;
        s.shortLived = 0;
        wait.reset();
        s.client.options.reconnectPeriod = wait.next();
      }
      if (s.held !== null) keepAlive(s, s.client, now, options.settings.keepAlive);
    },
    view: () => ({
      state: s.closing ? 'stopped' : s.connected ? 'up' : s.fault === '' ? 'connecting' : 'down',
      detail: detailOf(s, options.clientId),
      sinceMs: s.sinceMs,
    }),
    client: () => (s.connected ? s.client : null),
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
  client.handleMessage = (packet, done) => {
    if (s.closing) done(NO_PUBACK);
    else if (s.paused) s.held = { packet, done };
    else take(s, options, packet, done);
  };
  client.on('connect', (packet) => {
    const { stream } = client;
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
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
    fail(s, describeFault(error, url), log);
  });
  client.on('close', () => {
    // The message that waits belongs to the lost connection: the broker sends it again.
    s.held = null;
    if (!s.connected) {
      if (s.fault === '') fail(s, describeFault(new Error('connection closed'), url), log);
      return;
    }
    s.connected = false;
    s.sinceMs = clock.now();
    if (!s.stable) s.shortLived += 1;
    if (s.shortLived >= SUSPICIOUS) fail(s, rivalText(options.clientId), log);
    else if (s.fault === '') fail(s, describeFault(new Error('connection closed'), url), log);
    options.down();
  });
}

function take(
  s: State,
  options: LinkOptions,
  packet: IPublishPacket,
  done: (error?: Error) => void,
): void {
  const client = s.client;
  const open = packet.qos > 0 && client?.connected === true;
  options.message(packet.topic, packet.payload as Buffer, packet, open ? client.stream : null);
  done(packet.qos > 0 ? NO_PUBACK : undefined);
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
 * While a message is held nothing is read, PINGRESP neither: pings go out all the same, so that
 * the broker keeps us, and MQTT.js is told not to count the missing answers.
 */
function keepAlive(s: State, client: MqttClient, now: number, keepAliveMs: number): void {
  if (now - s.lastPing < keepAliveMs / 3) return;
  s.lastPing = now;
  client.sendPing();
  client.reschedulePing(true);
}

async function goodbye(s: State): Promise<void> {
  const { client } = s;
  if (client === null) return;
  const force = !s.connected;
  // What is still on its way in is read and let go: unacknowledged, so the broker keeps it.
  s.held?.done(NO_PUBACK);
  s.held = null;
  const done = new Promise<void>((resolve) => {
    client.end(force, {}, () => resolve());
  });
  const late = new AbortController();
  await Promise.race([done, sleep(GOODBYE_MS, late.signal)]);
  late.abort();
  client.stream.destroy();
  s.connected = false;
}
