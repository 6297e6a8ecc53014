import { batchBuilder, type Delivery, decodeBatch } from '../../agent/batch.ts';
import { createStreams, type Streams } from '../../agent/core/streams.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { modbus } from '../../agent/sources/modbus/index.ts';
import type { Source, SourceContext } from '../../agent/sources/source.ts';
import { startTime } from '../simulation/time.ts';
import { type Device, pairedDevice, startDevice } from '../support/modbus-device.ts';
import { PATTERNS, type Pattern, type Plc, RECORDS, startPlc } from '../support/modbus-plc.ts';
import { pause, testContext } from '../support/source-context.ts';

/** What became of the parts of one PLC, as the core would see it. */
export interface Tally {
  /** how often each part was taken in */
  taken: Map<number, number>;
  /** parts the core counted as missed: first and last */
  gaps: [number, number][];
  wrong: string[];
  restarts: number;
  powerCuts: number;
  cuts: number;
  made: number;
}

/** Lanes: one PLC, one source each, side by side. */
const LANES = 16;

/** Parts through every pattern while connections, PLCs and the agent fail: none lost, none double. */
export const modbusParts = {
  name: 'modbus-parts',
  inParts: PATTERNS,
  async run({ seed, kills, short, parts = short ? 10_000 : 1_000_000, part, say }: PartsOptions) {
    const problems: string[] = [];
    const each = Math.ceil((kills * 100) / LANES);
    for (const pattern of PATTERNS) {
      if (part !== undefined && part !== pattern) continue;
      const runs = Array.from({ length: LANES }, (_, lane) => runLane(pattern, each, seed + lane));
      const tallies = await Promise.all(runs);
      for (const tally of tallies) problems.push(...judge(pattern, tally));
      say(`${pattern}, real connections: ${sayTallies(tallies)}`);
      const simulated = await runSimulated(pattern, parts, seed);
      problems.push(...judge(pattern, simulated));
      say(`${pattern}, simulated: ${sayTallies([simulated])}`);
    }
    return problems;
  },
};

interface PartsOptions {
  seed: number;
  kills: number;
  short: boolean;
  /** simulated parts for each pattern */
  parts?: number;
  /** the only pattern to run */
  part?: string;
  say(line: string): void;
}

function sayTallies(tallies: readonly Tally[]): string {
  const sum = (f: (t: Tally) => number) => tallies.reduce((total, t) => total + f(t), 0);
  const missed = sum((t) => t.gaps.reduce((total, [a, b]) => total + b - a + 1, 0));
  return (
    `${sum((t) => t.made)} parts, ${sum((t) => t.taken.size)} taken, ` +
    `${missed} missed and counted, ${sum((t) => t.restarts)} kills of the source, ` +
    `${sum((t) => t.powerCuts)} restarts of the PLC, ${sum((t) => t.cuts)} connections cut`
  );
}

/** What is wrong with a tally: lost without being counted, taken twice, or a wrong value. */
export function judge(pattern: Pattern, tally: Tally): string[] {
  const problems = [...tally.wrong];
  const gone = new Set<number>();
  for (const [from, to] of tally.gaps) for (let n = from; n <= to; n += 1) gone.add(n);
  // What was made before anything was taken in is before our time.
  let first = tally.made + 1;
  for (const part of tally.taken.keys()) first = Math.min(first, part);
  // What a queue gave out in an answer that was lost is gone from the PLC: only the part after it
  // tells, so of the newest part of a queue nothing is promised.
  const last = pattern === 'fifo' ? tally.made - 1 : tally.made;
  for (let part = first; part <= last; part += 1) {
    const times = tally.taken.get(part) ?? 0;
    if (times > 1) problems.push(`${pattern}: part ${part} taken ${times} times`);
    if (times === 0 && !gone.has(part)) problems.push(`${pattern}: part ${part} lost silently`);
  }
  if ((pattern === 'handshake' || pattern === 'combined') && gone.size > 0)
    problems.push(`${pattern}: ${gone.size} missed`);
  return problems.slice(0, 10);
}

/** One PLC and its source until so many parts were made and everything is quiet. */
export async function runLane(pattern: Pattern, parts: number, seed: number): Promise<Tally> {
  const device = await startDevice();
  const tally = await work(pattern, parts, seed, { device, pause, over: {} });
  await device.close();
  return tally;
}

