/** Numbers as people read them: three digits that matter; '–' for what is not defined. */
export function say(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '–';
  const abs = Math.abs(x);
  if (abs >= 1000) return String(Math.round(x));
  return String(Number(x.toPrecision(3)));
}
