import { type MqttClient, ReasonCodes } from 'mqtt';
import type { SourceEvent } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import { backoff } from '../../runtime/retry.ts';
import type { KeptFilters } from './kept-filters.ts';

const RETRY_FIRST_MS = 2000;
const RETRY_MAX_MS = 300_000;
const REFUSED = 0x80;
const MOST_NAMED = 5;

/** Subscribes to every filter on every connection, and checks what the broker granted. */
export interface Subscriptions {
  /** `sessionPresent`: the broker still has what an earlier run had subscribed to */
  connected(client: MqttClient, sessionPresent: boolean): void;
  closed(): void;
  /** asks again for what was refused, when it is time */
  tick(client: MqttClient): void;
  /** filters that are not granted as asked, and why */
  faults(): ReadonlyMap<string, string>;
}

export interface SubscriptionsOptions {
  filters: readonly string[];
  kept: KeptFilters;
  clock: Clock;
  random: () => number;
  /** every filter was answered, granted or not */
  answered(): void;
  report(event: Pick<SourceEvent, 'kind' | 'severity' | 'text'>): void;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { clock, random } = options;
  const wait = backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random });
  const faults = new Map<string, string>();
  let connection = 0;
  let retryAt = Number.POSITIVE_INFINITY;

  const judge = (filter: string, code: number) => {
    const known = faults.get(filter);
    if (code === 1) {
      if (known === undefined) return;
      faults.delete(filter);
      options.report({
        kind: 'note',
        severity: 'info',
        text: `the broker grants the subscription to '${filter}' again`,
      });
      return;
    }
    const why = code >= REFUSED ? `refused: ${ReasonCodes[code as never] || code}` : 'only QoS 0';
    faults.set(filter, why);
    if (known !== undefined) return;
    const text =
      code >= REFUSED
        ? `the broker refuses the subscription to '${filter}' (${why}); asking again`
        : `the broker grants '${filter}' at QoS 0 only: messages can be lost while we are away`;
    options.report({ kind: 'config', severity: 'warning', text });
  };

  const ask = (client: MqttClient, filters: string[]) => {
    const asked = connection;
    client.subscribe(filters, { qos: 1, rh: 1 }, (_error, _granted, packet) => {
      if (asked !== connection || packet === undefined) return;
      filters.forEach((filter, i) => {
        judge(filter, Number(packet.granted[i] ?? REFUSED));
      });
      if (faults.size === 0) wait.reset();
      retryAt = faults.size === 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + wait.next();
      options.answered();
    });
  };

  const leave = (client: MqttClient, left: string[]) => {
    const asked = connection;
    client.unsubscribe(left, (error, packet) => {
      if (error || asked !== connection) return;
      // MQTT 3.1.1 answers without reasons; 17 says that there was no such subscription.
      const codes = (packet as { granted?: unknown[] } | undefined)?.granted ?? [];
      const stays = left.filter((_, i) => Number(codes[i] ?? 0) >= REFUSED);
      options.kept.save([...options.filters, ...stays]);
      const gone = left.filter((filter) => !stays.includes(filter));
      if (gone.length === 0) return;
      const which = gone.slice(0, MOST_NAMED).join("', '");
      options.report({
        kind: 'note',
        severity: 'info',
        text: `${gone.length} topics that left the settings are unsubscribed: '${which}'`,
      });
    });
  };

  return {
    connected(client, sessionPresent) {
      connection += 1;
      retryAt = Number.POSITIVE_INFINITY;
      const known = sessionPresent ? options.kept.load() : [];
      const left = known.filter((filter) => !options.filters.includes(filter));
      // Before the broker knows of the new ones: a crash in between must not lose any of them.
      options.kept.save([...options.filters, ...left]);
      if (left.length > 0) leave(client, left);
      ask(client, [...options.filters]);
    },
    closed() {
      connection += 1;
    },
    tick(client) {
      if (clock.monotonic() < retryAt) return;
      retryAt = Number.POSITIVE_INFINITY;
      ask(client, [...faults.keys()]);
    },
    faults: () => faults,
  };
}
