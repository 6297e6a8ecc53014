import { z } from 'zod';
import type { Who } from '../auth/auth.ts';
import { badField } from '../problem.ts';

/** A name that was typed: shown and kept, so without line breaks and not empty. */
export function typedName() {
  return z
    .string()
    .trim()
    .min(1, 'a name is needed')
    .max(80)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters')
    .optional()
    .describe('name of the person; needed while there are no users, else whoever is logged in');
}

/**
 * Whose name stands under it. People who logged in sign with that and no other name; a program
 * may say for whom it does it.
 */
export function signedBy(who: Who, typed: string | undefined, field: string): string {
  if (who.by === 'session') return who.name;
  if (who.by === 'token') return typed === undefined ? who.name : `${typed} (${who.name})`;
  if (typed === undefined) throw badField(field, 'a name is needed');
  return typed;
}
