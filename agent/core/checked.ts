/**
 * Settings of charts and rules with their defaults in place. The shell checks settings; the core
 * thread is handed what came of it and needs no schemas of its own, which take more memory than the
 * state of two hundred characteristics. Settings that the shell did not see, as those an older run
 * left in the store, are checked here like there.
 */
export type Checked = ReadonlyMap<string, unknown>;

/** Distinct settings of charts and rules in one plant: far fewer. */
const MOST = 4096;
const known = new Map<string, unknown>();

/** What a schema makes of settings, remembered by their text. */
export function checked<T>(what: string, schema: { parse(given: unknown): T }, given: unknown): T {
  const key = what + JSON.stringify(given);
  // Made by the same schema, of this thread or of the shell.
  const old = known.get(key) as T | undefined;
  if (old !== undefined) return old;
  const made = schema.parse(given);
  if (known.size >= MOST) known.clear();
  known.set(key, made);
  return made;
}

/** All that was checked so far. */
export const checkedSoFar = (): Checked => new Map(known);

/** Takes what another thread has checked. */
export function rememberChecked(from: Checked): void {
  for (const [key, made] of from) known.set(key, made);
}
