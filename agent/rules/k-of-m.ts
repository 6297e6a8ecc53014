import { z } from 'zod';
import { kind } from '../registry.ts';
import { type Condition, LONGEST, type Rule, ruleBase, term } from './rule.ts';

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
        .enum(['same', 'either', 'upper', 'lower'])
        .default('same')
        .describe('same: all on one side, whichever; either: both count together; or one alone'),
    })
    .refine((s) => s.k <= s.m, 'k may not be larger than m'),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.k}-of-${s.m}-beyond-${s.sigmas}`,
    kind: 'k-of-m',
    text: `${s.k} of ${s.m} points${s.sigmas === 0 ? '' : ` beyond ${s.sigmas} sigma`}${said(s)}`,
    severity: s.severity ?? 'warning',
    conditions: conditionsOf(s),
  }),
});

interface Asked {
  k: number;
  m: number;
  sigmas: number;
  side: keyof typeof SAID;
}

const SAID = {
  same: ' on the same side',
  either: '',
  upper: ' above the centre line',
  lower: ' below the centre line',
};

const said = ({ side, sigmas }: Asked) =>
  side === 'same' && sigmas === 0 ? `${SAID.same} of the centre line` : SAID[side];

function conditionsOf({ k, m, sigmas, side }: Asked): Condition[] {
  if (side === 'either') return [{ side: 'both', terms: [term('outside', k, m, sigmas)] }];
  const upper: Condition = { side: 'upper', terms: [term('above', k, m, sigmas)] };
  const lower: Condition = { side: 'lower', terms: [term('below', k, m, sigmas)] };
  if (side === 'same') return [upper, lower];
  return side === 'upper' ? [upper] : [lower];
}
