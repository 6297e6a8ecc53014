import { createRandom } from '../../agent/plants/random.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { type AllowedWrite, createFence } from '../../agent/sources/modbus/fence.ts';
import { modbus } from '../../agent/sources/modbus/index.ts';
import { createPort, type Port } from '../../agent/sources/modbus/transport/port.ts';
import { targetOf } from '../../agent/sources/modbus/transport/target.ts';
import { type ReactionRig, reactionRig, STOP, writesOf } from '../alerts/reaction/rig.ts';
import { type DeviceRequest, type Fault, poke, startDevice } from '../support/modbus-device.ts';
import { pause, testContext, until } from '../support/source-context.ts';

/**
 * Nothing is written to a PLC that the settings do not name, and nothing counts as done that was
 * not read back: hostile frames, alerts, API bodies and PLC contents against a device that keeps
 * every request, then writes through every fault a link can have.
 */
export const plcWrites = {
  name: 'plc-writes',
  async run({ seed, kills, say }: { seed: number; kills: number; say: (line: string) => void }) {
    const long = kills >= 100;
    const problems = [
      ...(await hostileFrames(seed, long ? 1_000_000 : 100_000, say)),
      ...(await hostileContents(seed + 1, long ? 10_000 : 2000, say)),
      ...(await faultedWrites(seed + 2, long ? 10_000 : 400, say)),
    ];
    return problems;
  },
};

const ALLOWED: AllowedWrite[] = [
  { unit: 7, code: 5, address: 12, words: 1, values: [[0xff00]] },
  { unit: 7, code: 6, address: 90, words: 1, values: null },
  { unit: 2, code: 22, address: 4, words: 1, values: [[0xfffe, 1]] },
  { unit: 2, code: 16, address: 300, words: 2, values: null },
  { unit: 2, code: 23, address: 11, words: 1, values: [[0], [32]] },
];

/** Said a second time and in another way than the fence does, for what the device saw. */
function isAllowed({ unit, pdu }: DeviceRequest): boolean {
  const hex = pdu.toString('hex');
  if (unit === 7) return hex === '05000cff00' || /^06005a[0-9a-f]{4}$/.test(hex);
  if (unit !== 2) return false;
  if (/^17[0-9a-f]{8}000b00010200(00|20)$/.test(hex)) return true;
  return hex === '160004fffe0001' || /^10012c000204[0-9a-f]{8}$/.test(hex);
}

type Say = (line: string) => void;

/** Frames at the last place before the wire: whatever asked for them. */
async function hostileFrames(seed: number, attempts: number, say: Say): Promise<string[]> {
  const random = createRandom(seed);
  const device = await startDevice();
  const fence = createFence(ALLOWED);
  const port = await openPort(device.url, fence);
  let passed = 0;
  for (let i = 0; i < attempts; i += 1) {
    const before = fence.refused();
    port.write(hostileFrame(() => random.uniform()));
    if (fence.refused() === before) passed += 1;
    // Slots come free with the answers; the port holds more than one round.
    if (i % 4096 === 4095) await until(() => device.requests.length === passed, 'the device');
  }
  await until(() => device.requests.length === passed, 'the device');
  const outside = device.requests.filter((r) => r.code > 4 && r.code !== 24 && !isAllowed(r));
  say(
    `${attempts} hostile frames: ${fence.refused()} held back, ${passed} were among the allowed, ` +
      `the device saw ${device.requests.length}, ${outside.length} of them outside the list`,
  );
  port.close();
  await device.close();
  const problems = outside.slice(0, 3).map((r) => `outside the list: ${r.pdu.toString('hex')}`);
  if (passed === 0) problems.push('no allowed frame was among them: the check checks nothing');
  return problems;
}

function openPort(url: string, fence: ReturnType<typeof createFence>): Promise<Port> {
  const ignore = () => {};
  return new Promise((resolve, reject) => {
    const port: Port = createPort({
      target: targetOf(url),
      tls: {},
      fence,
      connectTimeoutMs: 2000,
      slots: 16_384,
      firstId: 0,
      patienceMs: 1000,
      clock: systemClock,
      trace: null,
      onUp: () => resolve(port),
      onAnswer: ignore,
      onGarbled: ignore,
      onFenced: ignore,
      onLate: ignore,
      onDown: (reason) => reject(new Error(reason)),
    });
    port.open(ignore);
  });
}

/** An allowed write with a few bytes changed, or bytes without sense. Reads are left out. */
function hostileFrame(chance: () => number): Buffer {
  const byte = () => Math.floor(chance() * 256);
  const frame =
    chance() < 0.7
      ? nearMiss(Math.floor(chance() * ALLOWED.length), byte)
      : Buffer.from(Array.from({ length: 8 + Math.floor(chance() * 24) }, byte));
  const changes = Math.floor(chance() * 3);
  for (let i = 0; i < changes; i += 1) frame[Math.floor(chance() * (frame.length - 2))] = byte();
  const code = frame[1] ?? 0;
  if (code <= 4 || code === 24) frame[1] = [5, 6, 15, 16, 21, 22, 23, 8, 43, 90][byte() % 10] ?? 5;
  return frame;
}

function nearMiss(nth: number, byte: () => number): Buffer {
  const { unit, code, address, values } = ALLOWED[nth] as AllowedWrite;
  const words = values?.[0] ?? [];
  if (code === 23) {
    const read = [0, byte(), 0, byte()];
    const written = [...bytesOf(address), 0, 1, 2, ...words.flatMap(bytesOf)];
    return Buffer.from([unit, code, ...read, ...written, 0, 0]);
  }
  const rest = code === 16 ? [0, 2, 4, byte(), byte(), byte(), byte()] : words.flatMap(bytesOf);
  const filled = rest.length === 0 ? [byte(), byte()] : rest;
  return Buffer.from([unit, code, ...bytesOf(address), ...filled, 0, 0]);
}

