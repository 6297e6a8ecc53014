import { readFileSync } from 'node:fs';
import { InputError, sayUnreadable } from '../runtime/errors.ts';
import { learnSecrets, secretsIn } from '../runtime/secrets.ts';
import { explain } from './explain.ts';
import { checkReferences } from './references.ts';
import { type Settings, settingsSchema } from './schema.ts';
import { type Env, type Problem, parseYaml } from './yaml.ts';

export type Loaded = { settings: Settings; problems: [] } | { settings: null; problems: Problem[] };

/** Reads and checks a settings text: either settings, or every problem at once. */
export function readSettings(text: string, file: string, env: Env): Loaded {
  const yaml = parseYaml(text, file, env);
  if (yaml.value === undefined && yaml.problems.length > 0) {
    return { settings: null, problems: yaml.problems };
  }
  learnSecrets([...secretsIn(yaml.value), ...yaml.secrets]);
  const parsed = settingsSchema.safeParse(yaml.value ?? {});
  const problems = parsed.success
    ? [...yaml.problems, ...checkReferences(parsed.data, yaml)]
    : [...yaml.problems, ...explain(parsed.error.issues, yaml, settingsSchema)];
  if (parsed.success && problems.length === 0) return { settings: parsed.data, problems: [] };
  return { settings: null, problems: problems.sort(byPlace) };
}

/** Reads and checks a settings file; throws InputError with every problem in it. */
export function loadSettings(file: string, env: Env): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file}: ${sayUnreadable(error)}`);
  }
  const loaded = readSettings(text, file, env);
  if (loaded.settings === null) throw new InputError(sayProblems(loaded.problems, file));
  return loaded.settings;
}

/** `file:line:column: message (hint)`, one line each, so that editors can jump there. */
export function sayProblems(problems: readonly Problem[], file: string): string {
  const say = (p: Problem) =>
    `${file}:${p.line}:${p.column}: ${p.message}${p.hint === '' ? '' : ` — ${p.hint}`}`;
  return problems.map(say).join('\n');
}

const byPlace = (a: Problem, b: Problem) => a.line - b.line || a.column - b.column;
