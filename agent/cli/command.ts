import type { ParseArgsConfig } from 'node:util';
import type { Clock } from '../runtime/clock.ts';

/** What a command may touch of the world, so that tests can stand in for it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  env: Record<string, string | undefined>;
  clock: Clock;
  /** resolves when a person or the system asks the process to end */
  interrupted(): Promise<void>;
  /** calls back with what nobody caught, before the process ends with code 1 */
  lastWords?(listener: (error: unknown) => void): void;
  /** calls back when settings should be read again (SIGHUP); returns the way off */
  reloads?(listener: () => void): () => void;
}

/** Exit codes of every command. */
export const EXIT = { done: 0, foundWrong: 1, badInput: 2 } as const;

export type Values = Record<string, string | boolean | undefined>;

export interface Command {
  summary: string;
  /** arguments after the name, e.g. 'FILE [--json]' */
  usage: string;
  /** what each option means, in the order to show */
  help: string[];
  example: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** least and most positional arguments */
  positionals: [number, number];
  run(positionals: string[], values: Values, terminal: Terminal): Promise<number>;
}
