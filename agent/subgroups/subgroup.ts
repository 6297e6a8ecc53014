import { NO_SPREAD, type Subgroup } from '../spc/plotted.ts';

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
  /** adds a good reading; true when `subgroup` now holds a finished one */
  add(state: number[], at: number, value: number, subgroup: Subgroup): boolean;
  /** a reading was bad: what comes next is not its neighbour's neighbour */
  missed(state: number[], at: number): void;
  /** the stream was interrupted: returns 1 when readings of an open subgroup were dropped */
  interrupt(state: number[], at: number): number;
}

/** The reusable object that `add` fills. */
export function emptySubgroup(): Subgroup {
  return { size: 0, mean: 0.5, range: NO_SPREAD, sd: NO_SPREAD, squares: 0.5 };
}
