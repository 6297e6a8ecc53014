import { z } from 'zod';
import { kind } from '../registry.ts';
import { points, type Rule, ruleBase, term } from './rule.ts';

/** So many points in a row close to the centre: limits too wide or mixed streams (Nelson 7). */
export const within = kind({
  settings: ruleBase.extend({
    points: points(15, 'points in a row within the zone'),
    sigmas: z.number().positive().default(1).describe('half width of the zone in sigmas'),
  }),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.points}-within-${s.sigmas}`,
    kind: 'within',
    text: `${s.points} points in a row within ${s.sigmas} sigma of the centre line`,
    severity: s.severity ?? 'warning',
    conditions: [{ side: 'both', terms: [term('within', s.points, s.points, s.sigmas)] }],
  }),
});