const bytesOf = (word: number) => [word >> 8, word & 0xff];

/** A PLC whose registers say anything, and alerts that say anything: two places may be written. */
async function hostileContents(seed: number, rounds: number, say: Say): Promise<string[]> {
  const random = createRandom(seed);
  const device = await startDevice();
  const source = modbus.create(handshakeSettings(device.url), testContext(['m.od']));
  source.start();
  const rig = await reactionRig({ ...STOP, write: { coil: 12 } }, device);
  const words = ['od-turned', '__proto__', '12', '\u0000', '{"coil":13}', '../13', 'x'.repeat(500)];
  const pick = () => words[Math.floor(random.uniform() * words.length)] ?? '';
  for (let i = 0; i < rounds; i += 1) {
    poke(
      device,
      Math.floor(random.uniform() * 20),
      'uint16',
      Math.floor(random.uniform() * 65_536),
    );
    if (random.uniform() < 0.3) device.coils[12] = 0;
    source.committed(1e9);
    if (i % 8 !== 0) continue;
    await pause(1);
    await rig.alert({ subject: pick(), title: pick(), detail: pick(), context: { coil: pick() } });
  }
  await source.stop();
  const outside = writesOf(device).filter(({ unit, pdu }) => {
    const hex = pdu.toString('hex');
    const ack = unit === 3 && (hex === '160002fffd0000' || hex === '160002fffd0002');
    return !ack && !(unit === 7 && hex === '05000cff00');
  });
  say(
    `${rounds} rounds of hostile contents: ${writesOf(device).length} writes, ` +
      `${outside.length} outside the list`,
  );
  await rig.close();
  await device.close();
  return outside.slice(0, 3).map((r) => `outside the list: ${r.pdu.toString('hex')}`);
}

function handshakeSettings(url: string) {
  const record = {
    name: 'result',
    every: '10ms',
    sequence: { address: 4, type: 'uint32' },
    handshake: { ready: { address: 1 }, ack: { address: 2, bit: 1 }, timeout: '20ms' },
    fields: { od: { address: 6, type: 'float32' } },
  };
  const units = [{ id: 3, name: 'm', writes: true, records: [record] }];
  return modbus.settings.strict().parse({ url, timeout: '60ms', units });
}

const RIGS = 8;

/** Every write meets a fault; what is called done must have been read back as set. */
async function faultedWrites(seed: number, writes: number, say: Say): Promise<string[]> {
  const runs = Array.from({ length: RIGS }, (_, i) => faulted(seed + i, Math.ceil(writes / RIGS)));
  const results = await Promise.all(runs);
  const sum = (key: 'writes' | 'done' | 'unsure') => results.reduce((n, r) => n + r[key], 0);
  say(
    `${sum('writes')} faulted writes: ${sum('done')} done and read back, ` +
      `${sum('unsure')} told as uncertain`,
  );
  const problems = results.flatMap((r) => r.problems);
  if (sum('done') === 0 || sum('unsure') === 0) problems.push('only one kind of end was seen');
  return problems;
}

async function faulted(seed: number, wanted: number) {
  const random = createRandom(seed);
  const chance = () => random.uniform();
  const rig = await reactionRig({ within: '65m', timeout: '25ms' });
  const { device } = rig;
  const times: number[] = [];
  const problems: string[] = [];
  let readBack = false;
  let done = 0;
  let unsure = 0;
  device.behave = (r) => {
    if (r.code === 5) times.push(rig.nowMs());
    const fault = faultOf(r.code, chance);
    // In pieces, or late but still in time, an answer is as good as any.
    const sound = fault === null || fault.kind === 'split' || fault.kind === 'late';
    if (r.code === 1 && sound && device.coils[12] === 1) readBack = true;
    return fault;
  };
  device.onWrite = (address) => {
    if (chance() < 0.3) device.coils[address] = 0;
  };
  while (times.length < wanted) {
    device.coils[12] = 0;
    readBack = false;
    const thrown = await rig.alert();
    if (thrown === null) done += 1;
    else unsure += 1;
    if (thrown === null && !readBack) problems.push('done without a read back');
  }
  problems.push(...rateBreaches(times), ...writesOutside(rig));
  await rig.close();
  return { problems: problems.slice(0, 3), writes: times.length, done, unsure };
}

function faultOf(code: number, chance: () => number): Fault | null {
  const dice = chance();
  if (code === 1 && dice < 0.8) return null;
  const kinds: Fault[] = [
    { kind: 'silent' },
    { kind: 'late', ms: 30 },
    { kind: 'half' },
    { kind: 'wrong-id' },
    { kind: 'wrong-function' },
    { kind: 'wrong-unit' },
    { kind: 'split', at: 5 },
    { kind: 'exception', code: 4 },
    { kind: 'exception', code: 6 },
    { kind: 'reset' },
    { kind: 'finish' },
  ];
  return kinds[Math.floor(chance() * kinds.length)] ?? null;
}

function rateBreaches(times: readonly number[]): string[] {
  const breaches: string[] = [];
  for (let i = 1; i < times.length; i += 1) {
    const at = times[i] ?? 0;
    if (at - (times[i - 1] ?? 0) < 9999) breaches.push('two writes within ten seconds');
    if (i >= 6 && at - (times[i - 6] ?? 0) < 3_599_999) breaches.push('seven writes in an hour');
  }
  return breaches;
}

const writesOutside = ({ device }: ReactionRig) =>
  writesOf(device)
    .filter(({ unit, pdu }) => unit !== 7 || pdu.toString('hex') !== '05000cff00')
    .map((r) => `outside the list: ${r.pdu.toString('hex')}`);
