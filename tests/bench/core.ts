import {
  characteristicSettings,
  planCharacteristic,
  savedState,
  startCharacteristics,
  stepReading,
} from '../../agent/core/characteristic.ts';
import type { CharacteristicPlan } from '../../agent/core/characteristic-plan.ts';
import type { CharacteristicState } from '../../agent/core/characteristic-state.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Point } from '../../agent/model.ts';
import {
  type HandWritten,
  handOut,
  handWrittenRecords,
  stepFive,
  stepOne,
} from './hand-written.ts';

/** One line of the bench table: a ratio against something measured in the same run. */
export interface Row {
  id: string;
  name: string;
  ours: number;
  baseline: number;
  unit: string;
  ratio: number;
  goal: string;
}

const CENTER = 10;
const SIGMA = 0.1;
const START_MS = 1_700_000_000_000;
/** Short, so that some of them pass while nobody else wants the core, and many. */
const READINGS = 10_000;
const ROUNDS = 400;
/** Points of every characteristic before it is measured: EWMA limits stand still, windows are full. */
const WARM_POINTS = 100;

/**
 * P1: ns per reading against a hand-written loop, once as bare as it can be (it counts broken rules
 * and puts nothing out) and once handing out every point as the engine does. P13: growth. Then
 * bytes allocated per reading and bytes of state.
 */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of [5, 1]) {
    const costs: number[] = [];
    for (const count of [1, 10, 1_000, 100_000]) {
      const cost = measure(size, count);
      costs.push(cost.ours);
      if (count === 10) continue;
      const name = `core, ${size === 1 ? 'individuals' : `n = ${size}`}, C = ${count}`;
      rows.push(row('P1', `${name}, bare loop`, cost.ours, cost.bare, 'ns/reading', '<= 1.5'));
      rows.push(row('P1', `${name}, loop with points`, cost.ours, cost.told, 'ns/reading', ''));
    }
    const [, ten = NaN, , many = NaN] = costs;
    const name = `core, size ${size}, C = 100000 against 10`;
    rows.push(row('P13', name, many, ten, 'ns/reading', '<= 2.5'));
    rows.push(allocated(size), stateBytes(size));
  }
  return rows;
}

function row(
  id: string,
  name: string,
  ours: number,
  baseline: number,
  unit: string,
  goal: string,
): Row {
  return { id, name, ours, baseline, unit, ratio: ours / baseline, goal };
}

/** Normal readings made once: chance must not be part of what is measured. */
const values = normals(65_536);

function normals(count: number): Float64Array {
  let seed = 20_260_101;
  const uniform = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    return CENTER + SIGMA * radius * Math.cos(2 * Math.PI * uniform());
  });
}

/** Best of several short rounds each, taken in turn so that a noisy neighbour hits all alike. */
function measure(size: number, count: number): { ours: number; bare: number; told: number } {
  const engine = makeEngine(size, count);
  const works = [engine.feed, handFeed(size, count, false), handFeed(size, count, true)];
  const best = works.map(() => Infinity);
  for (const work of works) work(Math.max(2_000_000, WARM_POINTS * size * count));
  for (let round = 0; round < ROUNDS; round += 1) {
    works.forEach((work, i) => {
      const start = performance.now();
      work(READINGS);
      const ns = ((performance.now() - start) / READINGS) * 1e6;
      best[i] = Math.min(best[i] ?? ns, ns);
    });
  }
  const [ours = NaN, bare = NaN, told = NaN] = best;
  return { ours, bare, told };
}

function handFeed(size: number, count: number, told: boolean): (readings: number) => void {
  const records = handWrittenRecords(count, CENTER, SIGMA, size);
  const step = size === 1 ? stepOne : stepFive;
  const { out } = countingSink();
  let c = 0;
  // Goes on from round to round: else a characteristic would get the same few values again and again.
  let next = 0;
  const clock = Float64Array.of(START_MS);
  return (readings) => {
    for (let i = 0; i < readings; i += 1) {
      const record = records[c] as HandWritten;
      step(record, values[next++ & 65_535] as number);
      if (told && record.count === 0) handOut(record, clock[0] as number, out.point);
      if (++c === count) {
        c = 0;
        clock[0] = (clock[0] as number) + 1;
      }
    }
  };
}

