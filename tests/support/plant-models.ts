import type { Counts, Measurements } from '../../agent/evidence/advise/observations.ts';
import { createRandom, type Random } from '../../agent/plants/random.ts';
import { createRaviModel, type Shaft } from '../../agent/plants/ravi/model.ts';

/**
 * Characteristics of the four made-up demo plants as numbers, in natural units: what the advisor is
 * shown. Each returns readings in process order with what the plant would know of them.
 */
type Model = (seed: number, n: number) => Measurements | Counts;

const NOTHING_KNOWN = { subgroup: null, stream: null, lot: null, part: null, tool: null };

function readings(values: number[], known: Partial<Measurements> = {}): Measurements {
  return { kind: 'measurements', values, ...NOTHING_KNOWN, ...known };
}

const list = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i));
const name = (prefix: string, i: number, every: number) => `${prefix}${Math.floor(i / every) + 1}`;

/** Autocorrelated series of standard deviation 1. */
function ar1({ normal }: Random, phi: number): () => number {
  let x = normal();
  return () => {
    const now = x;
    x = phi * x + Math.sqrt(1 - phi * phi) * normal();
    return now;
  };
}

/** So many shafts of the undisturbed line P1, every so many of them. */
function shafts(seed: number, n: number, every: number, of: (shaft: Shaft) => number): number[] {
  const model = createRaviModel(seed, false);
  return list(n, () => {
    for (let i = 1; i < every; i += 1) model.next();
    return of(model.next());
  });
}

/** Subgroups of `size` consecutive values out of every `every`. */
function everySo<T>(values: T[], size: number, every: number): T[] {
  return values.filter((_, i) => i % every < size);
}

const numbered = (n: number, size: number) => list(n, (i) => Math.floor(i / size));

/** Binomial by counting. */
function binomial({ uniform }: Random, n: number, p: number): number {
  let count = 0;
  for (let i = 0; i < n; i += 1) if (uniform() < p) count += 1;
  return count;
}

const units = (counts: number[], sizes: number[]): Counts => ({
  kind: 'counts',
  of: 'units',
  counts,
  sizes,
});

/** Insert wear against stepwise compensation; every compensation is a new name. */
const turned: Model = (seed, n) => {
  const values = shafts(seed, n, 1, (s) => s.odTurned);
  const tool = list(n, (i) => `${Math.floor(i / 350)}.${Math.floor(((i % 350) + 1) / 130)}`);
  return readings(values, { tool });
};

const ground: Model = (seed, n) => {
  const values = everySo(
    shafts(seed, n * 10, 1, (s) => s.odGround),
    5,
    50,
  );
  return readings(values, { subgroup: numbered(values.length, 5) });
};

const pitch: Model = (seed, shots) => {
  const { normal } = createRandom(seed);
  const cavity = [8, -5, 2, 0, -14, 6, 5, -2];
  const stream: string[] = [];
  const subgroup: number[] = [];
  let lot = 0;
  const values = list(shots, (i) => i).flatMap((i) => {
    if (i % 8 === 0) lot = 8 * normal();
    const shot = 6 * normal();
    return cavity.map((offset, c) => {
      stream.push(`cavity ${c + 1}`);
      subgroup.push(i);
      return 18.2 + (offset + lot + shot + 5 * normal()) / 1000;
    });
  });
  return readings(values, { stream, subgroup });
};

function lots(per: number, center: number, lotSd: number, sd: number, named: boolean): Model {
  return (seed, n) => {
    const { normal } = createRandom(seed);
    let level = 0;
    const values = list(n, (i) => {
      if (i % per === 0) level = lotSd * normal();
      return center + level + sd * normal();
    });
    return readings(values, named ? { lot: list(n, (i) => name('lot ', i, per)) } : {});
  };
}

function independent(draw: (random: Random) => number): Model {
  return (seed, n) => {
    const random = createRandom(seed);
    return readings(list(n, () => draw(random)));
  };
}

function grouped(size: number, draw: (random: Random) => number): Model {
  return (seed, n) => {
    const random = createRandom(seed);
    return readings(
      list(n, () => draw(random)),
      { subgroup: numbered(n, size) },
    );
  };
}

