import { z } from 'zod';

/** Schemas with a name of their own in the OpenAPI document. */
export const namedSchemas = z.registry<{ id: string }>();

/** Gives a schema its name; places that use it then refer to it. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  namedSchemas.add(schema, { id });
  return schema;
}

/** The body of every answer that is not a success. */
export const problem = component(
  'Problem',
  z.object({
    error: z.string().describe('stable code for machines'),
    message: z.string().describe('what went wrong'),
    hint: z.string().describe('what to do'),
  }),
);
