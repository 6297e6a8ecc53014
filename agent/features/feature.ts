import { z } from 'zod';

/** What a feature's number is in, as its signal is in some unit. */
export type FeatureUnit = 'signal' | 'seconds' | 'signal × s' | 'signal / s';

/**
 * One number that says what a signal did during one cycle of a machine, worked out while the
 * samples come: nothing is kept of a sample but what the number needs. `State` is plain data, so
 * that a cycle goes on after a restart.
 */
export interface Feature<State = unknown> {
  unit: FeatureUnit;
  /** says something of the trigger alone: missing samples do not touch it */
  ofTrigger?: true;
  start(): State;
  /** takes the next sample: seconds since the cycle began, always later than the one before */
  add(state: State, seconds: number, value: number): void;
  /** the number at the end, `seconds` after the beginning; NaN where it is not defined */
  value(state: State, seconds: number): number;
}

/** What every feature is told: the cycles in which it is taken. */
export const inCycle = {
  cycle: z.string().min(1).describe('the cycle in which it is taken: a name under cycles'),
};

/** What is wrong with the unit that was given for such a number, '' when it fits. */
export function sayUnit(is: FeatureUnit, given: string): string {
  if (is === 'seconds' && given !== 's') return `is in seconds: write unit: s`;
  if (is === 'signal / s' && !/\S ?\/ ?s$/.test(given)) {
    return `is in the unit of the signal per second: write it so, e.g. unit: bar/s`;
  }
  if (is === 'signal × s' && !/\S ?[·×*⋅ ] ?s$/.test(given)) {
    return `is in the unit of the signal times seconds: write it so, e.g. unit: bar·s`;
  }
  return '';
}

/** Settings in, feature out; features differ in what they remember, which nobody else looks at. */
export const feature = <State>(made: Feature<State>): Feature => made as Feature;
