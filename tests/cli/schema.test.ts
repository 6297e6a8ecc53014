import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { said } from './terminal.ts';

/** Ajv comes with Fastify; it knows the meta schema and judges as editors do. */
const ofFastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
const { Ajv2020 } = ofFastify('ajv/dist/2020.js') as {
  Ajv2020: new (
    options: object,
  ) => {
    validateSchema(schema: object): boolean;
    compile(schema: object): ((value: unknown) => boolean) & { errors?: unknown };
    errors?: unknown;
  };
};
const path = (name: string) => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));

describe('schema', () => {
  it('prints what stands in config/meyar.schema.json; else run `npm run schema`', async () => {
    const { code, out, err } = await said(['schema']);
    expect([code, err]).toEqual([0, '']);
    expect(`${out}\n`).toBe(readFileSync(path('meyar.schema.json'), 'utf8'));
  });

  it('writes the same to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-schema-'));
    const file = join(folder, 'schema.json');
    expect(await said(['schema', '--out', file])).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(file, 'utf8')).toBe(`${(await said(['schema'])).out}\n`);
    rmSync(folder, { recursive: true });
  });

  it('is a valid JSON Schema that takes the demo and refuses a wrong key', async () => {
    const schema = JSON.parse((await said(['schema'])).out) as object;
    // Formats such as `uri` are the agent's business; patterns stand beside them.
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
    const validate = ajv.compile(schema);
    // As an editor reads it, before variables are filled in.
    const demo = parse(readFileSync(path('ravi-auto-shafts.yaml'), 'utf8')) as {
      plant: object;
      console: object;
    };
    expect(validate(demo), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...demo, plant: { ...demo.plant, sight: 'x' } })).toBe(false);
    expect(validate({ plant: demo.plant })).toBe(false);
    const withPort = (port: unknown) => validate({ ...demo, console: { ...demo.console, port } });
    expect([8081, '${PORT}', 'eight', 70_000].map(withPort)).toEqual([true, true, false, false]);
  });

  it('explains every setting: editors show the words', async () => {
    const schema = JSON.parse((await said(['schema'])).out) as Node;
    expect(silent(schema, '')).toEqual([]);
  });
});

type Node = {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
};

/** Paths of settings without a description; names of kinds explain themselves. */
function silent(node: Node, at: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const here = `${at}.${key}`;
    const mute = child.description === undefined && key !== 'kind' && !describedInside(child);
    return [...(mute ? [here] : []), ...silent(child, here)];
  });
  const more = [
    node.items,
    node.additionalProperties,
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
  ];
  const inside = more.flatMap((child) =>
    typeof child === 'object' && child !== null ? silent(child, at) : [],
  );
  return [...own, ...inside];
}

const describedInside = (node: Node): boolean =>
  [...(node.anyOf ?? []), ...(node.oneOf ?? [])].some((child) => child.description !== undefined);
