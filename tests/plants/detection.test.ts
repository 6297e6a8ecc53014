import { describe, expect, it } from 'vitest';
import { EVENTS as CHENAB } from '../../agent/plants/chenab/model.ts';
import type { EventTable } from '../../agent/plants/events.ts';
import { EVENTS as INDUS } from '../../agent/plants/indus/model.ts';
import { EVENTS as MARGALLA } from '../../agent/plants/margalla/model.ts';
import { EVENTS as RAVI } from '../../agent/plants/ravi/model.ts';
import { type Seen, watchPlant } from './watch.ts';

const SEEDS = [1, 2, 3];

/** A characteristic whose chart shows an event, and within how many parts of its begin. */
type Finding = readonly [characteristic: string, parts: number];
type Found<Name extends string> = Record<Name, readonly Finding[]>;

/** What is to be found in each plant; a comment says when it becomes dangerous. */
const ravi: Found<keyof typeof RAVI> = {
  'coolant-off': [['od-turned', 60]],
  // Every 25th part begins a sample: 4 samples in the median, 11 at most.
  'wheel-glazed': [['od-ground', 11 * 25]],
  // Mean + 3 sigma reaches the tolerance at part 270.
  'compensation-fails': [['od-turned', 270]],
  // Three shafts are measured after every 160.
  'wrong-bar-lot': [['hardness', 340]],
  'over-adjusting': [['od-turned', 600]],
};
const indus: Found<keyof typeof INDUS> = {
  'chiller-trip': [
    ['mould-temp-level', 20],
    // Worked out of curves: the gate freezes later.
    ['cavity-8-impulse', 45],
  ],
  'check-ring-wear': [
    ['cushion', 300],
    ['cavity-8-impulse', 300],
  ],
  'local-resin-lot': [['weight', 1000]],
  // The cavity comes too near to its limit at shot 1141.
  'cavity-5-wear': [['pitch-cavities', 1141]],
  'cavity-3-blocked': [
    ['pitch-cavities', 125],
    ['cavity-3-peak', 2],
    ['cavity-3-impulse', 2],
  ],
  // Moisture is measured once a lot of 1000 shots.
  'dryer-failure': [['moisture', 1100]],
};
const chenab: Found<keyof typeof CHENAB> = {
  'cold-start': [['die-temp', 1]],
  'ladle-leak': [['dosing', 40]],
  'vacuum-filter-clogged': [['leak-ln', 40]],
  'die-b': [['bore', 100]],
  'master-leak-failed': [['leak-ln', 20]],
  'power-cut': [['die-temp', 1]],
};
const margalla: Found<keyof typeof MARGALLA> = {
  'loose-probe': [['acir', 20]],
  // The joints come near to their limit after 640 welds.
  'lens-fouling': [['weld-corrected', 160]],
  'torque-transducer': [['torque', 40]],
  'wrong-cell-lot': [['ocv', 40]],
  'humid-day': [['isolation-log', 80]],
};

/** Signals of an undisturbed process that one shift can bear. */
const MOST_FALSE_ALARMS_A_SHIFT = 8;

const cases = [
  { plant: 'P1', table: RAVI, found: ravi, partsAShift: 600 },
  { plant: 'P2', table: INDUS, found: indus, partsAShift: 1000 },
  { plant: 'P3', table: CHENAB, found: chenab, partsAShift: 420 },
  { plant: 'P4', table: MARGALLA, found: margalla, partsAShift: 1280 },
] as const;

describe.each(cases)('$plant', ({ plant, table: events, found: wanted, partsAShift }) => {
  const table: EventTable<string> = events;
  const found: Found<string> = wanted;
  const needed = Math.max(
    ...Object.entries(found).flatMap(([event, list]) =>
      list.map(([, parts]) => (table[event]?.[0] ?? 0) + parts),
    ),
  );

  it('every event is found, and in time', () => {
    const runs = SEEDS.map((seed) => watchPlant(plant, seed, true, needed));
    const late = Object.entries(found).flatMap(([event, list]) =>
      list.flatMap(([characteristic, parts]) => {
        const begin = table[event]?.[0] ?? 0;
        const after = runs.map((seen) => firstAfter(seen, characteristic, begin));
        const said = `${event} after ${after.join(', ')} parts by ${characteristic}`;
        return after.every((n) => n <= parts) ? [] : [said];
      }),
    );
    expect(late).toEqual([]);
  });

  it('the undisturbed process seldom calls anybody', () => {
    const shifts = 5;
    const seen = SEEDS.flatMap((seed) => watchPlant(plant, seed, false, shifts * partsAShift));
    expect(seen.length / (shifts * SEEDS.length)).toBeLessThan(MOST_FALSE_ALARMS_A_SHIFT);
  });
});

/** Parts from the begin of an event to the first signal of a characteristic; 1 = the first one. */
function firstAfter(seen: readonly Seen[], characteristic: string, begin: number): number {
  const first = seen.find((s) => s.part >= begin && s.characteristic === characteristic);
  return first === undefined ? Number.POSITIVE_INFINITY : first.part - begin + 1;
}
