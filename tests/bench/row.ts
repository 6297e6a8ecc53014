/** One line of the bench table: a ratio against something measured in the same run. */
export interface Row {
  id: string;
  name: string;
  ours: number;
  baseline: number;
  unit: string;
  ratio: number;
  goal: string;
}

/** Middle one of the figures; NaN of none. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}

/** The figure that this share of all figures does not exceed; NaN of none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
