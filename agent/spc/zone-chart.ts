/**
 * Zone chart (Jaehn 1987): scores by zone add up while the points stay on one side, start anew on
 * the other, and signal from 8.
 */

/** Scores within 1, 2, 3 sigma and beyond. */
const ZONE_SCORES = [0, 2, 4, 8] as const;

export interface ZonePoint {
  score: number;
  signal: boolean;
}

/** Cumulative scores of standardised points; after a signal the sum starts again. */
export function zoneScores(
  z: readonly number[],
  scores: readonly [number, number, number, number] = ZONE_SCORES,
): ZonePoint[] {
  let sum = 0;
  let side = 0;
  return z.map((value) => {
    const distance = Math.abs(value);
    const zone = distance > 3 ? 3 : distance > 2 ? 2 : distance > 1 ? 1 : 0;
    const now = Math.sign(value);
    if (now !== side) sum = 0;
    side = now;
    sum += scores[zone] as number;
    const point = { score: sum, signal: sum >= 8 };
    if (point.signal) sum = 0;
    return point;
  });
}
