import { connect } from 'mqtt';
import { stringify } from 'yaml';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { tlsOptions } from '../runtime/tls.ts';
import { createDiscovery, type Discovery, type TopicFinding } from '../sources/mqtt/discover.ts';
import { describeFault } from '../sources/mqtt/faults.ts';
import { propose } from '../sources/mqtt/propose.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';
import { textOption } from './options.ts';

const CONNECT_MS = 10_000;
const MOST_SHOWN = 200;

/** Listens to a broker nobody has described. */
export const discover: Command = {
  summary: 'listen to a broker: topics, rates, shapes, and settings to begin with',
  usage: 'mqtt URL [--for 30s] [--topic FILTER] [--username NAME --password TEXT] [--json]',
  help: [
    'URL              mqtt://host:port, mqtts:// (TLS), ws:// or wss://',
    '--for DURATION   how long to listen (default: 30s); Ctrl-C ends it earlier',
    '--topic FILTER   what to listen to (default: #, everything)',
    '--username, --password   login at the broker; the password also from MQTT_PASSWORD',
    '--json           {topics: [{topic, messages, retained, perSecond, form, paths}], settings}',
    '',
    'Only listens, with a session that the broker forgets. The settings at the end are a proposal:',
    'units, tolerances and which counter counts parts only people know.',
  ],
  example: 'meyar discover mqtt mqtt://10.0.0.5:1883 --for 60s --topic "ravi/#"',
  options: {
    for: { type: 'string', default: '30s' },
    topic: { type: 'string', default: '#' },
    username: { type: 'string' },
    password: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [2, 2],
  async run([kind = '', url = ''], values, terminal) {
    if (kind !== 'mqtt') throw new InputError(`discover ${kind}: there is only 'mqtt'`);
    if (!/^(mqtts?|wss?):\/\/[^/@]+/.test(url)) {
      throw new InputError(`${url}: an address such as mqtt://10.0.0.5:1883`);
    }
    const forMs = parseDuration(String(values['for']));
    if (forMs === undefined) throw new InputError(`--for ${values['for']}: such as 30s or 5m`);
    const found = await listen(url, forMs, values, terminal);
    const topics = found.findings().sort((a, b) => (a.topic < b.topic ? -1 : 1));
    const settings = propose(url, topics);
    if (values['json'] === true) {
      terminal.out(JSON.stringify({ topics, more: found.more(), settings }));
    } else print(topics, found.more(), settings, terminal);
    return topics.length === 0 ? EXIT.foundWrong : EXIT.done;
  },
};

async function listen(
  url: string,
  forMs: number,
  values: Values,
  terminal: Terminal,
): Promise<Discovery> {
  const discovery = createDiscovery();
  const username = textOption(values, 'username');
  const password = textOption(values, 'password') ?? terminal.env['MQTT_PASSWORD'];
  const client = connect(url, {
    ...tlsOptions(),
    ...{ clean: true, reconnectPeriod: 0, connectTimeout: CONNECT_MS },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  client.on('message', (topic, payload, packet) => {
    discovery.take(topic, payload, packet.retain, terminal.clock.now());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
      client.once('close', () => reject(new Error('connack timeout')));
    });
    await client.subscribeAsync(String(values['topic']), { qos: 0 });
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, forMs);
    });
    await Promise.race([over, terminal.interrupted()]);
    clearTimeout(timer);
  } catch (error) {
    throw new InputError(describeFault(error, url, terminal.clock.now()));
  } finally {
    client.end(true);
  }
  return discovery;
}

function print(
  topics: readonly TopicFinding[],
  more: number,
  settings: object,
  terminal: Terminal,
): void {
  if (topics.length === 0) {
    terminal.out('nothing was sent; listen longer (--for 5m), or to another --topic');
    return;
  }
  for (const t of topics.slice(0, MOST_SHOWN)) {
    const rate = t.perSecond === null ? '' : `, ${Number(t.perSecond.toPrecision(3))}/s`;
    const retained = t.retained > 0 ? `, ${t.retained} retained` : '';
    terminal.out(`${t.topic}: ${t.messages} × ${t.form}${rate}${retained}`);
    for (const p of t.paths) {
      const unit = p.unit === null ? '' : ` in ${p.unit}`;
      const span = p.min === null || p.role !== 'value' ? p.example : `${p.min} … ${p.max}`;
      terminal.out(`    ${p.path === '' ? '(the message)' : p.path}: ${p.role}${unit}, ${span}`);
    }
  }
  const unshown = more + Math.max(0, topics.length - MOST_SHOWN);
  if (unshown > 0) terminal.out(`and ${unshown} more`);
  terminal.out('\n# a proposal: correct names, units and tolerances\n');
  terminal.out(stringify(settings));
}
