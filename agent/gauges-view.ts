import type { CoreClient } from './core/client.ts';
import type { Actor } from './model.ts';
import { InputError } from './runtime/errors.ts';

/** A person signs that what several gauges measured may be counted as one. */
export async function poolGauges(
  core: Pick<CoreClient, 'command'>,
  said: { characteristic: string; by: string; reason: string; timeMs: number },
  actor: Actor,
): Promise<void> {
  const { error } = await core.command({ kind: 'pool-gauges', ...said }, actor);
  if (error !== undefined) throw new InputError(error);
}
