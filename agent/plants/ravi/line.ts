import { placeIn, running } from '../events.ts';
import type { Line, LineOptions } from '../plant.ts';
import type { Station, Stations } from '../station.ts';
import { createRaviModel, EVENTS, ROUND, type Shaft } from './model.ts';

/** The laboratory measures three shafts every two hours, and cuts one up every four. */
const LAB_EVERY_PARTS = 160;
const CUT_EVERY_PARTS = 320;
const LAB_PIECES = 3;
/** Early, so that the laboratory's charts are not empty for long. */
const FIRST_LAB_PART = 8;

/** Demo plant P1: what its machines and its laboratory say about each shaft. */
export function createRaviLine(stations: Stations, { seed, events }: LineOptions): Line {
  const model = createRaviModel(seed, events);
  const cnc = stations('cnc');
  const grinder = stations('grinder');
  const induction = stations('induction');
  const lab = stations('lab');
  let parts = 0;
  return {
    step() {
      const shaft = model.next();
      parts = shaft.part;
      const { power, scanSpeed, quench } = shaft;
      cnc.send({ od: shaft.odTurned }, { spindle: shaft.spindle });
      grinder.send({ od: shaft.odGround });
      induction.send({ power, scanSpeed, quench });
      const since = parts - FIRST_LAB_PART;
      if (since >= 0 && since % LAB_EVERY_PARTS < LAB_PIECES) {
        measure(lab, shaft, since % CUT_EVERY_PARTS === 0);
      }
    },
    figures: () => ({
      parts,
      skippedParts: 0,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, parts))),
    }),
  };
}

function measure(lab: Station, shaft: Shaft, cut: boolean): void {
  const values = { hardness: shaft.hardness, roundness: shaft.roundness, ra: shaft.roughness };
  const measured = cut ? { ...values, caseDepth: shaft.caseDepth } : values;
  const shown = Object.entries(measured).map(([name, x]) => [name, Number(x.toFixed(3))]);
  lab.send(Object.fromEntries(shown), {
    part: 'kick-starter shaft',
    sn: `S${String(shaft.part).padStart(6, '0')}`,
    lot: `B${Math.floor(shaft.part / ROUND) + 1}`,
  });
}
