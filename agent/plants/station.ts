import type { MqttClient } from 'mqtt';

/** One measuring place of a plant that sends its results by MQTT, with a counter of its own. */
export interface Station {
  /** `values` are rounded to six decimals; `about` names part, serial, cavity, lot */
  send(values: Record<string, number>, about?: Record<string, string | number>): void;
  /** counts a part whose result is never sent: the agent finds the hole in the counter */
  skip(): void;
}

/** Sends `{ts, seq, …, v: {…}}` to `topic` with QoS 1. */
export function createStation(client: MqttClient, topic: string, now: () => number): Station {
  let seq = 0;
  return {
    send(values, about = {}) {
      seq += 1;
      const v = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(6))]),
      );
      client.publish(topic, JSON.stringify({ ts: now(), seq, ...about, v }), { qos: 1 });
    },
    skip() {
      seq += 1;
    },
  };
}
