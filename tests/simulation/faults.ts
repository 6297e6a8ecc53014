import type { Random } from '../../agent/plants/random.ts';
import type { Broker } from './broker.ts';
import { type Influx, MOODS } from './influx.ts';
import type { Network } from './network.ts';
import type { People } from './people.ts';
import { COUNTED, type Plant } from './plant.ts';
import type { Supervisor } from './supervisor.ts';
import type { SimTime } from './time.ts';
import type { Trace } from './trace.ts';

export interface World {
  time: SimTime;
  trace: Trace;
  broker: Broker;
  network: Network;
  influx: Influx;
  people: People;
  plant: Plant;
  supervisor: Supervisor;
}

/** Mean time between two disturbances, whatever they are. */
const EVERY_MS = 8 * 60_000;

/** Disturbs everything until `untilMs`; the returned function mends it all. */
export function disturb(w: World, random: Random, untilMs: number): () => void {
  let on = true;
  const kinds = faults(w, random);
  const next = () => {
    const wait = -Math.log(1 - random.uniform()) * EVERY_MS;
    w.time.after(wait, () => {
      if (!on || w.time.now() >= untilMs) return;
      const [name, fault] = kinds[Math.floor(random.uniform() * kinds.length)] as Fault;
      w.trace('fault', name);
      fault();
      next();
    });
  };
  next();
  return () => {
    on = false;
    w.trace('calm');
    w.broker.start();
    w.network.halfOpen(false);
    w.network.delayMs = 2;
    w.influx.mood = 'up';
    w.people.up = true;
    w.supervisor.calm();
  };
}

type Fault = readonly [name: string, begin: () => void];

function faults(w: World, random: Random): Fault[] {
  /** mostly short, now and then long */
  const span = (mostMs: number) => mostMs * random.uniform() ** 3;
  const during = (mostMs: number, end: () => void) => w.time.after(span(mostMs), end);
  const station = () => COUNTED[Math.floor(random.uniform() * COUNTED.length)] as string;
  return [
    ...agentFaults(w, random, span),
    ['broker off', () => brokerOff(w, span(7_200_000), false)],
    ['broker forgets', () => brokerOff(w, span(600_000), true)],
    ['connection reset', () => w.network.reset()],
    [
      'half-open',
      () => {
        w.network.halfOpen(true);
        during(1_800_000, () => w.network.halfOpen(false));
      },
    ],
    [
      'slow network',
      () => {
        w.network.delayMs = 2000 * random.uniform();
        during(1_800_000, () => {
          w.network.delayMs = 2;
        });
      },
    ],
    [
      'influxdb',
      () => {
        w.influx.mood = MOODS[Math.floor(random.uniform() * MOODS.length)] ?? 'off';
        w.trace('influxdb is', w.influx.mood);
        during(10_800_000, () => {
          w.influx.mood = 'up';
        });
      },
    ],
    [
      'people away',
      () => {
        w.people.up = false;
        during(7_200_000, () => {
          w.people.up = true;
        });
      },
    ],
    ['counter restarts', () => w.plant.restart(station())],
    ['burst', () => w.plant.burst(station(), 1 + Math.floor(60 * random.uniform()))],
    ['poison', () => w.plant.poison()],
  ];
}

function agentFaults(w: World, random: Random, span: (mostMs: number) => number): Fault[] {
  const { supervisor, time } = w;
  return [
    ['kill', () => supervisor.kill(span(3_600_000))],
    ['kill in the writer', () => supervisor.doom({ kind: 'kill', steps: steps(random) })],
    [
      'kill at the start',
      () => {
        supervisor.doomNext({ kind: 'kill', steps: steps(random) });
        supervisor.kill(1000);
      },
    ],
    [
      'disk fails',
      () => supervisor.doom({ kind: 'disk', steps: steps(random), failMs: span(600_000) }),
    ],
    ['orderly restart', () => void supervisor.restart(span(600_000))],
    ['slow disk', () => supervisor.slow(2000 * random.uniform(), span(600_000))],
    [
      'clock steps',
      () => {
        const sign = random.uniform() < 0.5 ? -1 : 1;
        const size = [1500, 3_600_000, 86_400_000, 3e11][Math.floor(4 * random.uniform())] ?? 0;
        time.stepWall(sign * size);
      },
    ],
  ];
}

const steps = (random: Random) => 1 + Math.floor(12 * random.uniform());

function brokerOff(w: World, ms: number, forget: boolean): void {
  w.broker.stop(forget);
  w.time.after(ms, () => w.broker.start());
}
