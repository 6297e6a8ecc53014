import type { Delivery } from '../../agent/batch.ts';
import { createRandom, type Random } from '../../agent/plants/random.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { LineError, rowReader } from '../../agent/sources/file/rows.ts';
import { settings as fileSettings } from '../../agent/sources/file/settings.ts';
import { decoder, orderFor, TYPES } from '../../agent/sources/modbus/decode.ts';
import { framesFor } from '../../agent/sources/modbus/transport/framing.ts';
import { targetOf } from '../../agent/sources/modbus/transport/target.ts';
import { startCounters } from '../../agent/sources/mqtt/counters.ts';
import { createDecoder } from '../../agent/sources/mqtt/decode.ts';
import { frameReader } from '../../agent/sources/mqtt/frames.ts';
import { PayloadError } from '../../agent/sources/mqtt/payload.ts';
import { compileEntry, planner } from '../../agent/sources/mqtt/plan.ts';
import { userProperty } from '../../agent/sources/mqtt/publisher.ts';
import { settings as mqttSettings } from '../../agent/sources/mqtt/settings.ts';
import { hostileBodies } from './hostile-bodies.ts';
import { bombs, hostilePayload, noise, numbersIn } from './hostile-bytes.ts';
import { hostileSparkplug } from './hostile-sparkplug.ts';

/**
 * Bytes that nobody meant: no reader falls over, none takes long, and a value that is accepted
 * stands in the bytes it came from. The seed is printed; the same seed gives the same bytes.
 */
export const hostileInput = {
  name: 'hostile-input',
  async run({ seed, kills, say }: { seed: number; kills: number; say: (line: string) => void }) {
    const payloads = kills >= 100 ? 1_000_000 : 100_000;
    const startBytes = process.memoryUsage.rss();
    const problems: string[] = [];
    const part = (name: string, share: number, make: (random: Random) => Reader) => {
      const count = Math.round(payloads * share);
      problems.push(...feed(name, count, createRandom(seed), make, say));
    };
    part('MQTT payloads', 0.4, mqttReader);
    part('Sparkplug payloads', 0.2, hostileSparkplug);
    part('lines of files', 0.15, lineReader);
    part('Modbus frames and fields', 0.15, modbusReader);
    part('MQTT packets', 0.1, packetReader);
    problems.push(...(await hostileBodies(createRandom(seed), payloads / 500, say)));
    if (Object.keys(Object.prototype).length > 0 || 'polluted' in {}) {
      problems.push('Object.prototype was changed');
    }
    const grownMb = (process.memoryUsage.rss() - startBytes) / 1e6;
    say(`memory grew by ${grownMb.toFixed(0)} MB over ${payloads} payloads`);
    if (grownMb > 400) problems.push(`memory grew by ${grownMb.toFixed(0)} MB`);
    return problems;
  },
};

/** Takes one hostile input; throws what it should not. Returns how many values were accepted. */
export interface Reader {
  /** makes the next input and reads it */
  next(): number;
  /** the large ones, once each */
  bombs?(): number;
}

