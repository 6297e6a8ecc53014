import { describe, expect, it } from 'vitest';
import {
  createRaviModel,
  EVENTS,
  type RaviEvent,
  type Shaft,
} from '../../agent/plants/ravi/model.ts';

const INSERTS = 400;
const INSERT_LIFE = 350;
const WARM_UP = 1000;

function shafts(seed: number, events: boolean, count: number): Shaft[] {
  const model = createRaviModel(seed, events);
  return Array.from({ length: count }, () => model.next());
}

const meanOf = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;

/** Index with the overall spread, and with the spread within groups of five that follow each other. */
function indices(x: number[], lsl: number, usl: number) {
  const mean = meanOf(x);
  const overall = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1));
  let squares = 0;
  let freedom = 0;
  for (let i = 0; i + 5 <= x.length; i += 5) {
    const group = x.slice(i, i + 5);
    const center = meanOf(group);
    squares += group.reduce((a, b) => a + (b - center) ** 2, 0);
    freedom += 4;
  }
  const nearest = Math.min(usl - mean, mean - lsl) / 3;
  return { ppk: nearest / overall, cwk: nearest / Math.sqrt(squares / freedom) };
}

describe('the undisturbed process reaches the indices it was designed for', () => {
  const long = shafts(5, false, INSERTS * INSERT_LIFE).slice(WARM_UP);
  const within = (value: number, gold: number) =>
    expect(Math.abs(value / gold - 1), `${value} against ${gold}`).toBeLessThan(0.04);

  it('turned diameter: Ppk 1.50, within inserts 1.97', () => {
    const micron = long.map((s) => (s.odTurned - 21.9835) * 1000);
    const { ppk, cwk } = indices(micron, -16.5, 16.5);
    within(ppk, 1.5);
    within(cwk, 1.97);
  });

  it('ground diameter: Ppk 1.59, within dressings 1.83', () => {
    const { ppk, cwk } = indices(
      long.map((s) => s.odGround),
      -17,
      -6,
    );
    within(ppk, 1.59);
    within(cwk, 1.83);
  });

  it('hardness: Ppk 1.40 as the gauge sees it', () => {
    within(
      indices(
        long.map((s) => s.hardness),
        56,
        62,
      ).ppk,
      1.4,
    );
  });
});

describe('events', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const during = (event: RaviEvent, values: (s: Shaft) => number) => {
    const [from, to] = EVENTS[event];
    return (events: boolean) =>
      seeds.flatMap((seed) =>
        shafts(seed, events, to)
          .slice(from - 1)
          .map(values),
      );
  };
  const sd = (x: number[]) => {
    const mean = meanOf(x);
    return Math.sqrt(meanOf(x.map((v) => (v - mean) ** 2)));
  };

  it('coolant off: the turned diameter grows by 9 µm', () => {
    const values = during('coolant-off', (s) => s.odTurned * 1000);
    const shift = meanOf(values(true)) - meanOf(values(false));
    expect(shift).toBeGreaterThan(7);
    expect(shift).toBeLessThan(9);
  });

  it('glazed wheel: the ground diameter scatters more', () => {
    const values = during('wheel-glazed', (s) => s.odGround);
    expect(sd(values(true)) / sd(values(false))).toBeGreaterThan(1.25);
  });

  it('compensation fails: the turned diameter drifts', () => {
    const values = during('compensation-fails', (s) => s.odTurned * 1000);
    expect(meanOf(values(true)) - meanOf(values(false))).toBeGreaterThan(4);
  });

  it('wrong bar lot: hardness steps by 1.2 HRC', () => {
    const values = during('wrong-bar-lot', (s) => s.hardness);
    expect(meanOf(values(true)) - meanOf(values(false))).toBeCloseTo(1.2, 1);
  });

  it('over-adjusting: the scatter from part to part grows', () => {
    const steps = (events: boolean) =>
      seeds.flatMap((seed) => {
        const [from, to] = EVENTS['over-adjusting'];
        const od = shafts(seed, events, to)
          .slice(from - 1)
          .map((s) => s.odTurned * 1000);
        return od.slice(1).map((v, i) => v - (od[i] as number));
      });
    expect(sd(steps(true)) / sd(steps(false))).toBeGreaterThan(1.1);
  });
});

it('the same seed gives the same plant', () => {
  expect(shafts(9, true, 500)).toEqual(shafts(9, true, 500));
  expect(shafts(9, true, 5)).not.toEqual(shafts(10, true, 5));
});
