import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';
import { http, https } from './http.ts';
import { type TlsSettings, tlsOptions, tlsSettings } from './tls.ts';

/**
 * Addresses no one means to send results to, and attackers do: link-local ones (among them the
 * metadata service of clouds), broadcast, multicast and the like.
 */
const NEVER = blockList([
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['fd00:ec2::254', 128],
  ['fe80::', 10],
  ['ff00::', 8],
]);

/** Networks of a plant and this machine itself: only when the settings say so. */
const PRIVATE = blockList([
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
]);

/** Addresses with an IPv4 address inside: NAT64, 6to4. They could lead around the lists. */
const TUNNELS = blockList([
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
]);

/** Settings of where a sink or a hook sends to, besides its url. */
export const outwardShape = {
  tls: tlsSettings.optional().describe('Certificates for https://'),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe(
      'The host is a name of the internet (with a dot, not .local, .lan, .internal or the like) and ' +
        'may lead to an address of a private network',
    ),
};

/** Where to send, as it was checked. */
export interface Outward {
  url: string;
  tls?: TlsSettings | undefined;
  allowPrivate: boolean;
}

/** Why this address may not be used, null when it may: for the check of settings. */
export function refusedUrl(url: string): string | null {
  if (!URL.canParse(url)) return 'is no address';
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'begins with http:// or https://';
  if (username !== '' || password !== '') return 'holds no user or password: they have own keys';
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return null;
  return isRefused(host, true)
    ? `${host} is no address of a server (link-local or reserved)`
    : null;
}

/**
 * The agent of every request to this place: the check of the certificate cannot be left out, and
 * the address that was looked up is the one that is connected to, after it was found harmless.
 */
export function outwardAgent(to: Outward, sockets = 2): OutwardAgent {
  let agent: HttpAgent | HttpsAgent | null = null;
  return {
    get() {
      agent ??= newAgent(to, sockets);
      return agent;
    },
    destroy: () => agent?.destroy(),
  };
}

/** Made at the first request: a certificate file that is not there yet is no reason not to start. */
export interface OutwardAgent {
  /** throws when a certificate file cannot be read */
  get(): HttpAgent | HttpsAgent;
  destroy(): void;
}

function newAgent(to: Outward, sockets: number): HttpAgent | HttpsAgent {
  const { protocol, hostname } = new URL(to.url);
  const options = {
    keepAlive: true,
    maxSockets: sockets,
    lookup: pinnedLookup(to.allowPrivate || isLocalName(hostname)),
  };
  if (protocol !== 'https:') return new http.Agent(options);
  return new https.Agent({ ...options, ...tlsOptions(to.tls) });
}

/** A lookup that gives only harmless addresses; one bad among them and there are none at all. */
export function pinnedLookup(
  privateToo: boolean,
  lookup: typeof systemLookup = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, []);
      const bad = addresses.find((one) => isRefused(one.address, privateToo));
      const [first] = addresses;
      if (bad !== undefined || first === undefined) {
        return callback(new AddressRefused(hostname, bad?.address ?? 'no address'), []);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The name leads to where results must not go. */
class AddressRefused extends Error {
  readonly code = 'EADDRREFUSED';
  constructor(hostname: string, address: string) {
    super(
      `${hostname} leads to ${address}, which is link-local, reserved or in a private network; if ` +
        'it is a server of yours, say allowPrivate: true, or write its address',
    );
  }
}

/** True for addresses that are never sent to, or only when private networks are meant. */
export function isRefused(address: string, privateToo: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) return true;
  if (NEVER.check(address, family) || TUNNELS.check(address, family)) return true;
  return !privateToo && PRIVATE.check(address, family);
}

/** Names that the internet cannot give to anybody (RFC 6761, 6762, 8375 and common use). */
function isLocalName(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (!host.includes('.')) return true;
  return /\.(local|localhost|lan|internal|intranet|home\.arpa|localdomain)$/.test(host);
}

function blockList(nets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of nets) list.addSubnet(net, bits, net.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}
