import type { IClientOptions } from 'mqtt';
import { tlsOptions } from '../../runtime/tls.ts';
import type { ConnectionSettings } from './connection.ts';

/** Above this multiple of `maxBytes` the broker itself drops a message (MQTT 5 only). */
const PACKET_FACTOR = 4;
const LEAST_PACKET = 1_048_576;

/**
 * Options of MQTT.js for a client that only consumes; `clean`: the broker keeps nothing for it.
 * Throws when a certificate file cannot be read; the caller tries again later, because a plant
 * starts in any order.
 */
export function clientOptions(
  settings: ConnectionSettings,
  clientId: string,
  clean = false,
): IClientOptions {
  const v5 = settings.version === 5;
  return {
    clientId,
    protocolVersion: v5 ? 5 : 4,
    clean,
    keepalive: Math.max(1, Math.round(settings.keepAlive / 1000)),
    connectTimeout: settings.connectTimeout,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    reschedulePings: false,
    timerVariant: 'native',
    // The cache is 65,536 buffers for packet numbers, 9 MB that save next to nothing.
    writeCache: false,
    log: () => {},
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(v5 ? { properties: properties(settings, clean) } : {}),
    ...(isSecure(settings.url) ? tlsOptions(settings.tls) : {}),
  };
}

/** A name that stays the same over restarts: the broker keeps our session under it. */
export function defaultClientId(site: string, source: string): string {
  const plain = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  return ['meyar', plain(site), plain(source)]
    .filter((part) => part !== '')
    .join('-')
    .slice(0, 64);
}

function properties(
  settings: ConnectionSettings,
  clean: boolean,
): NonNullable<IClientOptions['properties']> {
  const expiry = Math.min(0xffff_fffe, Math.round(settings.sessionExpiry / 1000));
  return {
    sessionExpiryInterval: clean ? 0 : expiry,
    receiveMaximum: settings.receiveMaximum,
    maximumPacketSize: Math.max(LEAST_PACKET, PACKET_FACTOR * settings.maxBytes),
  };
}

const isSecure = (url: string) => /^(mqtts|wss|tls|ssl):/.test(url);
