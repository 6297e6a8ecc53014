import { z } from 'zod';
import { kind } from '../registry.ts';
import { LONGEST, type Rule, ruleBase, term } from './rule.ts';

/**
 * k of m points beyond so many sigmas (Western Electric 2 and 3; Nelson 5 and 6). Fires only on a
 * point that is itself in the zone, and as soon as k such points exist (E6).
 */
export const kOfM = kind({
  settings: ruleBase
    .extend({
      k: z.int().min(1).max(LONGEST).describe('points that must be in the zone'),
      m: z.int().min(1).max(LONGEST).describe('points looked at'),
      sigmas: z.number().min(0).describe('the zone begins this many sigmas from the centre'),
      side: z
        .enum(['same', 'either'])
        .default('same')
        .describe('same: all on one side; either: both sides count together'),
    })
    .refine((s) => s.k <= s.m, 'k may not be larger than m'),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.k}-of-${s.m}-beyond-${s.sigmas}`,
    kind: 'k-of-m',
    text:
      `${s.k} of ${s.m} points beyond ${s.sigmas} sigma` +
      (s.side === 'same' ? ' on the same side' : ''),
    severity: s.severity ?? 'warning',
    conditions:
      s.side === 'same'
        ? [
            { side: 'upper', terms: [term('above', s.k, s.m, s.sigmas)] },
            { side: 'lower', terms: [term('below', s.k, s.m, s.sigmas)] },
          ]
        : [{ side: 'both', terms: [term('outside', s.k, s.m, s.sigmas)] }],
  }),
});
