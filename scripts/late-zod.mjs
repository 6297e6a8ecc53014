// Stands in for zod in what is built, except for the console's schemas: a schema is a recipe until
// somebody parses with it, and may be forgotten afterwards. Schemas of all kinds of settings take
// about 10 MB in every thread that loads them, for one check at the start; the core thread, which is
// handed checked settings, never makes them. Types and behaviour are zod's own.
import { createRequire } from 'node:module';

/** What makes a schema out of a schema, or of nothing. Everything else is asked of zod itself. */
const MAKERS = new Set(
  `array boolean catch check coerce default describe discriminatedUnion email endsWith enum extend finite
  gt gte includes int intersection iso lazy length literal lt lte max maxLength meta min minLength multipleOf
  negative nonempty nonnegative nonoptional nullable nullish number object omit optional partial pick pipe
  positive prefault readonly record refine regex required startsWith strict strictObject string superRefine
  toLowerCase toUpperCase transform trim tuple union unknown url datetime date preprocess`.split(
    /\s+/,
  ),
);
/** Names under which zod keeps further makers: z.iso.date(), z.coerce.number(). */
const ROOMS = new Set(['coerce', 'iso']);

let loaded;
const zod = () => (loaded ??= createRequire(import.meta.url)('./zod.js').z);

/** How to make what a stand-in stands for. */
const recipes = new WeakMap();

/** A stand-in for what `make` makes; it holds that only as long as the collector lets it. */
function late(make) {
  let made;
  const real = () => {
    const old = made?.deref();
    if (old !== undefined) return old;
    const now = make();
    made = new WeakRef(now);
    return now;
  };
  const proxy = new Proxy({}, handlerOf(real));
  recipes.set(proxy, real);
  return proxy;
}

function handlerOf(real) {
  return {
    get(_target, name) {
      if (ROOMS.has(name)) return late(() => real()[name]);
      if (MAKERS.has(name)) {
        return (...given) => late(() => real()[name](...given.map(settled)));
      }
      const found = real()[name];
      // Classes are compared by identity: instanceof z.ZodArray.
      if (typeof found !== 'function' || /^[A-Z]/.test(String(name))) return found;
      return (...given) => found.apply(real(), given.map(settled));
    },
    has: (_target, name) => name in real(),
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
  };
}

/** What zod is handed: schemas for stand-ins, also in lists and tables of them. */
function settled(given) {
  if (typeof given !== 'object' || given === null) return given;
  const recipe = recipes.get(given);
  if (recipe !== undefined) return recipe();
  if (Array.isArray(given)) return given.map(settled);
  if (Object.getPrototypeOf(given) !== Object.prototype) return given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, settled(value)]));
}

export const z = late(zod);
