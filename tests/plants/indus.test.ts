import { describe, expect, it } from 'vitest';
import { features } from '../../agent/features/index.ts';
import { createIndusModel, EVENTS, type Shot } from '../../agent/plants/indus/model.ts';
import { curveOf, type Packing, STEP_MS } from '../../agent/plants/indus/pressure.ts';
import { compare, cwk, expectSound, near, overallSd, percentilePpk, ppk } from './long-run.ts';

const LOTS = 400;

/** What the agent makes of the curve of a shot. */
const featureOf = (kind: 'max' | 'area') => (packing: Packing) => {
  const feature = features.create({ kind, cycle: 'shot' }, {});
  const state = feature.start();
  const curve = curveOf(packing);
  curve.forEach((bar, i) => {
    feature.add(state, (i * STEP_MS) / 1000, bar);
  });
  return feature.value(state, ((curve.length - 1) * STEP_MS) / 1000);
};

function shots(seed: number, events: boolean, count: number): Shot[] {
  const model = createIndusModel(seed, events);
  return Array.from({ length: count }, () => model.next());
}

describe('the undisturbed process reaches the indices it was designed for', () => {
  // Every seventh shot: enough for the indices, and every phase of the slow wave.
  const model = createIndusModel(3, false);
  const long: Shot[] = [];
  // Every force: a share of 0.42 % needs many parts.
  const force: number[] = [];
  for (let i = 0; i < LOTS * 1000; i += 1) {
    const shot = model.next();
    force.push(shot.pullOut);
    if (i % 7 === 0) long.push(shot);
  }
  const cavity = (i: number) => long.map((s) => s.pitch[i] as number);

  it('pitch: cavities together 1.48, cavity 5 alone 1.31, the others 1.51 to 1.71', () => {
    near(
      ppk(
        long.flatMap((s) => s.pitch),
        -60,
        60,
      ),
      1.48,
    );
    near(ppk(cavity(4), -60, 60), 1.31);
    for (const i of [0, 1, 2, 3, 5, 6, 7]) {
      const index = ppk(cavity(i), -60, 60);
      expect(index).toBeGreaterThan(1.45);
      expect(index).toBeLessThan(1.8);
    }
  });

  it('weight: Ppk 2.2, within a lot 2.85', () => {
    const weight = long.map((s) => s.weight);
    near(ppk(weight, 12.28, 12.52), 2.2);
    near(cwk(weight, 12.28, 12.52), 2.85);
  });

  it('cushion: Ppk 4.2', () => {
    near(
      ppk(
        long.map((s) => s.cushion),
        3.5,
        6.5,
      ),
      4.2,
    );
  });

  it('pull-out force: normal formula 1.13, quantiles 0.85, 0.42 % too weak', () => {
    near(ppk(force, 80, Infinity), 1.13);
    near(percentilePpk(force, 80, null), 0.85);
    near(force.filter((n) => n < 80).length / force.length, 0.0042);
  });

  it('cavity pressure: what is made of its curves has Ppk 1.67 and 1.74', () => {
    const few = long.filter((_, i) => i % 10 === 0).map((s) => s.packing.cavity3);
    near(ppk(few.map(featureOf('max')), 390, 450), 1.67);
    near(ppk(few.map(featureOf('area')), 551, 671), 1.74);
  });

  it('mould temperature resembles the shot before: r1 0.92', () => {
    const t = shots(4, false, 20_000).map((s) => s.mouldT);
    const steps = t.slice(1).map((v, i) => v - (t[i] as number));
    near(1 - overallSd(steps) ** 2 / (2 * overallSd(t) ** 2), 0.92);
  });
});

describe('events', () => {
  it('chiller trip: the mould warms by 5 °C on the mean and the pitch shrinks with it', () => {
    const [first, last] = EVENTS['chiller-trip'];
    const late = [last - 10, last] as const;
    expect(compare(createIndusModel, late, (s) => s.mouldT).shift).toBeGreaterThan(5);
    expect(compare(createIndusModel, late, (s) => s.pitch[0] as number).shift).toBeLessThan(-15);
    expect(compare(createIndusModel, [1, first - 1], (s) => s.mouldT).shift).toBe(0);
  });

  it('check ring: the cushion gets smaller by 0.24 mm', () => {
    const [, last] = EVENTS['check-ring-wear'];
    const { shift } = compare(createIndusModel, [last - 20, last], (s) => s.cushion);
    expect(shift).toBeCloseTo(-0.24, 1);
  });

  it('local resin lot: pitch +20 µm, weight -0.04 g', () => {
    const lot = EVENTS['local-resin-lot'];
    expect(compare(createIndusModel, lot, (s) => s.pitch[3] as number).shift).toBeCloseTo(20, 0);
    expect(compare(createIndusModel, lot, (s) => s.weight).shift).toBeCloseTo(-0.04, 3);
  });

  it('cavities 5 and 3: only theirs moves', () => {
    const [, worn] = EVENTS['cavity-5-wear'];
    const wear = [worn - 20, worn] as const;
    expect(compare(createIndusModel, wear, (s) => s.pitch[4] as number).shift).toBeLessThan(-10);
    expect(compare(createIndusModel, wear, (s) => s.pitch[3] as number).shift).toBeCloseTo(0, 0);
    const blocked = EVENTS['cavity-3-blocked'];
    expect(compare(createIndusModel, blocked, (s) => s.pitch[2] as number).shift).toBeCloseTo(
      -35,
      0,
    );
  });

  it('the curves tell a gate that is blocked, and a ring that leaks', () => {
    const blocked = EVENTS['cavity-3-blocked'];
    const peak = featureOf('max');
    const area = featureOf('area');
    const shift = (at: readonly [number, number], value: (s: Shot) => number) =>
      compare(createIndusModel, at, value).shift;
    expect(shift(blocked, (s) => peak(s.packing.cavity3))).toBeCloseTo(-70, 0);
    expect(shift(blocked, (s) => peak(s.packing.cavity8))).toBe(0);
    const [, worn] = EVENTS['check-ring-wear'];
    expect(shift([worn - 20, worn], (s) => area(s.packing.cavity8))).toBeLessThan(-20);
    const [, warm] = EVENTS['chiller-trip'];
    expect(shift([warm - 10, warm], (s) => area(s.packing.cavity3))).toBeGreaterThan(20);
  });

  it('dryer failure: the lot is wetter than allowed', () => {
    const { disturbed, usual } = compare(
      createIndusModel,
      EVENTS['dryer-failure'],
      (s) => s.moisture,
    );
    expect(Math.min(...disturbed)).toBeGreaterThan(Math.max(...usual));
  });
});

it('the same seed gives the same plant', () => {
  expect(shots(9, true, 300)).toEqual(shots(9, true, 300));
  expect(shots(9, true, 5)).not.toEqual(shots(10, true, 5));
});

it('its settings file is sound', () => expectSound('indus-polymer.yaml'));
