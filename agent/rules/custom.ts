import { z } from 'zod';
import { kind } from '../registry.ts';
import { LONGEST, type Rule, ruleBase, type Term } from './rule.ts';

const part = z
  .strictObject({
    test: z
      .enum([
        'beyond-upper',
        'beyond-lower',
        'above',
        'below',
        'within',
        'outside',
        'rising',
        'falling',
        'alternating',
      ])
      .describe('what a point has to be; above, below, within and outside go by sigmas'),
    sigmas: z.number().min(0).default(0).describe('distance from the centre line in sigmas'),
    k: z.int().min(1).max(LONGEST).describe('points that have to be it'),
    m: z.int().min(1).max(LONGEST).describe('of the last so many points'),
    onCentre: z
      .enum(['break', 'skip', 'upper'])
      .default('break')
      .describe('a point exactly on the centre line ends the run, is ignored, or counts as above'),
  })
  .refine((term) => term.k <= term.m, 'k may not be larger than m');

const condition = z.strictObject({
  side: z.enum(['upper', 'lower', 'both']).default('both').describe('side that the signal names'),
  all: z
    .array(part)
    .min(1)
    .max(4)
    .describe('all have to hold; the newest point has to be one of the first'),
});

/** A rule put together in the settings: any of its conditions, each of which needs all its terms. */
export const custom = kind({
  settings: ruleBase.extend({
    text: z.string().min(3).max(200).describe('what is said when it is broken'),
    any: z.array(condition).min(1).max(8).describe('one of these has to hold'),
  }),
  create: (s, _context: unknown): Rule => ({
    id: s.id ?? 'custom',
    kind: 'custom',
    text: s.text,
    severity: s.severity ?? 'warning',
    conditions: s.any.map(({ side, all }) => ({ side, terms: all as [Term, ...Term[]] })),
  }),
});
