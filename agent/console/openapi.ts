import { z } from 'zod';
import { accessOf } from './access.ts';
import { namedSchemas, problem } from './named.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const REF = (id: string) => `#/components/schemas/${id}`;

/** The OpenAPI 3.1 document of a route table; 3.1 takes JSON Schema 2020-12 as it is. */
export function openApi(routes: Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const r of routes) {
    const path = r.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [r.method.toLowerCase()]: operation(r) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Meyar',
      version,
      description:
        'State, charts and alerts of one agent. Times are ISO 8601 in UTC; values are in the ' +
        'unit of the characteristic; null means "not defined".',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: components() },
  };
}

function operation(r: Route): Json {
  const type = r.contentType ?? 'application/json';
  return {
    operationId: operationId(r),
    tags: [r.tag],
    summary: r.summary,
    'x-role': accessOf(r.method, r.url),
    parameters: [...parameters('path', r.params), ...parameters('query', r.query)],
    ...(r.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(inline(r.body, 'input')) } }),
    responses: {
      '200': { description: 'OK', content: { [type]: { schema: inline(r.response, 'output') } } },
      default: { description: 'Refused or failed', content: json(inline(problem, 'output')) },
    },
  };
}

const json = (schema: Json) => ({ 'application/json': { schema } });

function operationId(r: Route): string {
  const words = r.url.split(/[/:.-]+/).filter((word) => word !== '');
  return [r.method.toLowerCase(), ...words].join('-');
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  const whole = inline(schema, 'input') as { properties?: Record<string, Json> };
  const required = new Set((whole as { required?: string[] }).required ?? []);
  return Object.entries(whole.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || required.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

/** All named schemas, each referring to the others by name. */
function components(): Json {
  const { schemas } = z.toJSONSchema(namedSchemas, { uri: REF });
  return Object.fromEntries(Object.entries(schemas).map(([id, s]) => [id, withoutIds(s as Json)]));
}

/** The schema of one place: a reference where it has a name, otherwise written out. */
function inline(schema: z.ZodType, io: 'input' | 'output'): Json {
  const id = namedSchemas.get(schema)?.id;
  if (id !== undefined) return { $ref: REF(id) };
  if (schema instanceof z.ZodArray) {
    return { type: 'array', items: inline(schema.element as z.ZodType, io) };
  }
  return withoutIds(z.toJSONSchema(schema, { io }) as Json);
}

function withoutIds(schema: Json): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema;
  return rest;
}
