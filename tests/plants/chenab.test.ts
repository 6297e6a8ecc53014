import { describe, expect, it } from 'vitest';
import {
  type Casting,
  createChenabModel,
  EVENTS,
  WARM_UP_SHOTS,
} from '../../agent/plants/chenab/model.ts';
import { compare, cwk, expectSound, near, percentilePpk, ppk } from './long-run.ts';

const TOOLS = 400;

function castings(seed: number, events: boolean, count: number): Casting[] {
  const model = createChenabModel(seed, events);
  return Array.from({ length: count }, () => model.next());
}

describe('the undisturbed process reaches the indices it was designed for', () => {
  const long = castings(3, false, TOOLS * 200);
  const all = (value: (c: Casting) => number) => long.map(value);

  it('fast shot 1.67, intensification 1.85', () => {
    near(
      ppk(
        all((c) => c.fastShot),
        2.95,
        3.45,
      ),
      1.67,
    );
    near(
      ppk(
        all((c) => c.intensification),
        730,
        830,
      ),
      1.85,
    );
  });

  it('biscuit: Ppk 1.32, within a ladle setting 1.59', () => {
    const biscuit = all((c) => c.biscuit);
    near(ppk(biscuit, 23, 33), 1.32);
    near(cwk(biscuit, 23, 33), 1.59);
  });

  it('metal temperature: Ppk 1.33, but 2.96 by neighbours', () => {
    const metal = all((c) => c.metalT);
    near(ppk(metal, 653, 677), 1.33);
    near(cwk(metal, 653, 677), 2.96);
  });

  it('bore: Ppk 1.54, within a tool 2.09', () => {
    const bore = all((c) => c.bore);
    near(ppk(bore, 0, 25), 1.54);
    near(cwk(bore, 0, 25), 2.09);
  });

  it('leak: 2.92 by the normal formula, 1.82 by quantiles, 1.40 by its logarithm', () => {
    const leak = all((c) => c.leak);
    near(ppk(leak, -Infinity, 5), 2.92);
    near(percentilePpk(leak, null, 5), 1.82);
    near(ppk(leak.map(Math.log), -Infinity, Math.log(5)), 1.4);
  });
});

describe('events', () => {
  it('cold start and power cut: six warm-up shots, the die is cold', () => {
    for (const event of ['cold-start', 'power-cut'] as const) {
      const [first, last] = EVENTS[event];
      const made = castings(1, true, last + 1);
      expect(made.slice(first - 1).map((c) => c.warmUp)).toEqual([
        ...Array<boolean>(WARM_UP_SHOTS).fill(true),
        false,
      ]);
      expect(made[first - 1]?.dieT).toBeLessThan(185);
    }
    expect(castings(1, false, 700).some((c) => c.warmUp)).toBe(false);
  });

  it('ladle leak: the biscuit loses one sigma', () => {
    const { shift } = compare(createChenabModel, EVENTS['ladle-leak'], (c) => c.biscuit);
    expect(shift).toBeCloseTo(-1.05, 6);
  });

  it('vacuum filter: more porous parts, larger leaks', () => {
    const range = EVENTS['vacuum-filter-clogged'];
    expect(compare(createChenabModel, range, (c) => Number(c.porous)).shift).toBeGreaterThan(0.03);
    expect(compare(createChenabModel, range, (c) => c.leak).shift).toBeGreaterThan(0.4);
  });

  it('die B: the bore is 3 µm larger', () => {
    const { shift } = compare(createChenabModel, EVENTS['die-b'], (c) => c.bore);
    expect(shift).toBeCloseTo(3, 6);
  });

  it('master leak failed: the tester shows too little and says that it is in doubt', () => {
    const range = EVENTS['master-leak-failed'];
    expect(compare(createChenabModel, range, (c) => c.leak).shift).toBeLessThan(-0.4);
    expect(compare(createChenabModel, range, (c) => Number(c.masterFailed)).shift).toBe(1);
  });
});

it('the same seed gives the same plant', () => {
  expect(castings(9, true, 300)).toEqual(castings(9, true, 300));
  expect(castings(9, true, 5)).not.toEqual(castings(10, true, 5));
});

it('its settings file is sound', () => expectSound('chenab-die-cast.yaml'));
