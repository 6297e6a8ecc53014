import { NO_SPREAD, type Numbers, type Occasion, type Subgroup } from '../spc/plotted.ts';

/** What a way to form subgroups is told when it is made. */
export interface SubgroupContext {
  /** a chart wants the readings themselves */
  values?: boolean;
}

/**
 * Groups consecutive readings. State is `slots` numbers that the caller keeps, all 0 at the start;
 * `at` is where they begin.
 */
export interface Subgrouper {
  slots: number;
  /** readings of a full subgroup */
  size: number;
  /** plain words for people: "5 parts every 30" */
  sampling: string;
  /** names of the streams that a subgroup has one reading of each */
  streams?: readonly string[];
  /** it looks at the occasion of a reading */
  asks?: true;
  /** all that `add` does is to count so many of every so many: the engine may do it itself */
  counts?: { size: number; every: number };
  /** subgroups are closed by the reading after them, or differ in size */
  varies?: true;
  /** adds the good reading in `subgroup`; true when that now holds a finished one */
  add(state: Numbers, at: number, subgroup: Subgroup, occasion?: Occasion): boolean;
  /** a reading was bad: what comes next is not its neighbour's neighbour */
  missed(state: Numbers, at: number): void;
  /** the stream was interrupted: returns 1 when readings of an open subgroup were dropped */
  interrupt(state: Numbers, at: number): number;
}

/** The reusable object that `add` fills. */
export function emptySubgroup(): Subgroup {
  return {
    reading: 0.5,
    size: 0,
    mean: 0.5,
    range: NO_SPREAD,
    sd: NO_SPREAD,
    squares: 0.5,
    values: [],
    timeMs: 0.5,
    sequence: 0.5,
    dropped: 0,
  };
}
