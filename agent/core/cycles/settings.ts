import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';

const tag = (about: string) => z.string().min(1).describe(about);

const trigger = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('while'),
      tag: tag('tag of a bit or number that is high during the cycle'),
      above: z.number().default(0.5).describe('the cycle lasts while the tag is above this'),
    }),
    z.strictObject({
      kind: z.literal('change'),
      tag: tag('tag of a counter: a new value ends a cycle and begins the next'),
    }),
    z.strictObject({
      kind: z.literal('message'),
      tag: tag('tag whose every reading, whatever its value, ends a cycle and begins the next'),
    }),
    z.strictObject({
      kind: z.literal('between'),
      start: tag('tag whose reading begins the cycle, e.g. of an MQTT message that says so'),
      end: tag('tag whose reading ends it'),
    }),
    z.strictObject({
      kind: z.literal('array').describe('every message holds the whole curve of one cycle'),
    }),
  ])
  .describe('what tells where a cycle begins and ends');

/** Cycles of a machine, in which features of fast signals are taken, as they stand in the settings. */
export const cycleSettings = z.strictObject({
  source: z.string().min(1).describe('name of the source that delivers the trigger'),
  trigger,
  maxGap: duration('1s').describe(
    'more time than this between two samples, or between the ends of the cycle and the nearest ' +
      'sample, means that samples are missing',
  ),
  mostMissing: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'share of the cycle without samples up to which its features are uncertain; beyond, bad',
    ),
  longest: duration('1h').describe('a cycle that lasts longer is given up: its features are bad'),
});

export type CycleSettings = z.output<typeof cycleSettings>;
