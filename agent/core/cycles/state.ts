import type { CyclePlan } from './plan.ts';

/** One signal in the cycle that is open. */
export interface SignalState {
  samples: number;
  /** the newest sample, from the beginning of the cycle, and time without samples */
  lastMs: number;
  missingMs: number;
  /** quality of the first bad and of the first uncertain sample, 0 for none */
  bad: number;
  uncertain: number;
  /** what each feature remembers */
  parts: unknown[];
}

interface OpenCycle {
  startMs: number;
  /** why the trigger could not be read meanwhile: a quality, 0 when it could */
  blind: number;
  context: string;
  signals: SignalState[];
}

/** What is remembered of one kind of cycle: plain data, part of the committed state. */
export interface CycleState {
  /** last value of the trigger; null: not known */
  last: number | null;
  open: OpenCycle | null;
}

export const startCycle = (): CycleState => ({ last: null, open: null });

/** A cycle begins. */
export function openCycle(plan: CyclePlan, startMs: number): OpenCycle {
  const signals = plan.signals.map(({ wanted }) => ({
    samples: 0,
    lastMs: 0,
    missingMs: 0,
    bad: 0,
    uncertain: 0,
    parts: wanted.map(({ feature }) => feature.start()),
  }));
  return { startMs, blind: 0, context: '', signals };
}

/** Plain data of a cycle, and the same back; under other settings an open cycle is given up. */
export const savedCycle = (plan: CyclePlan, state: CycleState): string =>
  JSON.stringify({ fingerprint: plan.fingerprint, state });

export function restoredCycle(plan: CyclePlan, json: string): CycleState {
  const saved = JSON.parse(json) as { fingerprint: string; state: CycleState };
  return saved.fingerprint === plan.fingerprint ? saved.state : startCycle();
}
