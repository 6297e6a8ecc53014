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
} as const satisfies Record<string, RuleSettings[]>;

export type RuleSetName = keyof typeof ruleSets;
