import { z } from 'zod';
import { component } from './named.ts';

/** Shapes of alerts in the API; see schemas.ts. */
const at = z.iso.datetime().describe('ISO 8601, UTC');

export const severity = z.enum(['info', 'warning', 'alarm']);
export const characteristicClass = z.enum(['CC', 'SC', 'none']);
export const alertStates = ['open', 'acknowledged', 'cleared', 'closed'] as const;

export const alert = component(
  'Alert',
  z.object({
    id: z.int(),
    kind: z.enum(['out-of-control', 'out-of-tolerance', 'no-data', 'missed-parts', 'source']),
    severity,
    state: z.enum(alertStates),
    subject: z.string(),
    title: z.string(),
    detail: z.string(),
    unit: z.string(),
    class: characteristicClass,
    reactionPlan: z.string(),
    onsetAt: at,
    openedAt: at,
    lastAt: at,
    clearedAt: at.nullable(),
    acknowledgedAt: at.nullable(),
    acknowledgedBy: z.string().nullable(),
    cause: z.string().nullable(),
    action: z.string().nullable(),
    comment: z.string().nullable(),
    count: z.int(),
    returns: z
      .int()
      .describe('times that its condition ended and came back before anybody answered'),
    value: z.number().nullable(),
    rules: z.array(z.string()),
    context: z.record(z.string(), z.string()),
    shelf: z
      .object({
        by: z.string(),
        reason: z.string(),
        from: at,
        until: at,
        endedAt: at.nullable().describe('null: it lasts'),
        endedBy: z.string().nullable().describe('null: its time was up'),
      })
      .nullable()
      .describe('the newest time that somebody put it aside'),
    escalations: z
      .array(
        z.object({
          to: z.array(z.string()).describe('channels'),
          level: z.int().describe('levels told so far'),
          levels: z.int(),
          toldAt: at.nullable(),
          nextAt: at.nullable().describe('when the next level is due; null: none is to come'),
        }),
      )
      .describe('who else is told while nobody answers'),
  }),
);

export const alertEvent = component(
  'AlertEvent',
  z.object({
    at,
    transition: z.enum([
      ...(['raised', 'worsened', 'returned', 'escalated', 'acknowledged'] as const),
      ...(['shelved', 'unshelved', 'cleared', 'closed'] as const),
    ]),
    severity,
    state: z.enum(alertStates),
    by: z.string().nullable().describe('who did it; null: nobody, it happened'),
    note: z.string().describe('the answer, the reason, or who was told'),
  }),
);
