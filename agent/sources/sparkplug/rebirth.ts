import { connect, type MqttClient } from 'mqtt';
import { clientOptions, defaultClientId } from '../mqtt/client-options.ts';
import type { SourceContext } from '../source.ts';
import { isUnsure } from './absence.ts';
import type { SparkplugCounters } from './counters.ts';
import type { Node } from './nodes.ts';
import { encodeRebirth } from './rebirth-payload.ts';
import type { SparkplugSettings } from './settings.ts';
import { NAMESPACE } from './topics.ts';

/** Asks nodes for a birth, through a client of its own that only publishes. */
export interface Rebirths {
  want(node: Node): void;
  tick(nowMs: number): void;
  stop(): void;
}

/** Requests sent at one tick at most: after a start every node may need one. */
const PER_TICK = 10;
const MAX_WAITING = 1000;
const RECONNECT_MS = 5000;

/** Without `rebirth` in the settings nothing is ever sent. */
export function createRebirths(
  own: SparkplugSettings,
  context: SourceContext,
  counters: SparkplugCounters,
): Rebirths {
  const waiting = new Map<string, Node>();
  const askedAt = new Map<string, number>();
  let client: MqttClient | null = null;
  const { rebirth } = own;
  if (rebirth === undefined) return { want() {}, tick() {}, stop() {} };

  const open = (): MqttClient => {
    const clientId = own.clientId ?? defaultClientId(context.site ?? '', context.name);
    const made = connect(own.url, {
      ...clientOptions(own, `${clientId}-commands`, true),
      reconnectPeriod: RECONNECT_MS,
    });
    // The link that consumes says what is wrong with the broker.
    made.on('error', () => {});
    return made;
  };

  return {
    want(node) {
      if (waiting.size < MAX_WAITING) waiting.set(node.name, node);
    },
    tick(nowMs) {
      if (waiting.size === 0) return;
      client ??= open();
      if (!client.connected) return;
      let sent = 0;
      for (const [name, node] of waiting) {
        const last = askedAt.get(name);
        if (last !== undefined && nowMs - last < rebirth.every) continue;
        waiting.delete(name);
        // A birth that came meanwhile has answered.
        if (node.stale === '' && !node.dead && node.own.trusted && !isUnsure(node)) continue;
        askedAt.set(name, nowMs);
        client.publish(
          `${NAMESPACE}/${node.group}/NCMD/${node.node}`,
          encodeRebirth(context.clock.now()),
        );
        counters.rebirthsAsked += 1;
        sent += 1;
        if (sent === PER_TICK) break;
      }
    },
    stop() {
      waiting.clear();
      client?.end(true);
      client = null;
    },
  };
}
