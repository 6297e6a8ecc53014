import { type EventTable, isOn, placeIn } from '../events.ts';
import { createRandom, type Random } from '../random.ts';
import { type Packing, packingOf } from './pressure.ts';

/**
 * "Indus Polymer" (made up): a connector housing of PA66-GF30 from a mould with eight cavities, one
 * shot every 28 s, a resin lot every 1000 shots. Numbers in natural units.
 */
export interface Shot {
  /** counts from 1 */
  shot: number;
  lot: number;
  /** mm of melt left in front of the screw */
  cushion: number;
  /** bar */
  peakPressure: number;
  /** s */
  cycle: number;
  /** °C */
  mouldT: number;
  /** µm from 18.20 mm, cavity 1 to 8 */
  pitch: number[];
  /** g */
  weight: number;
  /** N, destructive */
  pullOut: number;
  /** % of the dried resin of this lot */
  moisture: number;
  /** short or flashed parts among the eight */
  flawed: number;
  /** of the two cavities that have a pressure sensor: 3 and 8 */
  packing: Record<'cavity3' | 'cavity8', Packing>;
}

export type IndusEvent =
  | 'chiller-trip'
  | 'check-ring-wear'
  | 'local-resin-lot'
  | 'cavity-5-wear'
  | 'cavity-3-blocked'
  | 'dryer-failure';

export const ROUND = 6000;
export const SECONDS_PER_SHOT = 28;
export const SHOTS_PER_LOT = 1000;
/** Shots in a box of 1000 parts; a box is inspected as one sample. */
export const SHOTS_PER_BOX = 125;

/** First and last shot of each event within one round of `ROUND` shots. */
export const EVENTS: EventTable<IndusEvent> = {
  'chiller-trip': [24, 90],
  'check-ring-wear': [300, 900],
  'local-resin-lot': [SHOTS_PER_LOT + 1, 2 * SHOTS_PER_LOT],
  'cavity-5-wear': [2 * SHOTS_PER_LOT + 1, 3400],
  'cavity-3-blocked': [3500, 3760],
  'dryer-failure': [4 * SHOTS_PER_LOT + 1, 6 * SHOTS_PER_LOT],
};

const CAVITIES = [8, -5, 2, 0, -14, 6, 5, -2] as const;
const SENSORS = 0x5e45;
/** Autocorrelation of the mould temperature, shot to shot. */
const PHI = 0.8;
/** The mould follows the chiller with a time constant of 20 minutes. */
const MOULD_LAG = 1 - Math.exp(-SECONDS_PER_SHOT / 1200);

export interface IndusModel {
  next(): Shot;
}

interface State {
  shot: number;
  /** chance of the pressure sensors: of its own, so that they change nothing of all the rest */
  sensors: Random;
  /** deviations of the lot, in µm, g and % */
  lotPitch: number;
  lotWeight: number;
  moisture: number;
  /** defects come in clusters: the rate of this box */
  flawRate: number;
  mould: number;
  /** °C above the set point because the chiller stands still */
  excess: number;
}

/** A plant from a seed; `events: false` gives the undisturbed process the gold indices are for. */
export function createIndusModel(seed: number, events: boolean): IndusModel {
  const random = createRandom(seed);
  const state: State = {
    sensors: createRandom(seed ^ SENSORS),
    shot: 0,
    lotPitch: 0,
    lotWeight: 0,
    moisture: 0,
    flawRate: 0,
    mould: random.normal(),
    excess: 0,
  };
  return { next: () => nextShot(state, random, events) };
}

function nextShot(s: State, random: Random, events: boolean): Shot {
  s.shot += 1;
  const place = placeIn(ROUND, s.shot);
  const on = (event: IndusEvent) => events && isOn(EVENTS, event, place);
  if (s.shot % SHOTS_PER_LOT === 1) startLot(s, random, on('dryer-failure'));
  if (s.shot % SHOTS_PER_BOX === 1) s.flawRate = 0.003 * Math.exp(0.5 * random.normal() - 0.125);
  s.mould = PHI * s.mould + Math.sqrt(1 - PHI * PHI) * random.normal();
  s.excess += MOULD_LAG * ((on('chiller-trip') ? 8 : 0) - s.excess);
  const wave = Math.sin((2 * Math.PI * s.shot * SECONDS_PER_SHOT) / 720);
  const local = on('local-resin-lot');
  // The ring leaks a little more with every shot until it is changed.
  const ring = on('check-ring-wear') ? 0.0004 * (place - EVENTS['check-ring-wear'][0] + 1) : 0;
  const mouldT = 80 + 0.8 * wave + 0.35 * s.mould + s.excess;
  const common = s.lotPitch + (local ? 20 : 0) + 4 * wave - 3 * s.excess + 6 * random.normal();
  return {
    shot: s.shot,
    lot: Math.ceil(s.shot / SHOTS_PER_LOT),
    cushion: 5 - ring + 0.12 * random.normal(),
    peakPressure: 900 + 9 * random.normal(),
    cycle: SECONDS_PER_SHOT + 0.12 * random.normal(),
    mouldT,
    pitch: pitches(common, random, place, on),
    weight: 12.4 + s.lotWeight - (local ? 0.04 : 0) + 0.014 * random.normal(),
    pullOut: 118 * (-Math.log(1 - random.uniform())) ** (1 / 14),
    moisture: s.moisture,
    flawed: CAVITIES.filter(() => random.uniform() < s.flawRate).length,
    packing: packings(s, { ring, warm: mouldT - 80 }, on('cavity-3-blocked')),
  };
}

function packings(s: State, usual: { ring: number; warm: number }, blocked: boolean) {
  return {
    cavity3: packingOf(s.sensors, 420, { ...usual, blocked }),
    cavity8: packingOf(s.sensors, 400, { ...usual, blocked: false }),
  };
}

function startLot(s: State, random: Random, dryerFails: boolean): void {
  s.lotPitch = 8 * random.normal();
  s.lotWeight = 0.012 * random.normal();
  s.moisture = 0.11 * Math.exp(0.25 * random.normal()) * (dryerFails ? 2.5 : 1);
}

function pitches(
  common: number,
  random: Random,
  place: number,
  on: (event: IndusEvent) => boolean,
): number[] {
  const wear = on('cavity-5-wear') ? 0.01 * (place - EVENTS['cavity-5-wear'][0] + 1) : 0;
  // A gate that is half frozen packs its cavity less: the part shrinks more.
  const blocked = on('cavity-3-blocked') ? 35 : 0;
  return CAVITIES.map((usual, i) => {
    const lost = i === 4 ? wear : i === 2 ? blocked : 0;
    return usual + common - lost + 5 * random.normal();
  });
}
