import { placeIn, running } from '../events.ts';
import type { Line, LineOptions } from '../plant.ts';
import type { Station, Stations } from '../station.ts';
import {
  createIndusModel,
  EVENTS,
  ROUND,
  SHOTS_PER_BOX,
  SHOTS_PER_LOT,
  type Shot,
} from './model.ts';
import { curveOf, STEP_MS } from './pressure.ts';

/** The camera measures four shots of every 125, a scale one shot an hour. */
const VISION_SHOTS = 4;
const FIRST_VISION_SHOT = 8;
const WEIGH_EVERY = 128;
const FIRST_WEIGHED = 10;
/** Five parts a shift are pulled apart. */
const PULLED_EVERY = SHOTS_PER_LOT / 5;
const FIRST_PULLED = 14;
/** Resin is tested when a lot begins to run. */
const MOISTURE_AT = 12;
/** Shots whose result the machine never sends; late enough for the agent to be listening. */
export const SKIPPED_SHOTS: readonly number[] = [40, 54, 55];

interface Places {
  machine: Station;
  mould: Station;
  vision: Station;
  scale: Station;
  lab: Station;
  inspection: Station;
}

/** Demo plant P2: what machine, camera, scale, laboratory and inspection say about each shot. */
export function createIndusLine(stations: Stations, { seed, events }: LineOptions): Line {
  const model = createIndusModel(seed, events);
  const places: Places = {
    machine: stations('machine'),
    mould: stations('mould'),
    vision: stations('vision'),
    scale: stations('scale'),
    lab: stations('lab'),
    inspection: stations('inspection'),
  };
  let shots = 0;
  let flawed = 0;
  return {
    step() {
      const shot = model.next();
      shots = shot.shot;
      flawed += shot.flawed;
      report(places, shot);
      if (shots % SHOTS_PER_BOX === 0) {
        places.inspection.send({ flawed }, { lot: lotOf(shot) });
        flawed = 0;
      }
    },
    figures: () => ({
      parts: shots,
      // A hole shows with the shot after it.
      skippedParts: SKIPPED_SHOTS.filter((shot) => shot < shots).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, shots))),
    }),
  };
}

function report({ machine, mould, vision, scale, lab }: Places, shot: Shot): void {
  const about = { part: 'connector housing', sn: serialOf(shot), lot: lotOf(shot) };
  const { cushion, peakPressure, cycle, mouldT } = shot;
  if (SKIPPED_SHOTS.includes(shot.shot)) machine.skip();
  else machine.send({ cushion, peakPressure, cycle, mouldT }, about);
  const { cavity3, cavity8 } = shot.packing;
  mould.curve({ cavity3: curveOf(cavity3), cavity8: curveOf(cavity8) }, STEP_MS, about);
  const box = shot.shot - FIRST_VISION_SHOT;
  if (box >= 0 && box % SHOTS_PER_BOX < VISION_SHOTS) {
    shot.pitch.forEach((micron, i) => {
      vision.send({ pitch: 18.2 + micron / 1000 }, { ...about, cav: i + 1 });
    });
  }
  if (isEvery(shot, FIRST_WEIGHED, WEIGH_EVERY)) scale.send({ weight: shot.weight }, about);
  if (isEvery(shot, FIRST_PULLED, PULLED_EVERY)) lab.send({ pullOut: shot.pullOut }, about);
  if (isEvery(shot, MOISTURE_AT, SHOTS_PER_LOT)) lab.send({ moisture: shot.moisture }, about);
}

const isEvery = ({ shot }: Shot, first: number, every: number) =>
  shot >= first && (shot - first) % every === 0;

const serialOf = (shot: Shot) => `H${String(shot.shot).padStart(6, '0')}`;
const lotOf = (shot: Shot) => `R${String(shot.lot).padStart(3, '0')}`;
