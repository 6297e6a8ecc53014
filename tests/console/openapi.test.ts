import { expect, test } from 'vitest';
import { ACCESS } from '../../agent/console/access.ts';
import { fakeView } from '../support/fake-view.ts';
import { testConsole } from './console-app.ts';

type Json = Record<string, unknown>;

async function document() {
  const { app } = testConsole(fakeView());
  const text = (await app.inject('/api/openapi.json')).body;
  return JSON.parse(text) as {
    openapi: string;
    paths: Record<string, Record<string, Json>>;
    components: { schemas: Record<string, Json> };
  };
}

/** All values of a key, however deep. */
function everywhere(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key ? [inner] : []),
    ...everywhere(inner, key),
  ]);
}

test('the document is OpenAPI 3.1 and lists every address', async () => {
  const { openapi, paths } = await document();
  expect(openapi).toBe('3.1.0');
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const addresses = Object.keys(ACCESS).filter((key) => !/ \/\*?$/.test(key));
  const written = addresses.map((key) => key.replaceAll(/:(\w+)/g, '{$1}'));
  expect(listed.sort()).toEqual(written.sort());
  expect(listed).toContain('POST /api/alerts/{id}/acknowledge');
});

test('every operation has a summary, an id of its own, its path parameters and an answer', async () => {
  const { paths } = await document();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation }) as Json),
  );
  const ids = operations.map((operation) => operation['operationId']);
  expect(new Set(ids).size).toBe(operations.length);
  for (const operation of operations) {
    expect(operation['summary']).toMatch(/\.$/);
    const named = [...String(operation['path']).matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const parameters = operation['parameters'] as { name: string; in: string }[];
    const inPath = parameters.filter((p) => p.in === 'path').map((p) => p.name);
    expect(inPath).toEqual(named);
    expect(everywhere(operation['responses'], 'schema').length).toBeGreaterThanOrEqual(2);
  }
});

test('every reference leads to a schema that is there', async () => {
  const whole = await document();
  const references = everywhere(whole, '$ref') as string[];
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(whole.components.schemas).toHaveProperty(reference.split('/').at(-1) ?? '');
  }
});

test('bounds of a query are in the document', async () => {
  const { paths } = await document();
  const operation = paths['/api/characteristics/{id}/points']?.['get'];
  const parameters = (operation?.['parameters'] ?? []) as { name: string; schema: Json }[];
  const limit = parameters.find((p) => p.name === 'limit');
  expect(limit).toMatchObject({ required: false });
  expect(limit?.schema).toMatchObject({ minimum: 1, maximum: 10_000, default: 500 });
});
