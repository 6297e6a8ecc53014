import { z } from 'zod';
import { parseDuration } from '../../runtime/duration.ts';
import { connectionSettings } from '../mqtt/connection.ts';

const level = (about: string) =>
  z
    .string()
    .regex(/^(\+|[^+#/]{1,128})$/, 'one level of a topic: no /, + or #; a + alone means every one')
    .describe(about);

const PLACES = new Set(['group', 'node', 'device', 'metric']);

/** Settings of one Sparkplug B source: one broker, the edge nodes to listen to. */
export const settings = connectionSettings.extend({
  nodes: z
    .array(
      z.strictObject({
        group: level('group id, + for every group'),
        node: level('edge node id, + for every node').default('+'),
      }),
    )
    .min(1)
    .max(256)
    .describe('whose messages are read'),
  tag: z
    .string()
    .default('{group}/{node}/{device}/{metric}')
    .refine(
      (text) => [...text.matchAll(/\{([^}]*)\}/g)].every((m) => PLACES.has(m[1] ?? '')),
      'there are {group}, {node}, {device} and {metric}',
    )
    .describe('what the tag of a metric is called; a node’s own metrics have no device level'),
  sequence: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('metric with the part counter, sent in the same message as the values'),
  context: z
    .record(z.string().min(1).max(32), z.string().min(1).max(256))
    .default({})
    .describe('name (part, serial, lot …) : metric that holds it; its last value counts'),
  births: z
    .enum(['ignore', 'use'])
    .default('ignore')
    .describe('values in a birth are a snapshot, not a new part'),
  trustAliases: z
    .boolean()
    .default(false)
    .describe(
      'after a lost message go on with the alias table, although a new one may be what was lost',
    ),
  host: z
    .strictObject({
      id: level('our name as a host: edge nodes that wait for one are told by it'),
    })
    .optional()
    .describe('tell edge nodes that we listen (STATE, retained). Without this we say nothing'),
  rebirth: z
    .strictObject({
      every: z
        .string()
        .refine((text) => parseDuration(text) !== undefined, "a duration such as '60s'")
        .default('60s')
        .transform((text) => parseDuration(text) ?? 60_000)
        .describe('least time between two requests to one node'),
    })
    .optional()
    .describe('may we ask a node for a new birth (NCMD)? Without this we only listen'),
});

export type SparkplugSettings = z.output<typeof settings>;
