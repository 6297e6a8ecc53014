import { createRandom } from '../../agent/plants/random.ts';
import { modbus } from '../../agent/sources/modbus/index.ts';
import { type DeviceRequest, type Fault, startDevice } from '../support/modbus-device.ts';
import { type LineFault, startLine } from '../support/modbus-lines.ts';
import { pause, type TestContext, testContext } from '../support/source-context.ts';
import { jitterLines } from './modbus-jitter.ts';

const UNITS = 16;
const DEAD = 7;
const SLOW = 3;
const EVERY_MS = 20;
/** Tags of one unit: two places far apart, so that a mix-up would show. */
const PLACES = [0, 400];

/**
 * The link as the worst plant has it: late frames, resets, half frames, wrong ids, lengths,
 * checksums, exceptions, one slow and one dead unit of sixteen. No value is ever wrong, nothing
 * hangs, and the lateness of the sound units is told.
 */
export const modbusFaults = {
  name: 'modbus-faults',
  async run({ seed, kills, say }: { seed: number; kills: number; say: (line: string) => void }) {
    const ms = Math.max(3000, kills * 300);
    const runs = [tcpRun(seed, ms, 1), tcpRun(seed + 1, ms, 16)];
    const lines = (['rtu', 'ascii'] as const).map((framing) => lineRun(framing, seed + 2, ms));
    const results = await Promise.all([...runs, ...lines]);
    for (const { text } of results) say(text);
    const jitter = await jitterLines(seed, 60_000);
    for (const line of jitter.lines) say(line);
    return [...results.flatMap((r) => r.problems), ...jitter.problems];
  },
};

interface FaultRun {
  problems: string[];
  text: string;
}

const names = Array.from({ length: UNITS }, (_, i) => `u${i}`);
const tagsOf = (units: string[]) => units.flatMap((u) => PLACES.map((place) => `${u}.t${place}`));

/** What a register holds: it says where it stands, so that a wrong one is known. */
const valueAt = (address: number) => 1000 + address;

function settings(url: string, units: string[], over: Record<string, unknown>) {
  return modbus.settings.strict().parse({
    url,
    timeout: '60ms',
    connectTimeout: '500ms',
    units: units.map((name, i) => ({
      id: i + 1,
      name,
      tags: PLACES.map((address) => ({ name: `t${address}`, address, every: `${EVERY_MS}ms` })),
    })),
    ...over,
  });
}

/** Sixteen units behind one gateway, for `ms`, and then a while without faults to recover in. */
export async function tcpRun(seed: number, ms: number, depth: number): Promise<FaultRun> {
  const random = createRandom(seed);
  const device = await startDevice();
  for (const place of PLACES) device.registers[place] = valueAt(place);
  device.behave = (r) => faultOf(r, () => random.uniform());
  const context = testContext(tagsOf(names));
  const source = modbus.create(settings(device.url, names, { depth, maxHole: 0 }), context);
  source.start();
  await pause(ms);
  const disturbed = lateness(context);
  device.behave = (r) => (r.unit === DEAD ? { kind: 'silent' } : null);
  const problems = await recovered(context, names, DEAD - 1, `tcp depth ${depth}`);
  const { counters } = source.health();
  await source.stop();
  await device.close();
  problems.push(...wrongValues(context));
  // 16 units × 2 tags and ids of 16 bits: more than 256 requests, so small ids would have wrapped.
  const text =
    `tcp depth ${depth}: ${counters['requests']} requests, ${counters['timeouts']} timeouts, ` +
    `${counters['lateFrames']} late, ${counters['garbled']} garbled, ` +
    `${counters['connectionsLost']} connections lost; ${disturbed}`;
  return { problems, text };
}