/** The same inside this process, on simulated time: as fast as it can be reckoned. */
export async function runSimulated(pattern: Pattern, parts: number, seed: number): Promise<Tally> {
  const time = startTime(Date.UTC(2026, 0, 1));
  try {
    const device = pairedDevice();
    const random = createRandom(seed + 1);
    const over = { clock: time.clock, random: () => random.uniform(), dial: device.dial };
    const wait = (ms: number) => time.runTo(time.now() + ms);
    return await work(pattern, parts, seed, { device, pause: wait, over });
  } finally {
    time.close();
  }
}

/** Where it happens. */
interface Shop {
  device: Device;
  pause(ms: number): Promise<void>;
  over: Partial<SourceContext>;
}

async function work(pattern: Pattern, parts: number, seed: number, shop: Shop): Promise<Tally> {
  const { device } = shop;
  const random = createRandom(seed);
  const chance = () => random.uniform();
  const plc = startPlc(pattern, device, parts, chance);
  const tally: Tally = {
    taken: new Map(),
    gaps: [],
    wrong: [],
    restarts: 0,
    powerCuts: 0,
    cuts: 0,
    made: 0,
  };
  device.behave = () => misbehave(device, plc, chance, tally);
  const streams = createStreams();
  let lane = startSource(pattern, shop, streams, tally);
  let quiet = 0;
  let before = -1;
  // Longer than anything that is looked at only now and then.
  while (quiet < 150) {
    await shop.pause(8);
    device.requests.length = 0;
    const done = plc.made() >= parts;
    if (chance() < 0.05 && !done) {
      // Killed: what was handed over and not committed is gone. Half of them end in good order.
      if (chance() < 0.5) device.resetAll();
      await ended(lane.source, shop);
      tally.restarts += 1;
      lane = startSource(pattern, shop, streams, tally);
    } else lane.commit();
    quiet = done && tally.taken.size === before ? quiet + 1 : 0;
    if (done) device.behave = () => finishing(plc);
    before = tally.taken.size;
  }
  await ended(lane.source, shop);
  tally.made = plc.made();
  return tally;
}

/** Simulated time must go on while the source says its last words. */
async function ended(source: Source, shop: Shop): Promise<void> {
  let over = false;
  void source.stop().then(() => {
    over = true;
  });
  while (!over) await shop.pause(1);
}

function finishing(plc: Plc): null {
  plc.scan();
  return null;
}

function misbehave(
  device: Device,
  plc: Plc,
  chance: () => number,
  tally: Tally,
): ReturnType<Device['behave']> {
  plc.scan();
  const dice = chance();
  if (dice < 0.003) tally.cuts += 1;
  if (dice < 0.002) return { kind: 'reset' };
  if (dice < 0.003) return { kind: 'finish' };
  if (dice < 0.004) return { kind: 'silent' };
  if (dice < 0.005) return { kind: 'late', ms: 70 };
  if (dice < 0.006) return { kind: 'exception', code: 6 };
  if (dice > 0.999) {
    tally.powerCuts += 1;
    plc.restart();
    device.resetAll();
  }
  return null;
}

interface Lane {
  source: Source;
  commit(): void;
}

/** A source and what stands for the core: deliveries count when they are committed. */
function startSource(pattern: Pattern, shop: Shop, streams: Streams, tally: Tally): Lane {
  const builder = batchBuilder();
  let delivered = 0;
  let pending: Uint8Array[] = [];
  const deliver = (d: Delivery) => {
    builder.add(d);
    pending.push(new Uint8Array(builder.take()));
    delivered += 1;
    return delivered;
  };
  const settings = modbus.settings.strict().parse({
    url: shop.device.url,
    timeout: '60ms',
    units: [{ id: 1, name: 'cnc', writes: true, records: [RECORDS[pattern]] }],
  });
  const source = modbus.create(settings, testContext(['cnc.id'], { ...shop.over, deliver }));
  source.start();
  return {
    source,
    commit() {
      for (const bytes of pending) take(bytes, streams, tally);
      pending = [];
      source.committed(delivered);
    },
  };
}

function take(bytes: Uint8Array, streams: Streams, tally: Tally): void {
  const batch = decodeBatch(bytes);
  const [value = Number.NaN, sequence = Number.NaN] = [batch.value[0], batch.sequence[0]];
  if (Number.isNaN(sequence)) return;
  const { verdict, missed, from } = streams.decide(batch, 0, batch.stream(0), 0);
  if (missed > 0) tally.gaps.push([from, from + missed - 1]);
  if (verdict === 'duplicate') return;
  if (value !== sequence) tally.wrong.push(`part ${sequence} has the value of part ${value}`);
  tally.taken.set(value, (tally.taken.get(value) ?? 0) + 1);
}
