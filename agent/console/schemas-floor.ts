import { z } from 'zod';
import { component } from './named.ts';

/** The shapes of the API that the pages of the shop floor use. */
export const manualForm = component(
  'ManualForm',
  z.object({
    characteristic: z.string(),
    gauges: z.array(z.string()).nullable().describe('null: any'),
    operators: z.array(z.string()).nullable().describe('null: everybody'),
    least: z.number().nullable().describe('smaller values are refused as a slip of the finger'),
    most: z.number().nullable(),
  }),
);

export const manualRow = component(
  'ManualEntry',
  z.object({
    characteristic: z.string(),
    value: z.number(),
    gauge: z.string(),
    operator: z.string(),
    reason: z.string(),
    at: z.string().describe('when it was measured'),
  }),
);

export const occasion = component(
  'Occasion',
  z.object({
    context: z.record(z.string(), z.string()).nullable(),
    reason: z.string().nullable().describe('why there is none'),
  }),
);

export const storage = component(
  'Storage',
  z.object({
    disk: z
      .object({ freeBytes: z.number(), low: z.boolean(), full: z.boolean() })
      .nullable()
      .describe('full: only alarms and answers are recorded'),
    backup: z.object({
      wanted: z.boolean().describe('the settings ask for backups'),
      lastAt: z.string().nullable(),
      overdue: z.boolean().describe('the last one is older than twice what the settings ask'),
    }),
    check: z
      .object({ at: z.string(), ok: z.boolean(), found: z.array(z.string()) })
      .nullable()
      .describe('last whole check; null: none yet'),
    clock: z
      .object({ steps: z.int(), ms: z.number() })
      .describe('jumps of the wall clock since the start, and all together'),
    sync: z.object({ p99Ms: z.number(), slow: z.boolean() }),
  }),
);

export const event = component(
  'Event',
  z.object({
    seq: z.int(),
    ordinal: z.int(),
    source: z.string().describe('name of the source, or person'),
    kind: z.string(),
    severity: z.string(),
    text: z.string(),
    at: z.string(),
    characteristic: z.string().nullable(),
    machine: z.string().nullable(),
    by: z.string().nullable(),
  }),
);

export const outlook = component(
  'Outlook',
  z.object({
    chart: z.string(),
    center: z.number().describe('the line at the newest point'),
    slope: z.number().describe('what it gains per point'),
    band: z.number().describe('3 sigma of single readings'),
    limit: z.number().describe('tolerance limit that it runs towards'),
    side: z.enum(['upper', 'lower']),
    points: z.int().describe('points until the band reaches the limit'),
    readings: z.int(),
  }),
);
