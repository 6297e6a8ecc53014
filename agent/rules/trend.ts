import { kind } from '../registry.ts';
import { points, type Rule, ruleBase, term } from './rule.ts';

/**
 * So many points in a row rising or falling (Nelson 3). The length counts points, so 6 points are
 * 5 steps (E5); equal neighbours end the trend (E4).
 */
export const trend = kind({
  settings: ruleBase.extend({ trendPoints: points(6, 'points in a row rising or falling') }),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? `${s.trendPoints}-trend`,
    kind: 'trend',
    text: `${s.trendPoints} points in a row steadily rising or falling`,
    severity: s.severity ?? 'warning',
    conditions: [
      { side: 'upper', terms: [term('rising', s.trendPoints - 1, s.trendPoints - 1)] },
      { side: 'lower', terms: [term('falling', s.trendPoints - 1, s.trendPoints - 1)] },
    ],
  }),
});
