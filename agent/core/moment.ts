import { emptySubgroup } from '../subgroups/subgroup.ts';

/** The subgroup that is being taken in: reused for every reading, the core is synchronous. */
export const subgroup = emptySubgroup();

/** The reading that is being taken in: numbers handed to a function would become objects. */
export const given = new Float64Array(16);
export const GIVEN = { value: 0, sourceMs: 1, sequence: 2 } as const;

/** Beyond this a square no longer fits a double with room to add; no gauge is near it. */
export const LARGEST = 1e100;
