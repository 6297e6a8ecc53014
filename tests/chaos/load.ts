import { connectAsync } from 'mqtt';
import { createRandom } from '../../agent/plants/random.ts';

/** One message of the load: which station sent it, what it says. */
export interface Message {
  topic: string;
  payload: string;
}

export const STATIONS = ['a', 'b', 'c', 'd'];

/** Endless seeded load: counted parts of four stations, shifts to find, some messages sent twice. */
export function createLoad(
  seed: number,
  startMs: number,
  root = 'chaos',
): { next(): Message; sent(): number } {
  const random = createRandom(seed);
  const counters = STATIONS.map(() => 0);
  const recent: Message[] = [];
  let unique = 0;
  return {
    sent: () => unique,
    next() {
      if (recent.length > 20 && random.uniform() < 0.04) {
        return recent[Math.floor(random.uniform() * recent.length)] as Message;
      }
      const s = Math.floor(random.uniform() * STATIONS.length);
      const seq = (counters[s] ?? 0) + 1;
      counters[s] = seq;
      unique += 1;
      const shifted = Math.floor(seq / 150) % 4 === 3 ? 1.8 : 0;
      const message = {
        topic: `${root}/${STATIONS[s]}/result`,
        payload: JSON.stringify({
          seq,
          ts: startMs + unique * 2,
          v: Math.round((10 + 0.1 * (random.normal() + shifted)) * 1e5) / 1e5,
          sn: `${STATIONS[s]}-${seq}`,
        }),
      };
      recent.push(message);
      if (recent.length > 60) recent.shift();
      return message;
    },
  };
}

/** Publishes with QoS 1 and says how many the broker has taken over. */
export async function connectPublisher(
  url: string,
  clientId = 'chaos-load',
): Promise<{
  publish(message: Message): void;
  taken(): number;
  given(): number;
  close(): Promise<void>;
}> {
  const client = await connectAsync(url, { clientId, protocolVersion: 5 });
  let taken = 0;
  let given = 0;
  return {
    publish(message) {
      given += 1;
      client.publish(message.topic, message.payload, { qos: 1 }, (error) => {
        if (!error) taken += 1;
      });
    },
    taken: () => taken,
    given: () => given,
    close: () => client.endAsync(),
  };
}
