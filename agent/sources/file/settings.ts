import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { parsePath } from '../mqtt/paths.ts';
import { compilePattern } from './time.ts';

const path = z
  .string()
  .min(1)
  .refine((text) => parsePath(text) !== undefined, {
    message: "a column, or a path such as 'v.hardness'; a name with a dot is '[\"a.b\"]'",
  })
  .describe('column of the line, or path in its JSON');

const fileName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^/\\]+$/, 'a file name: * stands for any signs, ? for one; no folders');

/** Settings of one file drop: a folder that some program writes lines into. */
export const settings = z.object({
  folder: z.string().min(1).describe('folder that is looked into, as an absolute path'),
  pattern: fileName.default('*.csv').describe('names of the files: * any signs, ? one sign'),
  every: duration('1s').describe('how often the folder is looked at'),
  format: z
    .enum(['csv', 'jsonl'])
    .default('csv')
    .describe('csv: fields per line; jsonl: one JSON object per line'),
  delimiter: z.string().length(1).default(',').describe('sign between two fields of csv'),
  columns: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(1000)
    .optional()
    .describe('names of the columns; the first line names them when left out'),
  encoding: z.enum(['utf8', 'latin1']).default('utf8').describe('how text is stored in the files'),
  time: z
    .strictObject({
      path: z
        .union([path, z.tuple([path, path])])
        .describe('column of the source time, or of [date, time of day]'),
      unit: z
        .enum(['s', 'ms', 'us', 'ns', 'iso'])
        .default('iso')
        .describe('unit since 1970 UTC, or iso for text such as 2026-03-01T08:00:00Z'),
      pattern: z
        .string()
        .refine((text) => compilePattern(text) !== null, {
          message: 'signs that stand for digits: YYYY MM DD hh mm ss SSS, with at least YYYY MM DD',
        })
        .optional()
        .describe('form of the text instead of iso, e.g. DD.MM.YYYY hh:mm:ss; local time'),
    })
    .describe('source time; a line read again is told from a new one by it'),
  values: z
    .record(z.string().min(1), path)
    .refine((values) => Object.keys(values).length > 0, 'name at least one tag')
    .describe('tag name (may use {column} and {file}) : column of its value'),
  context: z
    .record(z.string().min(1).max(32), z.string().min(1))
    .default({})
    .describe('name (part, serial, lot …) : column, or text that uses {file}'),
  lastLine: z
    .enum(['wait', 'take'])
    .default('wait')
    .describe('a last line without line end may be half written: wait for it, or take it settled'),
  settleAfter: duration('10s').describe('a file unchanged this long counts as finished'),
  moveTo: z
    .string()
    .min(1)
    .optional()
    .describe('finished files go to this folder after their readings are durable'),
  maxLineBytes: z
    .int()
    .min(64)
    .max(1_048_576)
    .default(65_536)
    .describe('longest line in bytes; a longer one is set aside'),
});

export type FileSettings = z.output<typeof settings>;