function wearing(life: number, slope: number, start: number, sd: number, told: boolean): Model {
  return (seed, n) => {
    const { normal } = createRandom(seed);
    const values = list(n, (i) => start + slope * (i % life) + sd * normal());
    return readings(values, told ? { tool: list(n, (i) => name('tool ', i, life)) } : {});
  };
}

function dependent(phi: number, center: number, sd: number, wave = 0, period = 26): Model {
  return (seed, n) => {
    const next = ar1(createRandom(seed), phi);
    return readings(
      list(n, (i) => center + sd * next() + wave * Math.sin((2 * Math.PI * i) / period)),
    );
  };
}

/** A share that itself varies from lot to lot. */
function overdispersed(size: number, p: number, spread: number): Model {
  return (seed, n) => {
    const random = createRandom(seed);
    return units(
      list(n, () => binomial(random, size, Math.min(1, p * Math.exp(spread * random.normal())))),
      list(n, () => size),
    );
  };
}

function share(p: number, sizeOf: (random: Random) => number): Model {
  return (seed, n) => {
    const random = createRandom(seed);
    const sizes = list(n, () => sizeOf(random));
    return units(
      sizes.map((size) => binomial(random, size, p)),
      sizes,
    );
  };
}

function family(sds: number[], each: number): Model {
  return (seed) => {
    const { normal } = createRandom(seed);
    const values = sds.flatMap((sd, k) => list(each, () => 10 * (k + 1) + sd * normal()));
    return readings(values, { part: values.map((_, i) => name('part ', i, each)) });
  };
}

const weibull = ({ uniform }: Random, shape: number, scale: number) =>
  scale * (-Math.log(1 - uniform())) ** (1 / shape);

/** Every model by the name that the cases use. */
export const models: Record<string, Model> = {
  'P1 turned diameter': turned,
  'P1 ground diameter': ground,
  'P1 roundness': (seed, n) => readings(shafts(seed, n, 1, (s) => s.roundness)),
  'P1 roughness': (seed, n) => readings(shafts(seed, n, 1, (s) => s.roughness)),
  'P1 hardness': (seed, n) =>
    readings(
      shafts(seed, n, 1, (s) => s.hardness),
      { subgroup: numbered(n, 3) },
    ),
  'P1 case depth': (seed, n) => readings(shafts(seed, n, 320, (s) => s.caseDepth)),
  'P1 inductor power': (seed, n) => readings(shafts(seed, n, 1, (s) => s.power)),
  'P1 cracks per day': share(0.006, () => 1200),
  'P1 cracks per lot': share(0.006, ({ uniform }) => 1000 + Math.floor(800 * uniform())),
  'P1 cracks per shift': share(0.006, () => 600),
  'P2 pitch': pitch,
  'P2 part weight': lots(8, 12.4, 0.012, 0.014, false),
  'P2 part weight by lot': lots(8, 12.4, 0.012, 0.014, true),
  'P2 mould temperature': dependent(0.8, 80, 0.35, 0.8),
  'P2 pull-out force': independent((random) => weibull(random, 14, 118)),
  'P2 short shots': overdispersed(3000, 0.003, 0.8),
  'P3 fast shot': independent(({ normal }) => 3.2 + 0.05 * normal()),
  'P3 biscuit': wearing(200, -0.012, 29.2, 1.05, true),
  'P3 bore': wearing(200, -0.026, 15.1, 2.0, true),
  'P3 bore, wear not told': wearing(200, -0.026, 15.1, 2.0, false),
  'P3 metal temperature': dependent(0.88, 665, 3),
  'P3 leak': independent(({ normal }) => 1.1 * Math.exp(0.36 * normal())),
  'P3 porosity': overdispersed(420, 0.025, 0.6),
  'P4 cell voltage': lots(32, 3295.5, 1.2, 1.1, true),
  'P4 torque': grouped(16, ({ normal }) => 9.05 + 0.13 * normal()),
  'P4 gap filler': wearing(180, -0.004, 24.3, 0.3, true),
  'P4 isolation': independent(({ normal }) => 2500 * Math.exp(0.45 * normal())),
  'P4 hipot': share(0.012, () => 80),
  'family of equal spread': family([0.1, 0.1, 0.1, 0.1, 0.1], 20),
  'family of unequal spread': family([0.1, 0.3, 0.05, 0.5, 0.15], 20),
  'small batch': independent(({ normal }) => 5 + 0.02 * normal()),
};