interface Engine {
  plans: CharacteristicPlan[];
  states: CharacteristicState[];
  feed(readings: number): void;
}

/** Engines as a plant would have them: a plan each, limits given, everything switched on. */
function makeEngine(size: number, count: number): Engine {
  const settings = characteristicSettings.parse({
    name: 'bench',
    nominal: CENTER,
    lsl: CENTER - 6 * SIGMA,
    usl: CENTER + 6 * SIGMA,
    source: 'bench',
    tag: 'bench',
    subgroup: { kind: 'by-count', size },
    charts: [{ kind: size === 1 ? 'imr' : 'xbar-r' }, { kind: 'ewma' }, { kind: 'cusum' }],
    rules: 'nelson',
    limits: { kind: 'fixed', center: CENTER, sigma: SIGMA },
  });
  const plans = Array.from({ length: count }, (_, i) => planCharacteristic(`c${i}`, settings));
  const states = startCharacteristics(plans);
  const { out } = countingSink();
  let c = 0;
  // Goes on from round to round: else a characteristic would get the same few values again and again.
  let next = 0;
  let part = 0;
  const clock = Float64Array.of(START_MS);
  return {
    plans,
    states,
    feed(readings) {
      for (let i = 0; i < readings; i += 1) {
        const plan = plans[c] as CharacteristicPlan;
        const state = states[c] as CharacteristicState;
        stepReading(
          plan,
          state,
          values[next++ & 65_535] as number,
          0,
          clock[0] as number,
          part,
          out,
        );
        if (++c === count) {
          c = 0;
          clock[0] = (clock[0] as number) + 1;
          part += 1;
        }
      }
    },
  };
}

/** Reads a point as a consumer must at least, so that handing it out is not optimised away. */
function countingSink(): { out: Outputs; seen: () => number } {
  // A number that a closure keeps would be an object made anew at every point.
  const sum = new Float64Array(1);
  const add = (value: number) => {
    sum[0] = (sum[0] as number) + value;
  };
  const out: Outputs = {
    point: (point: Point) => add(point.value + point.rules + point.index),
    signal: () => add(1),
    alert() {},
    limits() {},
    gap() {},
    reading() {},
  };
  return { out, seen: () => sum[0] as number };
}

/** Heap growth over a stretch without collection; needs `--expose-gc` to be exact. */
function allocated(size: number): Row {
  const engine = makeEngine(size, 1);
  engine.feed(2_000_000);
  let least = Infinity;
  for (let round = 0; round < 20; round += 1) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    engine.feed(20_000);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown / 20_000);
  }
  return row('P1', `core, size ${size}, heap allocated`, least, 0, 'bytes/reading', '0');
}

/** Snapshot of one characteristic with a full capability window, as JSON. */
function stateBytes(size: number): Row {
  const engine = makeEngine(size, 1);
  engine.feed(1200 * 25 * size);
  const { plans, states } = engine;
  const saved = savedState(plans[0] as CharacteristicPlan, states[0] as CharacteristicState);
  const bytes = JSON.stringify(saved).length;
  return row('P1', `core, size ${size}, snapshot of a characteristic`, bytes, 0, 'bytes', '');
}

if (import.meta.main) {
  for (const { id, name, ours, baseline, unit, ratio, goal } of await run()) {
    const against = baseline === 0 ? '' : `${baseline.toFixed(1)}, ratio ${ratio.toFixed(2)}`;
    console.log(`${id.padEnd(4)}${name.padEnd(52)}${ours.toFixed(1)} ${unit}  ${against} ${goal}`);
  }
}
