/** Numbers as people read them: three digits that matter; '–' for what is not defined. */
export function say(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–';
  const abs = Math.abs(x);
  if (abs >= 1000) return String(Math.round(x));
  return String(Number(x.toPrecision(3)));
}

/** A place on a scale with this standard deviation: as many digits as tell it apart. */
export function sayPlace(x: number | null, sd: number | null): string {
  if (x === null || sd === null || !(sd > 0)) return say(x);
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(sd))));
  return String(Number(x.toFixed(decimals)));
}
