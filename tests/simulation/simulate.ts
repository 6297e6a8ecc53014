import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Random } from '../../agent/plants/random.ts';
import { createBroker } from './broker.ts';
import { disturb } from './faults.ts';
import { createInflux } from './influx.ts';
import type { Mutation } from './life.ts';
import { createNetwork } from './network.ts';
import { judge } from './oracle.ts';
import { createPeople } from './people.ts';
import { createPlant, EPOCH_MS } from './plant.ts';
import { createSupervisor, type SinkMutation } from './supervisor.ts';
import { startTime } from './time.ts';
import { createTrace } from './trace.ts';

export interface Simulation {
  seed: number;
  hours: number;
  /** shortest interval of repeated timers; by seed when left out */
  coarseMs?: number;
  /** every line of the trace, for people who look for a fault */
  say?: (line: string) => void;
  mutation?: Mutation & SinkMutation;
}

export interface Outcome {
  /** stands for everything that happened and all that is stored */
  hash: string;
  /** what is wrong, in words; empty = passed */
  problems: string[];
  figures: { parts: number; stored: number; lives: number; alerts: number; events: number };
}

/**
 * What happens often only to look whether something is due costs most of an idle hour. By seed: one
 * story of eight looks as often as the real agent does, one every 3 s, the others once a minute and
 * cover more time.
 */
const COARSE_MS = [1, 60_000, 60_000, 60_000, 3000, 60_000, 60_000, 60_000];
const SETTLE_MS = 3_600_000;

/** One life story of a plant and its agent; the same seed gives the same story to the last byte. */
export async function simulate(o: Simulation): Promise<Outcome> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'meyar-sim-'));
  const time = startTime(EPOCH_MS, o.coarseMs ?? COARSE_MS[o.seed % COARSE_MS.length]);
  const chance = (purpose: number): Random => createRandom(Math.imul(o.seed, 31) + purpose);
  const { trace, digest } = createTrace(time, o.say ?? null);
  try {
    const broker = createBroker(trace);
    const network = createNetwork(time, chance(1), broker);
    const influx = createInflux(time, chance(2), trace);
    const people = createPeople(time, chance(3), trace);
    const plant = createPlant(time, chance(4), broker, trace);
    const supervisor = createSupervisor({
      time,
      random: chance(5),
      trace,
      root,
      network,
      influx,
      people,
      mutation: o.mutation ?? {},
    });
    const world = { time, trace, broker, network, influx, people, plant, supervisor };
    mkdirSync(join(root, '0'));
    supervisor.start();
    plant.begin();
    const endMs = o.hours * 3_600_000 - SETTLE_MS;
    const calm = disturb(world, chance(6), endMs);
    await time.runTo(endMs);
    calm();
    // Faults have ended: everything that is owed must come now, and what is fresh as well.
    await time.runTo(endMs + SETTLE_MS / 2);
    plant.burst('a', 3);
    await time.runTo(endMs + SETTLE_MS * 0.75);
    plant.stop();
    await time.runTo(endMs + SETTLE_MS * 0.9);
    const health = supervisor.health();
    await supervisor.stop();
    await time.runTo(endMs + SETTLE_MS);
    const folder = supervisor.folder();
    time.close();
    const { problems, stored, alerts, digest: found } = await judge({ ...world, folder, health });
    return {
      hash: `${digest()}-${found}`,
      problems,
      figures: {
        parts: plant.parts.size,
        stored,
        lives: supervisor.lives(),
        alerts,
        events: time.events(),
      },
    };
  } finally {
    time.close();
    rmSync(root, { recursive: true, force: true });
  }
}
