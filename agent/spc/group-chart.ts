/**
 * Group chart of parallel streams (spindles, cavities): only the largest and smallest mean are
 * plotted; one stream extreme r times in a row is a signal of its own. Montgomery.
 */

export interface GroupPoint {
  max: number;
  min: number;
  maxStream: number;
  minStream: number;
  /** times in a row this stream has been the largest / smallest */
  maxRun: number;
  minRun: number;
}

/** Extremes per time point of means[time][stream]; ties keep the stream that was extreme before. */
export function groupPoints(means: readonly (readonly number[])[]): GroupPoint[] {
  const points: GroupPoint[] = [];
  for (const row of means) {
    if (row.length === 0) continue;
    const before = points[points.length - 1];
    const max = Math.max(...row);
    const min = Math.min(...row);
    const maxStream = streamOf(row, max, before?.maxStream);
    const minStream = streamOf(row, min, before?.minStream);
    points.push({
      max,
      min,
      maxStream,
      minStream,
      maxRun: before?.maxStream === maxStream ? before.maxRun + 1 : 1,
      minRun: before?.minStream === minStream ? before.minRun + 1 : 1,
    });
  }
  return points;
}

/** Average points between false signals "one of s streams extreme r times running". */
export function groupRunLength(streams: number, run: number): number | null {
  return streams >= 2 && run >= 1 ? (streams ** run - 1) / (streams - 1) : null;
}

function streamOf(row: readonly number[], value: number, before: number | undefined): number {
  return before !== undefined && row[before] === value ? before : row.indexOf(value);
}
