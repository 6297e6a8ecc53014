import { z } from 'zod';
import { isSecretKey, secretsIn } from '../runtime/secrets.ts';
import { nearest } from './nearest.ts';
import type { ParsedYaml, Problem } from './yaml.ts';

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  const?: unknown;
  enum?: unknown[];
};

/** Turns what zod found into problems with a place, plain words and the nearest valid name. */
export function explain(
  issues: z.core.$ZodIssue[],
  yaml: ParsedYaml,
  schema: z.ZodType,
): Problem[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return issues.flatMap((issue) => explainOne(issue, yaml, json));
}

function explainOne(issue: z.core.$ZodIssue, yaml: ParsedYaml, json: JsonSchema): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(json, issue.path, yaml.value);
    return issue.keys.map((key) => unknownKey(key, issue.path, valid, yaml));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const inner = issue.errors
      .map((list) => list as z.core.$ZodIssue[])
      .sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
    if (inner && inner.length > 0 && depth(inner) > 0) {
      return inner.flatMap((one) =>
        explainOne({ ...one, path: [...issue.path, ...one.path] }, yaml, json),
      );
    }
  }
  const where = yaml.position(issue.path);
  return [
    { ...where, message: `${pathText(issue.path)}${sentence(issue, yaml)}`, hint: hint(issue) },
  ];
}

const depth = (issues: z.core.$ZodIssue[]) =>
  Math.max(0, ...issues.map((i) => i.path.length + (i.code === 'unrecognized_keys' ? 1 : 0)));

function unknownKey(key: string, path: PropertyKey[], valid: string[], yaml: ParsedYaml): Problem {
  const close = nearest(key, valid);
  const hintText = close
    ? `did you mean '${close}'?`
    : valid.length > 0
      ? `known here: ${valid.join(', ')}`
      : 'remove it';
  return {
    ...yaml.position(path, key),
    message: `${pathText(path)}unknown key '${key}'`,
    hint: hintText,
  };
}

const pathText = (path: PropertyKey[]) =>
  path.length === 0 ? '' : `${path.map(String).join('.')}: `;

function sentence(issue: z.core.$ZodIssue, yaml: ParsedYaml): string {
  const given = shown(valueAt(yaml.value, issue.path), issue.path);
  if (issue.code === 'invalid_type') {
    if (given === undefined) return `is missing (${issue.expected} expected)`;
    return `${issue.expected} expected, but it is ${JSON.stringify(given)}`;
  }
  if (issue.code === 'invalid_value') {
    const close = typeof given === 'string' ? nearest(given, issue.values.map(String)) : undefined;
    const list = issue.values.map((v) => `'${String(v)}'`).join(', ');
    const guess = close ? `; did you mean '${close}'?` : '';
    return `must be one of ${list}, but it is ${JSON.stringify(given)}${guess}`;
  }
  if (issue.code === 'invalid_union') return unionSentence(issue, given);
  return given === undefined || typeof given === 'object'
    ? issue.message
    : `${issue.message} (it is ${JSON.stringify(given)})`;
}

/** A mistake in a secret is told without the secret. */
function shown(given: unknown, path: readonly PropertyKey[]): unknown {
  const secret = path.some((key) => isSecretKey(String(key)) || key === 'headers');
  if (secret && (typeof given === 'string' || typeof given === 'number')) return '***';
  return typeof given === 'object' && given !== null && secretsIn(given).length > 0
    ? 'values with a secret among them'
    : given;
}

function unionSentence(issue: z.core.$ZodIssueInvalidUnion, given: unknown): string {
  const text = JSON.stringify(given) ?? 'missing';
  const short = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  if (issue.message !== 'Invalid input') return `${issue.message}, but it is ${short}`;
  const note = issue.discriminator ? `unknown or missing '${issue.discriminator}'` : 'no form fits';
  return `${note}: ${short}`;
}

function hint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.discriminator) {
    return `'${issue.discriminator}' must name a known kind; see 'meyar schema'`;
  }
  return '';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** Keys the schema knows at a path, choosing among alternatives by the constants that match. */
function keysAt(schema: JsonSchema, path: readonly PropertyKey[], value: unknown): string[] {
  let found = alternatives(schema, value);
  let at: unknown = value;
  for (const key of path) {
    at = valueAt(at, [key]);
    found = found.flatMap((s) => {
      const next =
        s.properties?.[String(key)] ??
        s.items ??
        (typeof s.additionalProperties === 'object' ? s.additionalProperties : undefined);
      return next ? alternatives(next, at) : [];
    });
  }
  return [...new Set(found.flatMap((s) => Object.keys(s.properties ?? {})))];
}

function alternatives(schema: JsonSchema, value: unknown): JsonSchema[] {
  const options = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (!options) return [schema];
  const fitting = options.filter((option) =>
    Object.entries(option.properties ?? {}).every(
      ([key, s]) => s.const === undefined || valueAt(value, [key]) === s.const,
    ),
  );
  return (fitting.length > 0 ? fitting : options).flatMap((s) => alternatives(s, value));
}
