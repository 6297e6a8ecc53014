import { z } from 'zod';
import { kind } from '../registry.ts';
import { points, type Rule, ruleBase, term } from './rule.ts';

/** So many points in a row with none near the centre: a mixture (Nelson 8; E7). */
export const outside = kind({
  settings: ruleBase.extend({
    points: points(8, 'points in a row outside the zone'),
    sigmas: z.number().positive().default(1).describe('half width of the zone in sigmas'),
    bothSides: z
      .boolean()
      .default(false)
      .describe('ask for at least one point on each side, as Nelson printed it'),
  }),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.points}-outside-${s.sigmas}`,
    kind: 'outside',
    text:
      `${s.points} points in a row more than ${s.sigmas} sigma from the centre line` +
      (s.bothSides ? ', on both sides' : ''),
    severity: s.severity ?? 'warning',
    conditions: [
      {
        side: 'both',
        terms: [
          term('outside', s.points, s.points, s.sigmas),
          ...(s.bothSides
            ? [term('above', 1, s.points, s.sigmas), term('below', 1, s.points, s.sigmas)]
            : []),
        ],
      },
    ],
  }),
});