function faultOf(r: DeviceRequest, chance: () => number): Fault | null {
  if (r.unit === DEAD) return { kind: 'silent' };
  const dice = chance();
  if (r.unit === SLOW && dice < 0.3) return { kind: 'late', ms: 20 + 60 * chance() };
  if (dice > 0.04) return null;
  const kinds: Fault[] = [
    { kind: 'late', ms: 55 + 60 * chance() },
    { kind: 'late', ms: 200 },
    { kind: 'half' },
    { kind: 'wrong-id' },
    { kind: 'wrong-unit' },
    { kind: 'wrong-function' },
    { kind: 'wrong-count' },
    { kind: 'split', at: 1 + Math.floor(9 * chance()) },
    ...[4, 5, 6, 7, 8, 9, 10, 11].map((code): Fault => ({ kind: 'exception', code })),
  ];
  const rare: Fault[] = [
    { kind: 'reset' },
    { kind: 'finish' },
    { kind: 'wrong-protocol' },
    { kind: 'corrupt-length', length: 0 },
    { kind: 'corrupt-length', length: 40_000 },
    { kind: 'corrupt-length', length: 200 },
  ];
  const list = dice < 0.002 ? rare : kinds;
  return list[Math.floor(chance() * list.length)] ?? null;
}

/** Two units on a line without ids. */
export async function lineRun(
  framing: 'rtu' | 'ascii',
  seed: number,
  ms: number,
): Promise<FaultRun> {
  const random = createRandom(seed);
  const device = await startLine(framing);
  for (const place of PLACES) device.registers[place] = valueAt(place);
  device.behave = () => {
    const dice = random.uniform();
    const late = 55 + 200 * random.uniform();
    const kinds: LineFault[] = [
      { kind: 'late', ms: late },
      { kind: 'silent' },
      { kind: 'wrong-check' },
      { kind: 'half' },
      { kind: 'noise' },
      { kind: 'wrong-unit' },
      { kind: 'exception', code: 4 },
    ];
    return dice < 0.03 ? (kinds[Math.floor((dice / 0.03) * kinds.length)] ?? null) : null;
  };
  const pair = names.slice(0, 2);
  const context = testContext(tagsOf(pair));
  const over = { quiet: '20ms', maxHole: 0 };
  const source = modbus.create(settings(device.url, pair, over), context);
  source.start();
  await pause(ms);
  const disturbed = lateness(context);
  device.behave = () => null;
  const problems = await recovered(context, pair, -1, framing);
  const { counters } = source.health();
  await source.stop();
  await device.close();
  problems.push(...wrongValues(context));
  const text =
    `${framing}: ${counters['requests']} requests, ${counters['timeouts']} timeouts, ` +
    `${counters['lateFrames']} late, ${counters['garbled']} garbled; ${disturbed}`;
  return { problems, text };
}

function wrongValues(context: TestContext): string[] {
  const wrong = context.readings.filter(
    (r) => r.quality === 0 && r.value !== valueAt(Number(r.tag.split('.t')[1])),
  );
  return wrong.slice(0, 5).map((r) => `${r.tag} has the value ${r.value}`);
}

/** After the faults every unit but the dead one gives values again. */
async function recovered(
  context: TestContext,
  units: string[],
  dead: number,
  what: string,
): Promise<string[]> {
  const tags = tagsOf(units.filter((_, i) => i !== dead));
  const before = context.readings.length;
  const missing = () => {
    const fresh = new Set(
      context.readings.slice(before).flatMap((r) => (r.quality === 0 ? [r.tag] : [])),
    );
    return tags.filter((tag) => !fresh.has(tag));
  };
  // The longest rest of a unit is 30 s.
  for (let waited = 0; waited < 45_000 && missing().length > 0; waited += 50) await pause(50);
  return missing().map((tag) => `${what}: ${tag} did not come back`);
}

/** How far apart the readings of sound units are, against their period. */
function lateness(context: TestContext): string {
  const spaces: number[] = [];
  for (const tag of new Set(context.readings.map((r) => r.tag))) {
    const unit = Number(/^u(\d+)/.exec(tag)?.[1]) + 1;
    if (unit === DEAD || unit === SLOW) continue;
    const times = context.good(tag).map((r) => r.receiveMs);
    for (let i = 1; i < times.length; i += 1) spaces.push((times[i] ?? 0) - (times[i - 1] ?? 0));
  }
  spaces.sort((a, b) => a - b);
  const at = (part: number) => spaces[Math.floor(part * (spaces.length - 1))] ?? Number.NaN;
  return `period ${EVERY_MS} ms, seen p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)} ms`;
}
