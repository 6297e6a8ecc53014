import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { messageOf } from '../runtime/errors.ts';

/** One thing wrong with a settings file: where, what, and what to do. */
export interface Problem {
  line: number;
  column: number;
  message: string;
  hint: string;
}

/** The file as plain data, and a way from a path in that data back to a place in the file. */
export interface ParsedYaml {
  value: unknown;
  problems: Problem[];
  /** what was read from secret files and credentials */
  secrets: string[];
  /** position of the value (or, with `key`, of the key) at a path; of the nearest parent if none */
  position(path: readonly PropertyKey[], key?: string): { line: number; column: number };
}

export type Env = Record<string, string | undefined>;

const MAX_BYTES = 4 * 1024 * 1024;
const VARIABLE = /\$\{([^}]*)\}/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)(.*))?$/s;

/** Parses YAML and fills in `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, `${file:path}`, `${credential:name}`. */
export function parseYaml(text: string, file: string, env: Env): ParsedYaml {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (text.length > MAX_BYTES) {
    const message = `the file is larger than ${MAX_BYTES} bytes`;
    problems.push({ line: 1, column: 1, message, hint: 'split it, or remove what is not needed' });
    return { value: undefined, problems, secrets: [], position: () => ({ line: 1, column: 1 }) };
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of [...document.errors, ...document.warnings]) {
    const hint = 'check indentation, colons and quotes near here';
    problems.push({ ...at(error.pos[0]), message: firstLine(error.message), hint });
  }
  const secrets: string[] = [];
  interpolate(document, { file, env, secrets }, (offset, message, hint) =>
    problems.push({ ...at(offset), message, hint }),
  );
  return {
    value: document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 }),
    problems,
    secrets,
    position: (path, key) => at(offsetOf(document, path, key)),
  };
}

type Report = (offset: number, message: string, hint: string) => void;

/** Where values come from; `secrets` gathers those that came from files. */
interface Outside {
  file: string;
  env: Env;
  secrets: string[];
}

function interpolate(document: Document, outside: Outside, report: Report): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      const offset = node.range?.[0] ?? 0;
      const filled = node.value.replace(VARIABLE, (_all, inside: string) =>
        fill(inside, outside, (message, hint) => report(offset, message, hint)),
      );
      // An unquoted ${PORT:-8080} stands for a number, as if it had been typed there.
      node.value = node.type === 'PLAIN' ? plain(filled) : filled;
    },
  });
}

function fill(
  inside: string,
  { file, env, secrets }: Outside,
  report: (message: string, hint: string) => void,
): string {
  const keep = (secret: string) => {
    secrets.push(secret);
    return secret;
  };
  if (inside.startsWith('file:')) {
    const path = inside.slice(5).trim();
    return keep(secretFrom(path, resolve(dirname(file), path), report));
  }
  if (inside.startsWith('credential:')) {
    return keep(credentialFrom(inside.slice(11).trim(), env, report));
  }
  const match = NAME.exec(inside);
  if (match === null) {
    report(
      `'\${${inside}}' is not a variable`,
      'write ${NAME}, ${NAME:-default}, ${file:path} or ${credential:name}',
    );
    return '';
  }
  const [, name = '', operator, rest = ''] = match;
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  if (operator === ':-') return rest;
  const message = operator === ':?' && rest !== '' ? rest : `variable ${name} is not set`;
  report(message, `set ${name} in the environment, or write \${${name}:-default}`);
  return '';
}

function secretFrom(
  said: string,
  path: string,
  report: (message: string, hint: string) => void,
): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    report(
      `secret file '${said}' cannot be read: ${messageOf(error).replace(/, open.*$/s, '')}`,
      'the path is relative to the settings file; check that it exists and may be read',
    );
    return '';
  }
}

/** What systemd hands over with LoadCredential= or SetCredentialEncrypted=. */
function credentialFrom(
  name: string,
  env: Env,
  report: (message: string, hint: string) => void,
): string {
  const folder = env['CREDENTIALS_DIRECTORY'];
  if (!/^[A-Za-z0-9_.-]{1,255}$/.test(name) || /^\.+$/.test(name)) {
    report(`'${name}' is no name of a credential`, 'letters, digits, dots, hyphens, underscores');
    return '';
  }
  if (folder === undefined || folder === '') {
    report(`there are no credentials: '${name}' is handed over by systemd`, 'see LoadCredential=');
    return '';
  }
  return secretFrom(name, join(folder, name), report);
}

function plain(text: string): unknown {
  const parsed = parseDocument(text).contents;
  return isScalar(parsed) ? parsed.value : text;
}

function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node: unknown =
      depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (depth === path.length && key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (isPair(pair) && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

const firstLine = (text: string) => text.split('\n')[0] ?? text;
