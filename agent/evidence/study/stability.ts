/**
 * Is the process stable? The charts and rules of the live agent judge the readings of a study with
 * limits from the same readings (Phase I). Any signal makes a study unstable, except in long ones
 * where a stable process gives as many by chance.
 */
import { ruleSets } from '../../rules/rule-sets.ts';
import { poissonSf } from '../../spc/discrete.ts';
import { normalSf } from '../../spc/normal.ts';
import { type Judged, judgeReadings, type Limits, type StudySignal } from './judging.ts';

export type { StudySignal } from './judging.ts';

export type Verdict = 'stable' | 'unstable' | 'not judged';

export interface Stability {
  verdict: Verdict;
  /** in a sentence */
  reason: string;
  /** name of the rule set, and kind of the charts */
  rules: string;
  chart: string;
  points: number;
  limits: { center: number; sigma: number; estimator: string } | null;
  /** the first of them; `signalCount` is all */
  signals: StudySignal[];
  signalCount: number;
  /** unbroken stretches of signals: what is compared with `expectedByChance` */
  stretches: number;
  expectedByChance: number | null;
}

export interface StabilityInput {
  values: Float64Array;
  bounds: Int32Array | null;
  center: number | null;
  sigma: number | null;
  estimator: string;
  /** a name from RULE_SETS */
  rules: string;
}

export interface RuleSetting {
  kind: string;
}

/** 3 sigma finds spikes, nine on one side finds shifts: few false signals in a short study. */
const DEFAULT_RULES = [
  { kind: 'beyond-limits', id: 'beyond-limits' },
  { kind: 'same-side', id: '9-same-side', points: 9 },
];

/** Rule sets a study may use, the default first. */
export const RULE_SETS: Record<string, readonly RuleSetting[]> = {
  'shewhart-run': DEFAULT_RULES,
  ...ruleSets,
};

/**
 * Points between two false signals of the means of a stable process (Champ & Woodall 1987; with
 * trends, which have no such chain, simulated: 60 000 runs).
 */
const RUN_LENGTH: Record<string, number> = {
  'shewhart-run': 216.7,
  shewhart: 370.4,
  'western-electric': 91.75,
  nelson: 73.6,
  aiag: 54.2,
  'iso-7870-2': 93.7,
};

/** The same for ranges and standard deviations: limit test and run test. */
const RUN_LENGTH_SPREAD = 110;
const FEWEST_POINTS = 8;
/** Long studies: chance explains signals when so many or more are this likely … */
const LIKELY = 0.2;
/** … unless one point alone is this unlikely among all. */
const EXTREME = 0.01;

/** Verdict and signals, with the traces that a page draws. */
export interface Judgement {
  stability: Stability;
  judged: Judged | null;
}

/** The rules of a named set; the default ones for a name that is not known. */
export function settingsOf(rules: string): readonly RuleSetting[] {
  return RULE_SETS[rules] ?? DEFAULT_RULES;
}

/** Judges readings in memory. */
export function judgeStability(input: StabilityInput): Judgement {
  const { values, bounds } = input;
  return judgementOf(input, bounds === null ? 'imr' : 'xbar', (limits, settings) =>
    judgeReadings(values, bounds, limits, settings),
  );
}

/** The verdict of any readings that `judge` runs through the charts; it is asked with sigma only. */
export function judgementOf(
  { center, sigma, rules, estimator }: Omit<StabilityInput, 'values' | 'bounds'>,
  chart: string,
  judge: (limits: Limits, settings: readonly RuleSetting[]) => Judged | null,
): Judgement {
  const none = (reason: string): Stability => ({
    ...{ verdict: 'not judged', reason, rules, chart, points: 0, limits: null },
    ...{ signals: [], signalCount: 0, stretches: 0, expectedByChance: null },
  });
  if (center === null || sigma === null || !(sigma > 0)) {
    return { stability: none('sigma within cannot be estimated or is 0'), judged: null };
  }
  const judged = judge({ center, sigma }, settingsOf(rules));
  if (judged === null) return { stability: none('nothing was judged'), judged };
  const limits = { center, sigma, estimator };
  if (judged.points < FEWEST_POINTS) {
    const few = `${judged.points} points are too few; at least ${FEWEST_POINTS} are needed`;
    return { stability: { ...none(few), ...counts(judged), limits, chart: judged.chart }, judged };
  }
  const rate = 1 / (RUN_LENGTH[rules] ?? 100) + 1 / RUN_LENGTH_SPREAD;
  const expected = judged.points * rate;
  const stability: Stability = {
    ...verdictOf(judged, expected),
    ...counts(judged),
    ...{ rules, chart: judged.chart, limits, expectedByChance: expected },
  };
  return { stability, judged };
}

function counts({ points, signals, signalCount, stretches }: Judged) {
  return { points, signals, signalCount, stretches };
}

function verdictOf(judged: Judged, expected: number): { verdict: Verdict; reason: string } {
  const { stretches, signalCount, points } = judged;
  if (signalCount === 0) {
    return { verdict: 'stable', reason: `no rule is broken in ${points} points` };
  }
  const told = `${say(signalCount, 'signal')} in ${points} points`;
  const extreme = 2 * normalSf(judged.farthest) * points < EXTREME;
  const byChance = poissonSf(stretches - 1, expected) >= LIKELY;
  if (expected >= 0.5 && byChance && !extreme) {
    const usual = `a stable process gives about ${expected.toFixed(1)} by chance`;
    return { verdict: 'stable', reason: `${told}; ${usual}` };
  }
  return { verdict: 'unstable', reason: told };
}

function say(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
