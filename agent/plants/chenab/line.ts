import { placeIn, running } from '../events.ts';
import type { Line, LineOptions } from '../plant.ts';
import type { Stations } from '../station.ts';
import { type Casting, createChenabModel, EVENTS, ROUND } from './model.ts';

/** Parts in a box; a box is inspected as one sample. */
const BOX = 100;
/** Shots whose result the press never shows; late enough for the agent to be listening. */
export const SKIPPED_SHOTS: readonly number[] = [28, 34, 35];

/** Demo plant P3: what press, boring machine, leak tester and inspection say about each shot. */
export function createChenabLine(stations: Stations, { seed, events }: LineOptions): Line {
  const model = createChenabModel(seed, events);
  const press = stations('press');
  const cnc = stations('cnc');
  const leak = stations('leak');
  const inspection = stations('inspection');
  let shots = 0;
  let parts = 0;
  let porous = 0;
  return {
    step() {
      const casting = model.next();
      shots = casting.shot;
      if (SKIPPED_SHOTS.includes(shots)) press.skip();
      else press.send(shotCurve(casting), aboutShot(casting));
      if (casting.warmUp) return;
      parts += 1;
      cnc.send({ bore: casting.bore }, { tool: casting.tool });
      const { masterFailed } = casting;
      leak.send({ rate: casting.leak, ln: Math.log(casting.leak) }, { masterFailed });
      if (casting.porous) porous += 1;
      if (parts % BOX > 0) return;
      inspection.send({ porous });
      porous = 0;
    },
    figures: () => ({
      parts: shots,
      // A hole shows with the shot after it.
      skippedParts: SKIPPED_SHOTS.filter((shot) => shot < shots).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, shots))),
    }),
  };
}

function shotCurve(c: Casting): Record<string, number> {
  const { fastShot, intensification, rise, biscuit, dosing, metalT, dieT } = c;
  return { fastShot, intensification, rise, biscuit, dosing, metalT, dieT };
}

const aboutShot = ({ die, ladle, warmUp }: Casting) => ({
  die: die === 'A' ? 1 : 2,
  ladle,
  warmUp,
});
