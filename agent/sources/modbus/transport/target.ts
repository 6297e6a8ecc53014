/** How the other side is reached. */
export type Line =
  | { kind: 'tcp' | 'tls' | 'udp'; host: string; port: number }
  | { kind: 'serial'; path: string; serial: SerialLine };

export type Framing = 'mbap' | 'rtu' | 'ascii';

export interface SerialLine {
  baud: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even' | 'odd';
  stopBits: 1 | 2;
}

/** One address: the line and what frames look like on it. */
export interface Target {
  url: string;
  line: Line;
  framing: Framing;
}

const NETWORK = /^(\[[0-9a-fA-F:]+\]|[^\s/:[\]?]+)(?::(\d{1,5}))?\/?$/;

/** Schemes of network links: what carries the bytes, framing, usual port. */
const NETWORKS: Record<string, { kind: 'tcp' | 'tls' | 'udp'; framing: Framing; port: number }> = {
  tcp: { kind: 'tcp', framing: 'mbap', port: 502 },
  tls: { kind: 'tls', framing: 'mbap', port: 802 },
  udp: { kind: 'udp', framing: 'mbap', port: 502 },
  'rtu+tcp': { kind: 'tcp', framing: 'rtu', port: 502 },
  'ascii+tcp': { kind: 'tcp', framing: 'ascii', port: 502 },
};

/** What a link's url means, or a sentence that says what is wrong with it. */
export function parseTarget(url: string): Target | string {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === 'rtu' || scheme === 'ascii') return serialTarget(url, scheme, rest);
  const network = NETWORKS[scheme];
  const [, host, port] = NETWORK.exec(rest) ?? [];
  if (network === undefined || host === undefined || Number(port ?? 1) > 65_535) return EXPECTED;
  const line = {
    kind: network.kind,
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? network.port : Number(port),
  };
  return { url, line, framing: network.framing };
}

/** The same for a url that was checked before. */
export function targetOf(url: string): Target {
  const target = parseTarget(url);
  if (typeof target === 'string') throw new Error(`${url}: ${target}`);
  return target;
}

/** True when frames carry no number of their own, so that a late one looks like the right one. */
export const isAnonymous = (target: Target): boolean => target.framing !== 'mbap';

/** Silence that ends a frame on a serial line: 3.5 characters, 1.75 ms above 19 200 baud. */
export function silenceMs(target: Target): number {
  if (target.line.kind !== 'serial' || target.framing !== 'rtu') return 0;
  const { baud } = target.line.serial;
  return baud > 19_200 ? 1.75 : (3.5 * 11 * 1000) / baud;
}

const EXPECTED =
  "expected tcp://host or tcp://host:port, e.g. 'tcp://192.168.0.10:502'; also tls://, udp://, " +
  "rtu+tcp://, ascii+tcp://, and serial lines: 'rtu:///dev/ttyUSB0?baud=19200'";

function serialTarget(url: string, framing: 'rtu' | 'ascii', rest: string): Target | string {
  const bits = framing === 'rtu' ? 8 : 7;
  const line = serialLine(framing, rest, { baud: 19_200, bits, parity: 'even' });
  if (typeof line === 'string') return line;
  if (framing === 'rtu' && line.serial.dataBits !== 8) return 'RTU frames need bits=8';
  return { url, line, framing };
}

/**
 * What an address without frames means, for devices that send text: 'tcp://host:port' or
 * 'serial:///dev/ttyUSB0?baud=9600'; else a sentence that says what is wrong with it.
 */
export function parseLine(url: string): Line | string {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === 'serial') {
    return serialLine(scheme, rest, { baud: 9600, bits: 8, parity: 'none', stop: 1 });
  }
  const [, host, port] = NETWORK.exec(rest) ?? [];
  if (scheme !== 'tcp' || host === undefined || port === undefined || Number(port) > 65_535) {
    return "expected tcp://host:port, or a serial line: 'serial:///dev/ttyUSB0?baud=9600'";
  }
  return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

interface SerialDefaults {
  baud: number;
  bits: 7 | 8;
  parity: SerialLine['parity'];
  /** left out: as Modbus wants it, two without parity, else one */
  stop?: 1 | 2;
}

/** '/dev/ttyUSB0?baud=9600&bits=8&parity=none&stop=1' */
function serialLine(
  scheme: string,
  rest: string,
  defaults: SerialDefaults,
): Extract<Line, { kind: 'serial' }> | string {
  const [path = '', query = ''] = rest.split('?');
  if (!path.startsWith('/')) return `expected ${scheme}:///dev/ttyUSB0?baud=${defaults.baud}`;
  const words = new URLSearchParams(query);
  const take = (name: string, fallback: string) => {
    const value = words.get(name) ?? fallback;
    words.delete(name);
    return value;
  };
  const baud = Number(take('baud', String(defaults.baud)));
  const dataBits = Number(take('bits', String(defaults.bits)));
  const parity = take('parity', defaults.parity);
  const stopBits = Number(take('stop', String(defaults.stop ?? (parity === 'none' ? 2 : 1))));
  const [unknown] = words.keys();
  if (unknown !== undefined) return `'${unknown}' is not known: there are baud, bits, parity, stop`;
  if (!Number.isInteger(baud) || baud < 50 || baud > 4_000_000)
    return `baud is a number, e.g. ${defaults.baud}`;
  if (dataBits !== 7 && dataBits !== 8) return 'bits is 7 or 8';
  if (parity !== 'none' && parity !== 'even' && parity !== 'odd') {
    return 'parity is none, even or odd';
  }
  if (stopBits !== 1 && stopBits !== 2) return 'stop is 1 or 2';
  return { kind: 'serial', path, serial: { baud, dataBits, parity, stopBits } };
}
