import { z } from 'zod';

/**
 * A kind couples the settings of a part with the function that makes it: the schema gives types,
 * defaults, editor help and the check at once. Factories may only take what the port hands them.
 */
export interface Kind<Settings extends z.ZodObject, Context, Part> {
  settings: Settings;
  create(settings: z.output<Settings>, context: Context): Part;
}

/** Identity with inference: ties `create` to its own settings without a cast. */
export function kind<Settings extends z.ZodObject, Context, Part>(
  definition: Kind<Settings, Context, Part>,
): Kind<Settings, Context, Part> {
  return definition;
}

type Table<Context, Part> = Record<string, Kind<z.ZodObject, Context, Part>>;

export interface Registry<Context, Part> {
  names: string[];
  /** one schema for all kinds, told apart by the key `kind` */
  schema: z.ZodType<{ kind: string } & Record<string, unknown>>;
  create(settings: { kind: string } & Record<string, unknown>, context: Context): Part;
}

/** Makes the table of kinds into one discriminated schema and one maker. */
export function registry<Context, Part>(table: Table<Context, Part>): Registry<Context, Part> {
  const names = Object.keys(table);
  const options = names.map((name) => {
    const entry = table[name] as Kind<z.ZodObject, Context, Part>;
    return entry.settings.extend({ kind: z.literal(name) }).strict();
  });
  const [first, ...rest] = options;
  if (first === undefined) throw new Error('a registry needs at least one kind');
  const schema = z.discriminatedUnion('kind', [first, ...rest]);
  return {
    names,
    schema: schema as unknown as Registry<Context, Part>['schema'],
    create(settings, context) {
      const entry = table[settings.kind];
      if (entry === undefined) throw new Error(`unknown kind '${settings.kind}'`);
      const { kind: _kind, ...own } = settings;
      return entry.create(own, context);
    },
  };
}
