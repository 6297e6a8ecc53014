import { connect, type MqttClient } from 'mqtt';
import { clientOptions, defaultClientId } from '../mqtt/client-options.ts';
import type { SourceContext } from '../source.ts';
import type { SparkplugSettings } from './settings.ts';
import { NAMESPACE } from './topics.ts';

/** Tells edge nodes whether their host listens (STATE), through a client of its own with a will. */
export interface HostState {
  start(): void;
  /** we listen from now on, or no longer */
  listening(on: boolean): void;
  /** says offline and leaves */
  stop(): Promise<void>;
}

const RECONNECT_MS = 5000;
const GOODBYE_MS = 500;

/** Without `host` in the settings nobody is told. */
export function createHostState(own: SparkplugSettings, context: SourceContext): HostState {
  const { host } = own;
  if (host === undefined) return { start() {}, listening() {}, async stop() {} };
  const topic = `${NAMESPACE}/STATE/${host.id}`;
  let client: MqttClient | null = null;
  let online = false;
  // A birth carries the time of the will that will follow it (Sparkplug 3.0, 5.15).
  let timestamp = context.clock.now();

  const payload = (on: boolean) => Buffer.from(JSON.stringify({ online: on, timestamp }));
  const will = () => ({ topic, payload: payload(false), qos: 1 as const, retain: true });
  const say = (on: boolean, done: () => void = () => {}) => {
    if (client?.connected === true)
      client.publish(topic, payload(on), { qos: 1, retain: true }, done);
    else done();
  };
  const open = () => {
    const id = own.clientId ?? defaultClientId(context.site ?? '', context.name);
    const made = connect(own.url, {
      ...clientOptions(own, `${id}-state`, true),
      reconnectPeriod: RECONNECT_MS,
      will: will(),
    });
    // The link that consumes says what is wrong with the broker.
    made.on('error', () => {});
    made.on('reconnect', () => {
      timestamp = context.clock.now();
      made.options.will = will();
    });
    made.on('connect', () => {
      made.subscribe(topic, { qos: 1 }, () => {});
      say(online);
    });
    made.on('message', (_topic, bytes) => {
      // The will of a connection that is gone, or another of our name: we are here all the same.
      if (online && /"online"\s*:\s*false/.test(bytes.toString())) say(true);
    });
    return made;
  };
  return {
    start() {
      client ??= open();
    },
    listening(on) {
      if (on === online) return;
      online = on;
      say(on);
    },
    async stop() {
      online = false;
      const leaving = client;
      if (leaving === null) return;
      await new Promise<void>((done) => {
        const late = setTimeout(done, GOODBYE_MS);
        say(false, () => {
          clearTimeout(late);
          done();
        });
      });
      client = null;
      leaving.end(true);
    },
  };
}
