import { type EventTable, isOn, placeIn } from '../events.ts';
import { createRandom, type Random } from '../random.ts';

/**
 * "Ravi Auto Shafts" (made up): a kick-starter shaft, one part every 45 s, turned, hardened and
 * ground. Numbers in natural units; dimensions in µm from the stated zero. Events are ranges of
 * part numbers that repeat, so that a demo always has something to find.
 */
export interface Shaft {
  /** counts from 1 */
  part: number;
  spindle: 1 | 2;
  /** turned diameter, mm */
  odTurned: number;
  /** ground diameter, µm from 14 mm */
  odGround: number;
  /** inductor power kW, scan speed mm/s, quench temperature °C: means of the cycle */
  power: number;
  scanSpeed: number;
  quench: number;
  /** HRC as the gauge shows it */
  hardness: number;
  /** µm */
  roundness: number;
  /** Ra in µm */
  roughness: number;
  /** mm, destructive */
  caseDepth: number;
}

export type RaviEvent =
  | 'coolant-off'
  | 'wheel-glazed'
  | 'compensation-fails'
  | 'wrong-bar-lot'
  | 'over-adjusting';

/** First and last part of each event within one round of `ROUND` parts. */
export const EVENTS: EventTable<RaviEvent> = {
  'coolant-off': [70, 130],
  'wheel-glazed': [200, 560],
  'compensation-fails': [640, 900],
  'wrong-bar-lot': [960, 1300],
  // A trainee's whole shift.
  'over-adjusting': [1360, 1960],
};
export const ROUND = 2000;

export const SECONDS_PER_PART = 45;
const INSERT_LIFE = 350;
const DRESS_EVERY = 150;
/** Diameter the deviations of the turned shaft are counted from, mm. */
const TURNED_ZERO = 21.9835;

export interface RaviModel {
  next(): Shaft;
}

interface State {
  part: number;
  insertOffset: number;
  insertPart: number;
  /** parts since the compensation last worked, while it does not */
  uncompensated: number;
  adjustment: number;
  power: number;
  quench: number;
}

/** A plant from a seed; `events: false` gives the undisturbed process the gold indices are for. */
export function createRaviModel(seed: number, events: boolean): RaviModel {
  const random = createRandom(seed);
  const state: State = {
    part: 0,
    insertOffset: 1.5 * random.normal(),
    insertPart: 0,
    uncompensated: 0,
    adjustment: 0,
    power: 0,
    quench: 0,
  };
  return { next: () => nextShaft(state, random, events) };
}

function nextShaft(s: State, random: Random, events: boolean): Shaft {
  s.part += 1;
  const place = placeIn(ROUND, s.part);
  const on = (event: RaviEvent) => events && isOn(EVENTS, event, place);
  s.power = 0.9 * s.power + Math.sqrt(1 - 0.81) * random.normal();
  s.quench = 0.9 * s.quench + Math.sqrt(1 - 0.81) * random.normal();
  const power = 48 + 0.4 * s.power;
  const lotStep = on('wrong-bar-lot') ? 1.2 : 0;
  const spindle = s.part % 2 === 1 ? 1 : 2;
  return {
    part: s.part,
    spindle,
    odTurned: TURNED_ZERO + turned(s, random, spindle, place, on) / 1000,
    odGround: ground(s, random, on('wheel-glazed')),
    power,
    scanSpeed: 6 + 0.05 * random.normal(),
    quench: 32 + 0.8 * s.quench,
    hardness: 59 + lotStep + 0.62 * random.normal() + 0.35 * random.normal(),
    roundness: 0.5 + Math.abs(0.75 * random.normal()),
    roughness: 0.42 * Math.exp(0.16 * random.normal()),
    caseDepth: 1.58 + 0.05 * (power - 48) + 0.075 * random.normal(),
  };
}

/** Wear of the insert against stepwise compensation, the warm-up after a start, two spindles. */
function turned(
  s: State,
  random: Random,
  spindle: number,
  place: number,
  on: (event: RaviEvent) => boolean,
): number {
  s.insertPart += 1;
  if (s.insertPart > INSERT_LIFE) {
    s.insertPart = 1;
    s.insertOffset = 1.5 * random.normal();
  }
  s.uncompensated = on('compensation-fails') ? s.uncompensated + 1 : 0;
  const k = s.insertPart;
  const minutes = (s.part * SECONDS_PER_PART) / 60;
  const warmUp = s.part > 2 * INSERT_LIFE ? 0 : 4 * Math.exp(-minutes / 30);
  let dev = s.insertOffset + 0.045 * k - 6 * Math.floor(k / 130) - 3 - warmUp;
  dev += (spindle === 1 ? 1 : -1) + 2.45 * random.normal();
  dev += 0.045 * s.uncompensated;
  // The pump is off: +9 µm within 12 minutes (16 parts), and it stays until the pump runs again.
  if (on('coolant-off')) dev += Math.min(9, (9 * (place - EVENTS['coolant-off'][0] + 1)) / 16);
  if (!on('over-adjusting')) s.adjustment = 0;
  else {
    dev += s.adjustment;
    s.adjustment -= 0.8 * dev;
  }
  return dev;
}

/** Wheel wear between dressings, a slow thermal wave, and the wheel's own noise. */
function ground(s: State, random: Random, glazed: boolean): number {
  const i = s.part;
  const wave = 0.35 * Math.sin((2 * Math.PI * i) / 400);
  const noise = (glazed ? 1.6 : 1) * random.normal();
  return -11.5 - 0.9 + 0.012 * (i % DRESS_EVERY) + wave + noise;
}
