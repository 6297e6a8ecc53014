import { describe, expect, it } from 'vitest';
import { createIndusModel } from '../../agent/plants/indus/model.ts';
import { createRandom } from '../../agent/plants/random.ts';
import { TIME_MODELS, type TimeModel, timeModel } from '../../agent/spc/time-model.ts';
import { mixtureOverTime, rangeAndSigma } from '../../agent/spc/time-model-capability.ts';
import { models } from '../support/plant-models.ts';
import { simulated } from '../support/time-models.ts';

const modelOf = (groups: number[][]) => {
  const found = timeModel(groups);
  return 'model' in found ? found.model : found.reason;
};

const sound = (groups: number[][]): TimeModel => {
  const found = timeModel(groups);
  if (!('model' in found)) throw new Error(found.reason);
  return found;
};

describe('time-dependent models of simulated processes', () => {
  it.each(TIME_MODELS)('%s is found in at least 90 of 100', (model) => {
    let right = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      if (modelOf(simulated(model, seed * 104_729)) === model) right += 1;
    }
    expect(right).toBeGreaterThanOrEqual(180);
  });

  it('shift and scale change neither model nor tests', () => {
    for (const model of TIME_MODELS) {
      const groups = simulated(model, 77);
      const moved = groups.map((group) => group.map((x) => 1e6 + 8 * x));
      const own = sound(groups);
      const other = sound(moved);
      expect(other.model).toBe(own.model);
      expect(other.varianceWithin / own.varianceWithin).toBeCloseTo(64, 5);
      own.tests.forEach((test, i) => {
        expect(other.tests[i]?.found).toBe(test.found);
        if (test.p !== null) expect(other.tests[i]?.p).toBeCloseTo(test.p, 5);
      });
    }
  });

  it.each([
    ['too few subgroups', Array.from({ length: 9 }, () => [1, 2, 3, 4, 5, 6])],
    ['too few readings', Array.from({ length: 20 }, () => [1, 2])],
    ['no spread within', Array.from({ length: 20 }, (_, i) => [i, i, i])],
    ['individuals only', Array.from({ length: 90 }, (_, i) => [i])],
    ['nothing', []],
  ])('%s: a reason and no model', (_, groups) => {
    expect(timeModel(groups)).toEqual({ reason: expect.stringMatching(/[a-z]{4}/) });
  });

  it('subgroups of unequal sizes are judged', () => {
    const groups = simulated('A1', 5).map((group, i) => group.slice(0, 3 + (i % 3)));
    expect(modelOf(groups)).toBe('A1');
    expect(modelOf(groups.map((group, i) => group.map((x) => x + 0.2 * i)))).toBe('C3');
  });

  it('a real but tiny change of the location of a long study does not matter', () => {
    const { normal } = createRandom(3);
    const groups = Array.from({ length: 4000 }, (_, i) =>
      Array.from({ length: 5 }, () => (i < 2000 ? 0 : 0.1) + normal()),
    );
    const found = sound(groups);
    expect(found.tests[1]?.found).toBe(true);
    expect(found.model).toBe('A1');
  });
});

/** Subgroups of five neighbours of a characteristic of a demo plant. */
function fromPlant(name: string, n: number, every = 5, seed = 4): number[][] {
  const made = models[name]?.(seed, n);
  if (made?.kind !== 'measurements') throw new Error(`no readings of ${name}`);
  const values = Array.from(made.values);
  return Array.from({ length: Math.floor(values.length / every) }, (_, i) =>
    values.slice(every * i, every * i + 5),
  );
}

describe('time-dependent models of the demo plants', () => {
  it.each([
    ['P3 fast shot', fromPlant('P3 fast shot', 300), ['A1']],
    ['P1 roughness', fromPlant('P1 roughness', 300), ['A2']],
    ['P2 pull-out force', fromPlant('P2 pull-out force', 1000), ['A2']],
    ['P3 leak', fromPlant('P3 leak', 300), ['A2']],
    // Wear until the die is changed: systematic.
    ['P3 biscuit', fromPlant('P3 biscuit', 2000, 20), ['C3']],
    ['P3 bore', fromPlant('P3 bore', 2000, 20), ['C3']],
    // A level per lot of eight: random from lot to lot, shared by neighbours.
    ['P2 part weight', fromPlant('P2 part weight', 480, 8), ['C1', 'C2']],
  ])('%s', (_, groups, expected) => {
    expect(expected).toContain(modelOf(groups));
  });

  it('P2 pitch: lots move the level of all cavities at random', () => {
    const plant = createIndusModel(1, false);
    const groups = Array.from({ length: 12_000 }, () => plant.next());
    const boxes = groups.filter((_, i) => i % 240 < 1).map((shot) => Array.from(shot.pitch));
    expect(['C1', 'C2', 'C4']).toContain(modelOf(boxes));
  });
});

describe('capability of a moving location', () => {
  it('a straight drift: range of the line and residual sigma', () => {
    const groups = simulated('C3', 1001, 80);
    const found = rangeAndSigma(groups, sound(groups), { lsl: -6, usl: 10 });
    expect((found?.highest ?? 0) - (found?.lowest ?? 0)).toBeCloseTo((4 * 79) / 80, 0);
    expect(found?.sigma).toBeCloseTo(1, 1);
    const { lowest = 0, highest = 0, sigma = 1, pp, ppk } = found ?? {};
    expect(pp).toBeCloseTo(16 / (highest - lowest + 6 * sigma), 12);
    expect(ppk).toBeCloseTo(Math.min(10 - highest, lowest + 6) / (3 * sigma), 12);
  });

  it('the mixture over time has the variance of the readings', () => {
    const groups = simulated('C3', 1000, 200);
    const law = mixtureOverTime(groups, sound(groups));
    const low = law?.quantile(0.1587) ?? 0;
    const high = law?.quantile(0.8413) ?? 0;
    const all = groups.flat().sort((a, b) => a - b);
    expect(low).toBeCloseTo(all[Math.round(0.1587 * all.length)] ?? 0, 0);
    expect(high).toBeCloseTo(all[Math.round(0.8413 * all.length)] ?? 0, 0);
    expect((law?.cdf(3) ?? 0) + (law?.sf(3) ?? 0)).toBeCloseTo(1, 12);
  });

  it('one-sided tolerances leave the other side null', () => {
    const groups = simulated('C4', 9);
    const found = rangeAndSigma(groups, sound(groups), { lsl: null, usl: 20 });
    expect(found?.ppl).toBeNull();
    expect(found?.pp).toBeNull();
    expect(found?.ppk).toBe(found?.ppu);
  });
});
