import { connectAsync, type MqttClient } from 'mqtt';
import { CENTER, type Load, payloadOf, topicOf } from './plant-load.ts';

const TICK_MS = 5;
/** Far outside the tolerance of the bench's characteristics, and in control before and after. */
export const OUTSIDE = CENTER + 1;

/** Serials are unique within a station. */
export const partName = (station: number, serial: string) => `od-${station}/${serial}`;

export interface Paced {
  /** messages handed to the broker so far */
  sent(): number;
  stop(): Promise<void>;
}

/**
 * Publishes single results with QoS 1 at a steady rate. Every `badEvery`-th is out of tolerance
 * (0: none); which part that is and the moment of its publish are told first.
 */
export async function startPaced(
  url: string,
  load: Omit<Load, 'messages' | 'per'>,
  perSecond: number,
  badEvery: number,
  onBad: (part: string, atMs: number) => void,
): Promise<Paced> {
  const client: MqttClient = await connectAsync(url, { protocolVersion: 5 });
  const whole = { ...load, per: 1, messages: Number.POSITIVE_INFINITY };
  const begun = performance.now();
  let sent = 0;
  const tick = () => {
    const due = Math.floor(((performance.now() - begun) * perSecond) / 1000);
    for (; sent < due; sent += 1) {
      let payload = payloadOf(whole, sent);
      if (badEvery > 0 && sent % badEvery === badEvery - 1) {
        payload = payload.replace(/"od":[\d.]+/, `"od":${OUTSIDE}`);
        const serial = /"sn":"([^"]+)"/.exec(payload)?.[1] ?? '';
        onBad(partName(sent % load.stations, serial), performance.now());
      }
      client.publish(topicOf(whole, sent), payload, { qos: 1 });
    }
  };
  const timer = setInterval(tick, TICK_MS);
  return {
    sent: () => sent,
    async stop() {
      clearInterval(timer);
      await client.endAsync();
    },
  };
}
