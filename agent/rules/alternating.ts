import { z } from 'zod';
import { kind } from '../registry.ts';
import { LONGEST, type Rule, ruleBase, term } from './rule.ts';

/** So many points in a row alternating up and down (Nelson 4); equal neighbours end it (E4). */
export const alternating = kind({
  settings: ruleBase.extend({
    points: z
      .int()
      .min(3)
      .max(LONGEST)
      .default(14)
      .describe('points in a row alternating up and down'),
  }),
  // n points are n - 1 steps, and each step but the first turns back on the one before.
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.points}-alternating`,
    kind: 'alternating',
    text: `${s.points} points in a row alternating up and down`,
    severity: s.severity ?? 'warning',
    conditions: [{ side: 'both', terms: [term('alternating', s.points - 2, s.points - 2)] }],
  }),
});
