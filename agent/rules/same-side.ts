import { z } from 'zod';
import { kind } from '../registry.ts';
import { points, type Rule, ruleBase, term } from './rule.ts';

/** So many points in a row on one side of the centre line (Western Electric 4; Nelson 2; E3). */
export const sameSide = kind({
  settings: ruleBase.extend({
    points: points(9, 'points in a row on one side'),
    onCentre: z
      .enum(['break', 'skip', 'upper'])
      .default('break')
      .describe('a point exactly on the centre line ends the run, is ignored, or counts as above'),
  }),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.points}-same-side`,
    kind: 'same-side',
    text: `${s.points} points in a row on the same side of the centre line`,
    severity: s.severity ?? 'warning',
    conditions: [
      { side: 'upper', terms: [{ ...term('above', s.points, s.points), onCentre: s.onCentre }] },
      { side: 'lower', terms: [{ ...term('below', s.points, s.points), onCentre: s.onCentre }] },
    ],
  }),
});
