import type { TopicFinding } from '../sources/mqtt/discover.ts';
import { type Heard, listenTo, printTopics } from './broker-listen.ts';
import { EXIT, type Terminal, type Values } from './command.ts';

/** What a broker is like, for machines; null = it does not say. */
interface BrokerProbe {
  url: string;
  version: Heard['version'];
  roundTripMs: { median: number; min: number; max: number } | null;
  limits: {
    receiveMaximum: number | null;
    maximumPacketBytes: number | null;
    maximumQos: number | null;
    sessionExpirySeconds: number | null;
    sharedSubscriptions: boolean | null;
    wildcards: boolean | null;
  };
  /** false: the broker refuses what was asked for */
  mayListen: boolean;
  messages: number;
  retained: number;
  perSecond: number;
  topics: TopicFinding[];
  more: number;
}

/** Listens to a broker for a while and says what it is like. */
export async function probeMqtt(url: string, values: Values, terminal: Terminal): Promise<number> {
  const found = resultOf(url, await listenTo(url, values, terminal));
  if (values['json'] === true) terminal.out(JSON.stringify(found));
  else print(found, terminal);
  return found.mayListen && found.topics.length > 0 ? EXIT.done : EXIT.foundWrong;
}

function resultOf(url: string, heard: Heard): BrokerProbe {
  const { pings, discovery, granted } = heard;
  const said = heard.connack.properties;
  const topics = discovery.findings().sort((a, b) => b.messages - a.messages);
  const sum = (of: (t: TopicFinding) => number) => topics.reduce((all, t) => all + of(t), 0);
  const [min, median, max] = [pings[0], pings[Math.floor(pings.length / 2)], pings.at(-1)];
  const known = min !== undefined && median !== undefined && max !== undefined;
  return {
    url,
    version: heard.version,
    roundTripMs: known ? { median, min, max } : null,
    limits: {
      receiveMaximum: said?.receiveMaximum ?? null,
      maximumPacketBytes: said?.maximumPacketSize ?? null,
      // A broker that allows everything does not say so (MQTT 5, 3.2.2.3.4).
      maximumQos: heard.version === '5' ? (said?.maximumQoS ?? 2) : null,
      sessionExpirySeconds: said?.sessionExpiryInterval ?? null,
      sharedSubscriptions:
        heard.version === '5' ? said?.sharedSubscriptionAvailable !== false : null,
      wildcards: heard.version === '5' ? said?.wildcardSubscriptionAvailable !== false : null,
    },
    mayListen: granted < 128,
    messages: sum((t) => t.messages),
    retained: sum((t) => t.retained),
    perSecond: sum((t) => t.perSecond ?? 0),
    topics,
    more: discovery.more(),
  };
}

function print(found: BrokerProbe, terminal: Terminal): void {
  const { roundTripMs: rtt, limits } = found;
  const ms = (value: number) => value.toFixed(1);
  terminal.out(`speaks MQTT ${found.version}`);
  terminal.out(
    rtt === null
      ? 'no answer to a ping'
      : `round trip ${ms(rtt.median)} ms (${ms(rtt.min)} to ${ms(rtt.max)})`,
  );
  const says = [
    limits.receiveMaximum === null ? '' : `${limits.receiveMaximum} messages under way`,
    limits.maximumPacketBytes === null ? '' : `messages up to ${limits.maximumPacketBytes} bytes`,
    limits.maximumQos === null || limits.maximumQos === 2 ? '' : `QoS up to ${limits.maximumQos}`,
    limits.sessionExpirySeconds === null
      ? ''
      : `sessions kept ${limits.sessionExpirySeconds} s at most`,
    limits.sharedSubscriptions === false ? 'no shared subscriptions' : '',
    limits.wildcards === false ? 'no wildcards in topics' : '',
  ].filter((text) => text !== '');
  terminal.out(`limits that it tells: ${says.length === 0 ? 'none' : says.join(', ')}`);
  if (!found.mayListen) {
    terminal.out('it refuses this subscription: another --topic, or --username and --password');
    return;
  }
  if (found.topics.length === 0) {
    terminal.out('nothing was sent; listen longer (--for 5m), or to another --topic');
    return;
  }
  const rate = Number(found.perSecond.toPrecision(3));
  const topics = found.topics.length + found.more;
  terminal.out(
    `${found.messages} messages on ${topics} topics, ${rate}/s, ${found.retained} retained`,
  );
  printTopics(found.topics, found.more, terminal);
  terminal.out(`\nsettings to begin with: meyar discover mqtt ${found.url}`);
  terminal.out('whether it keeps messages while we are away: meyar doctor -c FILE');
}
