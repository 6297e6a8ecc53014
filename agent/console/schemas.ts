import { z } from 'zod';
import { component } from './named.ts';
import { alert, characteristicClass, severity } from './schemas-alerts.ts';
import { outlook } from './schemas-floor.ts';

export { alert, alertEvent, alertStates } from './schemas-alerts.ts';

/**
 * The shapes of the API, once: they type the code, make the OpenAPI document and give the page its
 * types. Times are ISO 8601 text in UTC; null means "not defined".
 */
const at = z.iso.datetime().describe('ISO 8601, UTC');
const number = z.number().nullable();

export const plant = component(
  'Plant',
  z.object({ name: z.string(), site: z.string(), version: z.string(), startedAt: at, now: at }),
);

export const limits = component(
  'Limits',
  z.object({
    characteristic: z.string(),
    version: z.int(),
    origin: z.enum(['settings', 'baseline']),
    center: z.number(),
    sigma: z.number(),
    estimator: z.string(),
    subgroups: z.int(),
    readings: z.int(),
    baselineOutside: z.int(),
    frozenAt: at,
    approvedBy: z.string().nullable(),
    approvedAt: at.nullable(),
    note: z.string(),
  }),
);

export const capability = component(
  'Capability',
  z.object({
    n: z.int(),
    mean: number,
    sigmaWithin: number,
    sigmaOverall: number,
    estimator: z.string().describe('estimator of sigmaWithin'),
    method: z.string().describe('method of the lower bounds'),
    cp: number,
    cpk: number,
    pp: number,
    ppk: number,
    cpLower95: number,
    cpkLower95: number,
    ppLower95: number,
    ppkLower95: number,
    reason: z.string().nullable().describe('why an index is null'),
    note: z
      .string()
      .optional()
      .describe('readings of another gauge that are kept apart, or counted as one by signature'),
    apart: z
      .array(
        z.object({
          gauge: z.string().describe('empty: nobody said which'),
          until: at,
          readings: z.int(),
        }),
      )
      .optional()
      .describe(
        'what gauges before measured, not counted here; POST …/gauges/pool counts it as one',
      ),
  }),
);

export const statuses = ['ok', 'warning', 'alarm', 'provisional', 'stale'] as const;

export const characteristic = component(
  'Characteristic',
  z.object({
    id: z.string(),
    name: z.string(),
    unit: z.string(),
    nominal: number,
    lsl: number,
    usl: number,
    class: characteristicClass,
    resolution: number,
    decimals: z.int(),
    reactionPlan: z.string(),
    part: z.string(),
    line: z.string(),
    machine: z.string(),
    status: z.enum(statuses),
    readings: z.int().describe('good readings since the store began'),
    badReadings: z.int(),
    outOfTolerance: z.int(),
    lastValue: number,
    lastReadingAt: at.nullable(),
    lastPointIndex: z.int(),
    charts: z.array(z.string()),
    rules: z.array(z.string()),
    limits: limits.nullable(),
    baselineRemaining: z.int(),
    forecast: z.string().nullable().optional(),
    outlook: outlook.nullable().optional(),
    openAlerts: z.int(),
    capability,
    sampling: z.string(),
    noDataAfterMs: z.number().describe('ms of silence that make it stale'),
  }),
);

export const point = component(
  'Point',
  z.object({
    seq: z.int(),
    ordinal: z.int(),
    chart: z.string(),
    index: z.int(),
    at,
    partSequence: number,
    size: z.int(),
    value: z.number(),
    cl: number,
    lcl: number,
    ucl: number,
    z: number,
    rules: z.array(z.string()).describe('ids of the rules broken by the location'),
    spread: number,
    spreadCl: number,
    spreadLcl: number,
    spreadUcl: number,
    spreadZ: number,
    spreadRules: z.array(z.string()),
    phase: z.union([z.literal(1), z.literal(2)]),
    limitsVersion: z.int(),
  }),
);

export const signal = component(
  'Signal',
  z.object({
    seq: z.int(),
    ordinal: z.int(),
    characteristic: z.string(),
    chart: z.string(),
    statistic: z.enum(['location', 'spread']),
    rule: z.string(),
    text: z.string(),
    pointIndex: z.int(),
    at,
    value: z.number(),
    side: z.enum(['upper', 'lower', 'both']),
    severity,
    provisional: z.boolean(),
  }),
);

export const reading = component(
  'Reading',
  z.object({ at, value: number, quality: z.string(), sequence: number }),
);

export const histogram = component(
  'Histogram',
  z.object({
    from: z.number(),
    to: z.number(),
    counts: z.array(z.int()),
    below: z.int(),
    above: z.int(),
    readings: z.int(),
  }),
);

export const gap = component(
  'Gap',
  z.object({
    seq: z.int(),
    ordinal: z.int(),
    source: z.string(),
    stream: z.string(),
    from: z.number(),
    to: z.number(),
    missed: z.number(),
    at,
  }),
);

export const source = component(
  'Source',
  z.object({
    name: z.string(),
    kind: z.string(),
    state: z.enum(['connecting', 'up', 'degraded', 'down', 'stopped']),
    detail: z.string(),
    since: at,
    lastDataAt: at.nullable(),
    counters: z.record(z.string(), z.number()),
    parts: z.array(
      z.object({ name: z.string(), state: z.enum(['up', 'degraded', 'down']), detail: z.string() }),
    ),
  }),
);

export const sink = component(
  'Sink',
  z.object({
    name: z.string(),
    kind: z.string(),
    state: z.enum(['up', 'retrying', 'held', 'stopped']),
    detail: z.string(),
    cursor: z.number(),
    head: z.number(),
    rowsWritten: z.number(),
    rowsRejected: z.number(),
    behind: z.number().optional().describe('left while fresh rows go first'),
    oldestUnsentAt: at.nullable(),
  }),
);

export const rejectedRow = component(
  'RejectedRow',
  z.object({
    id: z.int(),
    sink: z.string(),
    at: z.iso.datetime().describe('when it was refused first'),
    row: z.string().describe('as it was sent'),
    reason: z.string().describe('what the other side said last'),
  }),
);

export const snapshot = component(
  'LiveSnapshot',
  z.object({ plant, characteristics: z.array(characteristic), alerts: z.array(alert) }),
);

export const change = component(
  'LiveChange',
  z.object({
    characteristics: z.array(characteristic),
    alerts: z.array(alert),
    sources: z.boolean().describe('true: the state of a source or sink changed, ask again'),
  }),
);
