/** Settings of one rule as they stand in the settings file. */
export type RuleSettings = { kind: string } & Record<string, unknown>;

const zones = (prefix: string, twoOfThree: number, fourOfFive: number): RuleSettings[] => [
  { kind: 'k-of-m', id: `${prefix}-${twoOfThree}`, k: 2, m: 3, sigmas: 2 },
  { kind: 'k-of-m', id: `${prefix}-${fourOfFive}`, k: 4, m: 5, sigmas: 1 },
];

/** Nelson 1984 numbers its rules 1 to 8; the AIAG SPC manual asks for the same with a run of 7. */
const eight = (prefix: string, run: number): RuleSettings[] => [
  { kind: 'beyond-limits', id: `${prefix}-1` },
  { kind: 'same-side', id: `${prefix}-2`, points: run },
  { kind: 'trend', id: `${prefix}-3`, trendPoints: 6 },
  { kind: 'alternating', id: `${prefix}-4`, points: 14 },
  ...zones(prefix, 5, 6),
  { kind: 'within', id: `${prefix}-7`, points: 15 },
  { kind: 'outside', id: `${prefix}-8`, points: 8 },
];

const run = (id: string, k: number, m: number, sigmas = 0): RuleSettings => ({
  kind: 'k-of-m',
  id: `${id}-${k}-of-${m}${sigmas === 0 ? '' : `-beyond-${sigmas}`}`,
  k,
  m,
  sigmas,
});

/** Ford's and the German car makers' classic test of the middle third: the zone within 1 sigma. */
const middleThird = (id: string, text: string, test: string, k: number): RuleSettings => ({
  kind: 'custom',
  id,
  text,
  any: [{ side: 'both', all: [{ test, sigmas: 1, k, m: 25 }] }],
});

/** Named sets a settings file may use instead of a list of rules. */
export const ruleSets = {
  shewhart: [{ kind: 'beyond-limits', id: 'shewhart-1' }],
  'western-electric': [
    { kind: 'beyond-limits', id: 'we-1' },
    ...zones('we', 2, 3),
    { kind: 'same-side', id: 'we-4', points: 8 },
  ],
  nelson: eight('nelson', 9),
  aiag: eight('aiag', 7),
  montgomery: eight('montgomery', 8),
  juran: [
    { kind: 'beyond-limits', id: 'juran-1' },
    ...zones('juran', 2, 3),
    { kind: 'same-side', id: 'juran-4', points: 9 },
    { kind: 'trend', id: 'juran-5', trendPoints: 6 },
    { kind: 'outside', id: 'juran-6', points: 8 },
  ],
  hughes: [
    { kind: 'beyond-limits', id: 'hughes-limits' },
    run('hughes', 2, 3, 2),
    run('hughes', 3, 7, 2),
    run('hughes', 4, 10, 2),
    run('hughes', 4, 5, 1),
    { kind: 'same-side', id: 'hughes-7-same-side', points: 7 },
    run('hughes', 10, 11),
    run('hughes', 12, 14),
    run('hughes', 14, 17),
    run('hughes', 16, 20),
    { kind: 'trend', id: 'hughes-7-trend', trendPoints: 7 },
  ],
  'iso-7870-2': [
    { kind: 'beyond-limits', id: 'iso-1' },
    { kind: 'same-side', id: 'iso-2', points: 7 },
    { kind: 'trend', id: 'iso-3', trendPoints: 7 },
  ],
  vda: [
    { kind: 'beyond-limits', id: 'vda-limits' },
    { kind: 'same-side', id: 'vda-7-same-side', points: 7 },
    { kind: 'trend', id: 'vda-7-trend', trendPoints: 7 },
    middleThird(
      'vda-middle-third-full',
      'more than 90 % of 25 points in the middle third',
      'within',
      23,
    ),
    middleThird(
      'vda-middle-third-empty',
      'less than 40 % of 25 points in the middle third',
      'outside',
      16,
    ),
  ],
  westgard: [
    // 1-2s is left out: it only says that the other rules have to be looked at, as they always are.
    { kind: 'beyond-limits', id: 'westgard-1-3s' },
    { kind: 'k-of-m', id: 'westgard-2-2s', k: 2, m: 2, sigmas: 2 },
    { kind: 'outside', id: 'westgard-r-4s', points: 2, sigmas: 2, bothSides: true },
    { kind: 'k-of-m', id: 'westgard-4-1s', k: 4, m: 4, sigmas: 1 },
    { kind: 'same-side', id: 'westgard-10x', points: 10 },
    { kind: 'trend', id: 'westgard-7t', trendPoints: 7 },
  ],
} as const satisfies Record<string, RuleSettings[]>;

export type RuleSetName = keyof typeof ruleSets;
