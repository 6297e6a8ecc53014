import { type EventTable, isOn, placeIn } from '../events.ts';
import { createRandom, type Random } from '../random.ts';

/**
 * "Margalla EV Packs" (made up): packs of 16 LFP cells (100 Ah, 48 V) for two- and three-wheelers,
 * 80 packs a shift. One step of the model is one cell: its test, its weld, its busbar screw, its
 * gap filler. Numbers in natural units.
 */
export interface Cell {
  /** counts from 1 */
  cell: number;
  pack: number;
  lot: number;
  /** open circuit voltage, mV from 3.2955 V, and from the median of its lot */
  ocv: number;
  ocvOfLot: number;
  /** mΩ at 1 kHz */
  acir: number;
  /** self-discharge, mV a day */
  kValue: number;
  /** µΩ, and less what the usual wear of the lens explains */
  weld: number;
  weldCorrected: number;
  /** lenses so far; a cleaned one counts as new */
  lens: number;
  weldGap: boolean;
  /** Nm and degrees of the M6 screw */
  torque: number;
  angle: number;
  /** g */
  gapFiller: number;
}

/** What the last station says about a whole pack. */
export interface Pack {
  /** MΩ at 500 V */
  isolation: number;
  failed: boolean;
}

export type MargallaEvent =
  | 'loose-probe'
  | 'lens-fouling'
  | 'torque-transducer'
  | 'wrong-cell-lot'
  | 'humid-day';

export const CELLS = 16;
/** 80 packs of 16 cells in a shift of eight hours. */
export const SECONDS_PER_CELL = 22.5;
export const CELLS_PER_LOT = 1600;
const LENS_CLEANED_EVERY = 1600;
const CARTRIDGE = 180;
export const ROUND = 6400;

/** First and last cell of each event within one round of `ROUND` cells. */
export const EVENTS: EventTable<MargallaEvent> = {
  'loose-probe': [20, 90],
  'lens-fouling': [400, 1100],
  'torque-transducer': [1200, 1600],
  'wrong-cell-lot': [CELLS_PER_LOT + 1, 2 * CELLS_PER_LOT],
  'humid-day': [3601, 4880],
};

export interface MargallaModel {
  next(): Cell;
  /** tests the pack whose last cell was made just now */
  pack(): Pack;
}

interface State {
  cell: number;
  lotOcv: number;
  lotAcir: number;
}

/** A plant from a seed; `events: false` gives the undisturbed process the gold indices are for. */
export function createMargallaModel(seed: number, events: boolean): MargallaModel {
  const random = createRandom(seed);
  const state: State = { cell: 0, lotOcv: 0, lotAcir: 0 };
  const isRunning = (event: MargallaEvent) =>
    events && isOn(EVENTS, event, placeIn(ROUND, state.cell));
  return {
    next: () => nextCell(state, random, isRunning),
    pack: () => ({
      isolation: (2500 * Math.exp(0.45 * random.normal())) / (isRunning('humid-day') ? 6 : 1),
      failed: random.uniform() < 0.012,
    }),
  };
}

function nextCell(s: State, random: Random, on: (event: MargallaEvent) => boolean): Cell {
  s.cell += 1;
  const place = placeIn(ROUND, s.cell);
  if ((s.cell - 1) % CELLS_PER_LOT === 0) {
    s.lotOcv = 1.2 * random.normal();
    s.lotAcir = 0.006 * random.normal();
  }
  const ownOcv = 1.1 * random.normal();
  const lotOcv = s.lotOcv - (on('wrong-cell-lot') ? 6 : 0);
  const weld = weldOf(s, random, on('lens-fouling') ? place - EVENTS['lens-fouling'][0] + 1 : 0);
  return {
    cell: s.cell,
    pack: Math.ceil(s.cell / CELLS),
    lot: Math.ceil(s.cell / CELLS_PER_LOT),
    ocv: lotOcv + ownOcv,
    ocvOfLot: ownOcv,
    acir: 0.42 + s.lotAcir + 0.009 * random.normal() + looseProbe(random, on('loose-probe')),
    kValue: 0.03 * Math.exp(0.33 * random.normal()),
    ...weld,
    // The transducer shows too much, so the screw gets 3 % less than asked for.
    torque: (9.05 + 0.13 * random.normal()) * (on('torque-transducer') ? 0.97 : 1),
    angle: 44 + 3.2 * random.normal(),
    gapFiller: 24.3 - 0.004 * ((s.cell - 1) % CARTRIDGE) + 0.3 * random.normal(),
  };
}

/** The lens gets dirty until it is cleaned; now and then two sheets do not touch. */
function weldOf(s: State, random: Random, foulingWelds: number) {
  const age = (s.cell - 1) % LENS_CLEANED_EVERY;
  const weldGap = random.uniform() < 0.004;
  const wear = 0.0035 * age;
  const weldCorrected = 62 + 0.02 * foulingWelds + 3.4 * random.normal() + (weldGap ? 25 : 0);
  const lens = Math.ceil(s.cell / LENS_CLEANED_EVERY);
  return { weld: weldCorrected + wear, weldCorrected, weldGap, lens };
}

/** A probe that sits loosely: every third cell reads 0.06 mΩ more, until it is measured again. */
function looseProbe(random: Random, loose: boolean): number {
  const touches = random.uniform() >= 1 / 3;
  return loose && !touches ? 0.06 : 0;
}
