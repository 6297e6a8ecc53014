import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { settingsSchema } from '../settings/schema.ts';
import { type Command, EXIT } from './command.ts';

/** The JSON Schema that editors use to complete and check settings files. */
export const schema: Command = {
  summary: 'write the JSON Schema of settings files, for editors',
  usage: '[--out FILE]',
  help: ['--out FILE   write there instead of to the screen'],
  example: 'meyar schema --out config/meyar.schema.json',
  options: { out: { type: 'string' } },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const json = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
    const text = JSON.stringify({ title: 'Settings of a Meyar agent', ...json }, null, 2);
    if (typeof values['out'] === 'string') writeFileSync(values['out'], `${text}\n`);
    else terminal.out(text);
    return EXIT.done;
  },
};
