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
    const made = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
    const json = orVariable(made) as Node;
    const title = 'Settings of a Meyar agent';
    const $defs = { ...(json['$defs'] as Node | undefined), variable: VARIABLE };
    const text = JSON.stringify({ title, ...json, $defs }, null, 2);
    if (typeof values['out'] === 'string') writeFileSync(values['out'], `${text}\n`);
    else terminal.out(text);
    return EXIT.done;
  },
};

type Node = Record<string, unknown>;

const VARIABLE = {
  type: 'string',
  pattern: '\\$\\{[^}]*\\}',
  description: '${NAME}, ${NAME:-default} or ${file:path}: filled in when the file is read',
};
/** What is said about a setting as a whole, whichever form it has. */
const ABOUT = ['description', 'default', 'title'];

/**
 * An editor reads the file before variables are filled in, so everything that is not free text may
 * also be a variable. Names of things may not: they are never filled in.
 */
function orVariable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(orVariable);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(
    ([key, value]) => [key, key === 'propertyNames' ? value : orVariable(value)] as const,
  );
  if (!isStrict(node as Node)) return Object.fromEntries(entries);
  const about = entries.filter(([key]) => ABOUT.includes(key));
  const form = Object.fromEntries(entries.filter(([key]) => !ABOUT.includes(key)));
  return { ...Object.fromEntries(about), anyOf: [form, { $ref: '#/$defs/variable' }] };
}

function isStrict(node: Node): boolean {
  const { type } = node;
  if (type === 'number' || type === 'integer' || type === 'boolean') return true;
  return type === 'string' && ['pattern', 'format', 'enum'].some((key) => key in node);
}
