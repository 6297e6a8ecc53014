import { createRandom } from '../../agent/plants/random.ts';
import { modbus } from '../../agent/sources/modbus/index.ts';
import { startTime } from '../simulation/time.ts';
import { type Fault, pairedDevice } from '../support/modbus-device.ts';
import { type LineFault, pairedLine } from '../support/modbus-lines.ts';
import { testContext } from '../support/source-context.ts';

const UNITS = 16;
const DEAD = 7;
const EVERY_MS = 50;
/** A dead unit and faults of others may not move the sound ones by more, p99. */
const MOST_MS = 10;

/** What is wrong with the link, and whether units may go ahead of one that is late. */
interface JitterCase {
  dead: boolean;
  /** share of requests that are silent, late or answered with nonsense */
  faults: number;
  overtake: boolean;
  /** half answers and connections reset are among the faults */
  cuts?: boolean;
  /** RTU frames, which carry no id: so many units on a line */
  line?: number;
}

/** How far from its period the sound units of sixteen are read, ms, at depth 1. */
export interface Jitter {
  p50: number;
  p99: number;
  worst: number;
  /** the same from a second after the faults began: the dead unit is known by then */
  p99Later: number;
  readings: number;
}

const CASES: [string, JitterCase][] = [
  ['all well', { dead: false, faults: 0, overtake: true }],
  ['one dead', { dead: true, faults: 0, overtake: true }],
  ['one dead, nobody goes ahead', { dead: true, faults: 0, overtake: false }],
  ['one dead, 4 % faults', { dead: true, faults: 0.04, overtake: true }],
  ['one dead, 4 % faults and cuts', { dead: true, faults: 0.04, overtake: true, cuts: true }],
  ['RTU, 4 units, 3 % faults', { dead: false, faults: 0.03, overtake: true, line: 4 }],
  ['RTU, 4 units, one dead, 3 % faults', { dead: true, faults: 0.03, overtake: true, line: 4 }],
  ['one dead, 4 % faults, nobody goes ahead', { dead: true, faults: 0.04, overtake: false }],
];

/**
 * Every case one after another on simulated time, so that the load of this machine is not measured.
 * Bytes travel a millisecond each way; lines for people.
 */
export async function jitterLines(
  seed: number,
  ms: number,
): Promise<{ lines: string[]; problems: string[] }> {
  const lines: string[] = [];
  const problems: string[] = [];
  for (const [name, one] of CASES) {
    const j = await jitterOf(one, seed, ms);
    const promised = one.overtake && one.line === undefined;
    if (promised && !(j.p99 <= MOST_MS)) problems.push(`${name}: p99 ${j.p99} ms`);
    lines.push(
      `jitter of sound units, ${name}: p50 ${j.p50.toFixed(1)}, ` +
        `p99 ${j.p99.toFixed(1)} (a second later on ${j.p99Later.toFixed(1)}), ` +
        `worst ${j.worst.toFixed(1)} ms of ${j.readings} readings`,
    );
  }
  return { lines, problems };
}

function tcpFaults(chance: () => number, cuts: boolean): Fault[] {
  if (cuts && chance() < 0.05) return [{ kind: 'reset' }, { kind: 'finish' }];
  const more: Fault[] = cuts ? [{ kind: 'half' }, { kind: 'split', at: 4 }] : [];
  return [
    { kind: 'silent' },
    { kind: 'late', ms: 20 + 100 * chance() },
    { kind: 'wrong-id' },
    { kind: 'wrong-unit' },
    ...more,
  ];
}

const lineFaults = (chance: () => number): LineFault[] => [
  { kind: 'silent' },
  { kind: 'late', ms: 20 + 100 * chance() },
  { kind: 'wrong-check' },
  { kind: 'half' },
  { kind: 'noise' },
  { kind: 'wrong-unit' },
];

async function jitterOf(one: JitterCase, seed: number, ms: number): Promise<Jitter> {
  const random = createRandom(seed);
  const chance = () => random.uniform();
  const time = startTime(Date.UTC(2026, 0, 1));
  const units = one.line ?? UNITS;
  const dead = one.line === undefined ? DEAD : 2;
  // What happens to a unit itself is no jitter of it: the faults hit the other half.
  const sound = (unit: number) => unit % 2 === 1 && unit !== dead;
  const behave = <F extends Fault | LineFault>(unit: number, kinds: () => F[]) => {
    if (one.dead && unit === dead) return { kind: 'silent' as const };
    if (sound(unit) || chance() > 2 * one.faults) return null;
    const all = kinds();
    return all[Math.floor(chance() * all.length)] ?? null;
  };
  const [line, tcp] = [pairedLine('rtu'), pairedDevice()];
  const device = one.line === undefined ? tcp : line;
  const disturb = () => {
    line.behave = ({ unit }) => behave(unit, () => lineFaults(chance));
    tcp.behave = ({ unit }) => behave(unit, () => tcpFaults(chance, one.cuts === true));
  };
  const names = Array.from({ length: units }, (_, i) => `u${i + 1}`);
  const over = { clock: time.clock, random: chance, dial: device.dial };
  const context = testContext(
    names.map((n) => `${n}.t`),
    over,
  );
  const settings = modbus.settings.strict().parse({
    url: device.url,
    timeout: '200ms',
    overtake: one.overtake,
    units: names.map((name, i) => {
      return { id: i + 1, name, tags: [{ name: 't', address: i, every: `${EVERY_MS}ms` }] };
    }),
  });
  const source = modbus.create(settings, context);
  source.start();
  // Everything is slow the first time.
  await time.runTo(700);
  const fromMs = time.wall();
  disturb();
  await time.runTo(700 + ms);
  void source.stop();
  time.close();
  const spaces = names.flatMap((name, i) => {
    const times = context.good(`${name}.t`).map((r) => r.receiveMs);
    const pairs = sound(i + 1)
      ? times.slice(1).map((t, k) => ({ t, far: t - (times[k] ?? 0) }))
      : [];
    return pairs.filter(({ t }) => t >= fromMs);
  });
  const farOf = (since: number) =>
    spaces
      .flatMap(({ t, far }) => (t >= since ? [Math.abs(far - EVERY_MS)] : []))
      .sort((a, b) => a - b);
  const at = (far: number[], part: number) =>
    far[Math.floor(part * (far.length - 1))] ?? Number.NaN;
  const all = farOf(fromMs);
  return {
    p50: at(all, 0.5),
    p99: at(all, 0.99),
    worst: at(all, 1),
    p99Later: at(farOf(fromMs + 1000), 0.99),
    readings: all.length,
  };
}
