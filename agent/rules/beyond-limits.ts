import { kind } from '../registry.ts';
import { type Rule, ruleBase, term } from './rule.ts';

/** One point strictly outside the control limits (Shewhart; Western Electric 1; Nelson 1). */
export const beyondLimits = kind({
  settings: ruleBase,
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? 'beyond-limits',
    kind: 'beyond-limits',
    text: '1 point beyond the control limits',
    severity: s.severity ?? 'alarm',
    conditions: [
      { side: 'upper', terms: [term('beyond-upper', 1, 1)] },
      { side: 'lower', terms: [term('beyond-lower', 1, 1)] },
    ],
  }),
});
