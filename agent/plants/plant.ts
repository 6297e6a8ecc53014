import type { Stations } from './station.ts';

/** The port of a demo plant: real servers with a physical model behind them, on loopback. */
export interface Plant {
  /** opens the servers; the result fills the variables of the plant's settings file */
  start(): Promise<Record<string, string>>;
  /** the line makes parts from now on: call it when somebody listens, or the first go unseen */
  produce(): void;
  stop(): Promise<void>;
  figures(): PlantFigures;
}

/** What happens at the stations of a plant, whatever carries it to the agent. */
export interface Line {
  /** makes the next part; its results go to the stations */
  step(): void;
  figures(): PlantFigures;
}

export type CreateLine = (stations: Stations, options: LineOptions) => Line;

export interface LineOptions {
  seed: number;
  /** false: the undisturbed process */
  events: boolean;
}

export interface PlantFigures {
  parts: number;
  /** parts whose counter the plant skipped on purpose */
  skippedParts: number;
  /** events running now, in words */
  events: string[];
}

export interface PlantOptions {
  seed: number;
  /** times faster than life */
  speed: number;
  now(): number;
}
