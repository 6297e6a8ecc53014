import { type EventTable, isOn, placeIn } from '../events.ts';
import { createRandom, type Random } from '../random.ts';

/**
 * "Chenab Die Cast" (made up): a pump body of ADC12 from an 800 t cold-chamber machine, one shot
 * every 62 s, then a bored hole and a leak test of every part. Numbers in natural units.
 */
export interface Casting {
  /** counts from 1 */
  shot: number;
  die: 'A' | 'B';
  /** the first shots after a stop fill a cold die and are melted again */
  warmUp: boolean;
  /** ladle settings so far, and cutting tools of the bore */
  ladle: number;
  tool: number;
  /** m/s */
  fastShot: number;
  /** bar, and ms until it is there */
  intensification: number;
  rise: number;
  /** mm, and its distance from what the dosing programme expects at this age of the ladle */
  biscuit: number;
  dosing: number;
  /** °C */
  metalT: number;
  dieT: number;
  /** µm above 35 mm */
  bore: number;
  /** cc/min at 1.5 bar, as the tester shows it */
  leak: number;
  /** the tester does not see its master leak: what it says is in doubt */
  masterFailed: boolean;
  porous: boolean;
}

export type ChenabEvent =
  | 'cold-start'
  | 'ladle-leak'
  | 'vacuum-filter-clogged'
  | 'die-b'
  | 'master-leak-failed'
  | 'power-cut';

export const ROUND = 2000;
export const SECONDS_PER_SHOT = 62;
const LADLE_LIFE = 200;
const TOOL_LIFE = 200;
/** Shots after a stop that are not used. */
export const WARM_UP_SHOTS = 6;

/** First and last shot of each event within one round of `ROUND` shots. */
export const EVENTS: EventTable<ChenabEvent> = {
  'cold-start': [1, WARM_UP_SHOTS],
  'ladle-leak': [12, 70],
  'vacuum-filter-clogged': [300, 520],
  'die-b': [801, 1200],
  'master-leak-failed': [1300, 1420],
  'power-cut': [1601, 1600 + WARM_UP_SHOTS],
};

/** Autocorrelation of the metal temperature, shot to shot. */
const PHI = 0.88;
/** Standard deviation of the biscuit, mm. */
const BISCUIT_SIGMA = 1.05;

export interface ChenabModel {
  next(): Casting;
}

interface State {
  shot: number;
  /** shots since the machine last stood still */
  sinceStop: number;
  metal: number;
  /** µm the bore of this tool was set off */
  setUp: number;
}

/** A plant from a seed; `events: false` gives the undisturbed process the gold indices are for. */
export function createChenabModel(seed: number, events: boolean): ChenabModel {
  const random = createRandom(seed);
  const state: State = { shot: 0, sinceStop: 10_000, metal: random.normal(), setUp: 0 };
  return { next: () => nextCasting(state, random, events) };
}

function nextCasting(s: State, random: Random, events: boolean): Casting {
  s.shot += 1;
  const place = placeIn(ROUND, s.shot);
  const on = (event: ChenabEvent) => events && isOn(EVENTS, event, place);
  const begins = (event: ChenabEvent) => events && place === EVENTS[event][0];
  s.sinceStop = begins('cold-start') || begins('power-cut') ? 0 : s.sinceStop + 1;
  s.metal = PHI * s.metal + Math.sqrt(1 - PHI * PHI) * random.normal();
  const age = (s.shot - 1) % LADLE_LIFE;
  if ((s.shot - 1) % TOOL_LIFE === 0) s.setUp = random.normal();
  const warmUp = s.sinceStop < WARM_UP_SHOTS;
  const leaks = on('ladle-leak') ? -BISCUIT_SIGMA : 0;
  const dosing = leaks + BISCUIT_SIGMA * random.normal();
  const biscuit = 29.2 - 0.012 * age + dosing;
  const clogged = on('vacuum-filter-clogged');
  return {
    shot: s.shot,
    die: on('die-b') ? 'B' : 'A',
    warmUp,
    ladle: 1 + Math.floor((s.shot - 1) / LADLE_LIFE),
    tool: 1 + Math.floor((s.shot - 1) / TOOL_LIFE),
    fastShot: 3.2 + 0.05 * random.normal(),
    intensification: 780 + 9 * random.normal(),
    rise: 22 * Math.exp(0.12 * random.normal()),
    biscuit,
    dosing,
    metalT: 665 + 3 * s.metal,
    dieT: 210 - 35 * Math.exp(-s.sinceStop / 8) + 1.5 * random.normal(),
    bore: boreOf(s, random, on('die-b')),
    leak: leakOf(random, warmUp || biscuit < 24, clogged, on('master-leak-failed')),
    masterFailed: on('master-leak-failed'),
    porous: random.uniform() < 0.025 * (clogged ? 3 : 1),
  };
}

/** The tool wears, so that the bore gets smaller; each tool is set a little off. */
function boreOf(s: State, random: Random, dieB: boolean): number {
  const age = (s.shot - 1) % TOOL_LIFE;
  return 12.5 + 2.6 - 0.026 * age + s.setUp + (dieB ? 3 : 0) + 2 * random.normal();
}

/** A short biscuit or a cold die leaves pores; a tester that lost its master shows too little. */
function leakOf(random: Random, weak: boolean, clogged: boolean, blind: boolean): number {
  const leak = 1.1 * Math.exp(0.36 * random.normal());
  return leak * (weak ? 1.8 : 1) * (clogged ? 1.5 : 1) * (blind ? 0.5 : 1);
}
