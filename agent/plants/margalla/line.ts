import { placeIn, running } from '../events.ts';
import type { Line, LineOptions } from '../plant.ts';
import type { Station, Stations } from '../station.ts';
import { CELLS, type Cell, createMargallaModel, EVENTS, ROUND } from './model.ts';

/** Cells whose test result is never shown; late enough for the agent to be listening. */
export const SKIPPED_CELLS: readonly number[] = [44, 58];
/** Screws whose result is never sent: another station, another counter. */
export const SKIPPED_SCREWS: readonly number[] = [50];
/** Packs in a sample of the first-pass yield: one shift. */
const PACKS_PER_SHIFT = 80;

interface Places {
  cell: Station;
  weld: Station;
  screw: Station;
  filler: Station;
  eol: Station;
}

/** Demo plant P4: what the cell tester and the stations of the line say about cells and packs. */
export function createMargallaLine(stations: Stations, { seed, events }: LineOptions): Line {
  const model = createMargallaModel(seed, events);
  const places: Places = {
    cell: stations('cell'),
    weld: stations('weld'),
    screw: stations('screw'),
    filler: stations('filler'),
    eol: stations('eol'),
  };
  let cells = 0;
  let failed = 0;

  const finishPack = (number: number) => {
    const { isolation, failed: fails } = model.pack();
    places.eol.send({ isolation, logIsolation: Math.log10(isolation) }, aboutPack(number));
    if (fails) failed += 1;
    if (number % PACKS_PER_SHIFT > 0) return;
    places.eol.send({ failed });
    failed = 0;
  };

  return {
    step() {
      const cell = model.next();
      cells = cell.cell;
      report(places, cell);
      if (cells % CELLS === 0) finishPack(cell.pack);
    },
    figures: () => ({
      parts: cells,
      // A hole shows with the cell after it.
      skippedParts: [...SKIPPED_CELLS, ...SKIPPED_SCREWS].filter((cell) => cell < cells).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, cells))),
    }),
  };
}

/** Test, weld, screw and gap filler of one cell, each counted by its own station. */
function report({ cell: tester, weld, screw, filler }: Places, cell: Cell): void {
  const { ocvOfLot, acir, kValue } = cell;
  const tested = { ocv: 3295.5 + cell.ocv, ocvOfLot, acir, kValue, lnK: Math.log(kValue) };
  if (SKIPPED_CELLS.includes(cell.cell)) tester.skip();
  else tester.send(tested, { lot: cell.lot });
  const about = aboutPack(cell.pack);
  weld.send(
    { resistance: cell.weld, corrected: cell.weldCorrected },
    { ...about, lens: cell.lens },
  );
  if (SKIPPED_SCREWS.includes(cell.cell)) screw.skip();
  else screw.send({ torque: cell.torque, angle: cell.angle }, about);
  filler.send({ mass: cell.gapFiller }, about);
}

const aboutPack = (pack: number) => ({
  part: '48 V pack',
  sn: `M${String(pack).padStart(5, '0')}`,
});