function feed(
  name: string,
  count: number,
  random: Random,
  make: (random: Random) => Reader,
  say: (line: string) => void,
): string[] {
  const reader = make(random);
  let accepted = 0;
  let slowestMs = 0;
  try {
    for (let i = 0; i < count; i += 1) {
      const startMs = systemClock.monotonic();
      accepted += reader.next();
      slowestMs = Math.max(slowestMs, systemClock.monotonic() - startMs);
    }
    const startMs = systemClock.monotonic();
    accepted += reader.bombs?.() ?? 0;
    const bombsMs = systemClock.monotonic() - startMs;
    say(
      `${name}: ${count}, ${accepted} values accepted, slowest ${slowestMs.toFixed(1)} ms` +
        (reader.bombs === undefined ? '' : `, all bombs ${bombsMs.toFixed(0)} ms`),
    );
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.stack : String(error)}`];
  }
  return accepted === 0 ? [`${name}: nothing was accepted: the check checks nothing`] : [];
}

const TAGS = ['od', 'taper'];
const NOW = Date.UTC(2026, 2, 2);

/** Values that were handed over as good, held against the bytes. */
function accepted(deliveries: readonly Delivery[], payload: Buffer): number {
  let count = 0;
  let known: Set<number> | null = null;
  for (const d of deliveries) {
    for (let i = 0; i < d.count; i += 1) {
      const value = d.value[i] ?? Number.NaN;
      if ((d.quality[i] ?? 0) >= 16) {
        if (!Number.isNaN(value)) throw new Error(`a bad value is ${value}`);
        continue;
      }
      known ??= numbersIn(payload);
      if (!Number.isFinite(value) || !known.has(value)) {
        throw new Error(`${value} does not stand in ${payload.toString('latin1').slice(0, 300)}`);
      }
      count += 1;
    }
  }
  return count;
}

/** Keeps copies: one delivery object serves all. */
function keeper() {
  const kept: Delivery[] = [];
  const keep = (d: Delivery) => {
    kept.push({ ...d, value: [...d.value], quality: [...d.quality] });
    return kept.length;
  };
  return { keep, take: () => kept.splice(0) };
}

function mqttReader(random: Random): Reader {
  const v = { od: 'v.od', taper: 'v.taper' };
  const topics = [
    { topic: 'one', stream: 's', values: v, sequence: 'seq', context: { part: 'part' } },
    { topic: 'many', stream: 's', items: 'items', values: v, sequence: 'seq' },
    { topic: 'evil', stream: 's', values: { od: '__proto__.polluted', taper: 'constructor.name' } },
    { topic: 'plain', stream: 's', format: 'number', values: { od: '' } },
    { topic: 'small', stream: 's', values: v, compressed: true },
  ];
  const parsed = mqttSettings.parse({ url: 'mqtt://127.0.0.1', topics });
  const plan = planner(parsed.topics.map(compileEntry), (tag) => TAGS.indexOf(tag));
  const { keep, take } = keeper();
  const read = createDecoder(keep, startCounters(), 65_536);
  const one = (payload: Buffer, topic: string) => {
    const found = plan(topic);
    if (found === null) throw new Error(`no plan for ${topic}`);
    try {
      read.take(found, payload, NOW, false);
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
    }
    return accepted(take(), payload);
  };
  const names = topics.map((t) => t.topic);
  return {
    next() {
      const topic = names[Math.floor(random.uniform() * names.length)] ?? 'one';
      return one(hostilePayload(random), topic);
    },
    bombs: () => bombs().reduce((n, bomb) => n + names.reduce((m, t) => m + one(bomb, t), 0), 0),
  };
}

function lineReader(random: Random): Reader {
  const { keep, take } = keeper();
  const readers = (['csv', 'jsonl'] as const).map((format) => {
    const json = format === 'jsonl';
    const own = fileSettings.parse({
      ...{ folder: '/nowhere', format, columns: ['time', 'od', 'taper'] },
      time: json ? { path: 't', unit: 'ms' } : { path: 'time' },
      values: json ? { od: 'v.od', taper: 'v.taper' } : { od: 'od', taper: 'taper' },
    });
    const tagNumber = (tag: string) => TAGS.indexOf(tag);
    return rowReader({ own, file: 'f.csv', tagNumber, late: () => false, deliver: keep });
  });
  let number = 1;
  const one = (bytes: Buffer) => {
    const reader = readers[number % 2];
    number += 1;
    try {
      reader?.line(bytes, number, NOW);
    } catch (error) {
      if (!(error instanceof LineError) && !(error instanceof PayloadError)) throw error;
    }
    return accepted(take(), bytes);
  };
  return {
    next: () => one(hostilePayload(random)),
    bombs: () => bombs().reduce((n, bomb) => n + one(bomb.subarray(0, 65_536)), 0),
  };
}

function modbusReader(random: Random): Reader {
  const chance = () => random.uniform();
  let frames = 0;
  const sink = {
    frame(_id: number, body: Buffer, adu: Buffer) {
      if (body.length < 2 || body.length > 254 || adu.length < body.length) {
        throw new Error(`a frame of ${body.length} bytes`);
      }
      frames += 1;
    },
    damaged() {},
    lost() {
      // The real port gives the connection up.
      framings = newFramings();
    },
    expects: () => true,
  };
  const lines = ['tcp://127.0.0.1', 'rtu+tcp://127.0.0.1', 'ascii+tcp://127.0.0.1'];
  const newFramings = () => lines.map((url) => framesFor(targetOf(url), sink));
  let framings = newFramings();
  const open = { min: null, max: null, sentinels: [] };
  const readers = TYPES.filter((type) => type !== 'string').map((type) =>
    decoder({ type, order: orderFor(type, 'ABCD'), bit: 0, scale: 1, offset: 0, ...open }),
  );
  return {
    next() {
      const bytes = noise(1 + Math.floor(chance() * 40), chance);
      // Often a sound header, so that more than the first check is reached.
      if (chance() < 0.5 && bytes.length > 8) bytes.set([0, 1, 0, 0, 0, bytes.length - 6], 0);
      for (const framing of framings) framing.take(bytes);
      const view = new DataView(Uint8Array.from(noise(8, chance)).buffer);
      const { value, quality } = readers[Math.floor(chance() * readers.length)]?.(view, 0) ?? {
        value: 0,
        quality: 0,
      };
      if (quality < 16 && !Number.isFinite(value)) throw new Error(`${value} called good`);
      if (quality >= 16 && !Number.isNaN(value)) throw new Error(`bad, and ${value}`);
      const seen = frames;
      frames = 0;
      return seen + Number(quality < 16);
    },
  };
}

function packetReader(random: Random): Reader {
  const chance = () => random.uniform();
  let seen = 0;
  const publish = () => {
    seen += 1;
  };
  const fresh = () =>
    frameReader(
      { paused: () => false, publish, control() {} },
      chance() < 0.5,
      1000,
      chance() < 0.5 ? 'client' : '',
    );
  let reader = fresh();
  return {
    next() {
      seen = 0;
      const bytes = noise(1 + Math.floor(chance() * 60), chance);
      if (chance() < 0.5) bytes.set([0x30, bytes.length - 2, 0, 1].slice(0, bytes.length), 0);
      // Properties of a PUBLISH may name who sent it; whatever stands there is a text or none.
      if (userProperty(bytes, 0, bytes.length, 'client').length > 64) throw new Error('too long');
      try {
        reader.push(bytes);
        if (chance() < 0.2) reader = fresh();
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('not MQTT')) throw error;
        reader = fresh();
      }
      return seen;
    },
  };
}
