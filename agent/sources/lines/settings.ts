import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { parseLine } from '../modbus/transport/target.ts';
import { namesIn } from '../mqtt/topics.ts';
import { compileForm } from './form.ts';

/** What one line says. */
const line = z
  .strictObject({
    form: z
      .string()
      .min(1)
      .max(200)
      .default('{value}')
      .describe(
        'what a line looks like: {name} for what varies, {skip} for what nobody needs, a blank for any ' +
          'or no blanks, all else as it is; e.g. "01A{value}" or "S S {value} {unit}"',
      ),
    values: z
      .record(z.string().min(1), z.string().min(1))
      .refine((values) => Object.keys(values).length > 0, 'name at least one tag')
      .describe('tag name (may use {name}) : name of its number in the form'),
    units: z
      .record(z.string(), z.number())
      .optional()
      .describe(
        'text of {unit} : what the value is multiplied by, e.g. { mm: 1, in: 25.4 }; a unit that is ' +
          'not listed makes the value bad',
      ),
    skip: z
      .array(z.string().min(1).max(100))
      .max(20)
      .default([])
      .describe('lines that are no results, such as "S D*": * any signs, ? one sign'),
    maxBytes: z.int().min(8).max(8192).default(512).describe('longest line in bytes'),
  })
  .superRefine((own, check) => {
    const problem = (key: string, message: string) =>
      check.addIssue({ code: 'custom', path: [key], message });
    const form = compileForm(own.form, new Set(Object.values(own.values)));
    if (typeof form === 'string') {
      problem('form', form);
      return;
    }
    const known = new Set(form.names);
    const asked = [...Object.values(own.values), ...Object.keys(own.values).flatMap(namesIn)];
    const unknown = asked.find((name) => !known.has(name));
    if (unknown !== undefined) problem('values', `there is no {${unknown}} in the form`);
    if (own.units !== undefined && !known.has('unit')) {
      problem('units', 'there is no {unit} in the form');
    }
  });

/** Settings of one gauge, balance or box of gauges that sends its results as text. */
export const settings = z.object({
  url: z
    .string()
    .superRefine((text, check) => {
      const found = parseLine(text);
      if (typeof found === 'string') check.addIssue({ code: 'custom', message: found });
    })
    .describe(
      'serial:///dev/ttyUSB0?baud=9600&bits=8&parity=none&stop=1 (RS-232, USB), or tcp://host:port ' +
        'of a serial server',
    ),
  line: line.describe('what stands in a line'),
  request: z
    .strictObject({
      send: z.string().min(1).max(64).describe('text that asks for a result, e.g. "M\\r"'),
      every: duration('1s').describe('how often it is asked'),
    })
    .optional()
    .describe('left out: the device sends by itself, at the press of a button'),
  gauge: z.string().min(1).max(64).optional().describe('name of the gauge, kept with each reading'),
  operator: z.string().min(1).max(64).optional().describe('who measures here'),
  context: z
    .record(z.string().min(1).max(32), z.string().min(1).max(200))
    .default({})
    .describe('name (part, serial, lot …) : text that may use {name} of the form'),
  expectEvery: duration('0s').describe('a result is expected at least this often; 0s: nothing is'),
});

export type LinesSettings = z.output<typeof settings>;
