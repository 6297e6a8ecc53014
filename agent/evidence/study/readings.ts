/** Small steps with readings that may be missing (NaN). */

/** The readings that are there, in order; the same array when none is missing. */
export function gapless(values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) return values.filter((value) => !Number.isNaN(value));
  }
  return values;
}

/** Subgroups without their missing readings; empty ones are left out. */
export function subgroupsOf(values: Float64Array, bounds: Int32Array): Float64Array[] {
  const groups: Float64Array[] = [];
  for (let i = 0; i + 1 < bounds.length; i += 1) {
    const group = gapless(values.subarray(bounds[i], bounds[i + 1]));
    if (group.length > 0) groups.push(group);
  }
  return groups;
}

/** At most `most` of the values, evenly spaced, as an ordinary array. */
export function thinned(values: Float64Array, most: number): number[] {
  const n = values.length;
  if (n <= most) return Array.from(values);
  return Array.from({ length: most }, (_, i) => values[Math.floor((i * n) / most)] as number);
}
