/** What every chart answers: the plotted statistic with centre and limits, point by point. */
export interface ControlChart {
  plotted: (number | null)[];
  center: (number | null)[];
  lcl: (number | null)[];
  ucl: (number | null)[];
  /** positions of the points outside their limits, from 0 */
  beyond: number[];
}

/** Centre and limits of one point; null where not defined. */
export interface Band {
  center: number | null;
  lcl: number | null;
  ucl: number | null;
}

/** A band without values. */
export const NO_BAND: Band = { center: null, lcl: null, ucl: null };

/** Puts plotted values and their bands together and finds the points outside. */
export function controlChart(
  plotted: readonly (number | null)[],
  bandAt: (index: number) => Band,
): ControlChart {
  const bands = plotted.map((_, i) => bandAt(i));
  return {
    plotted: [...plotted],
    center: bands.map((band) => band.center),
    lcl: bands.map((band) => band.lcl),
    ucl: bands.map((band) => band.ucl),
    beyond: plotted.flatMap((value, i) => (isBeyond(value, bands[i] ?? NO_BAND) ? [i] : [])),
  };
}

/**
 * Strictly outside: a point on a limit is inside. A few units in the last place are forgiven,
 * because limits are rounded too.
 */
export function isBeyond(value: number | null, { lcl, ucl }: Band): boolean {
  if (value === null) return false;
  const above = ucl !== null && value - ucl > slack(value, ucl);
  const below = lcl !== null && lcl - value > slack(value, lcl);
  return above || below;
}

/** Symmetric band center +- width. */
export function bandAround(center: number | null, width: number | null): Band {
  if (center === null || width === null) return NO_BAND;
  return { center, lcl: center - width, ucl: center + width };
}

/** The band with its limits drawn to what the statistic can reach. */
export function clipped(band: Band, low: number, high = Number.POSITIVE_INFINITY): Band {
  return {
    center: band.center,
    lcl: band.lcl === null ? null : Math.max(low, band.lcl),
    ucl: band.ucl === null ? null : Math.min(high, band.ucl),
  };
}

function slack(value: number, limit: number): number {
  return 8 * Number.EPSILON * Math.max(Math.abs(value), Math.abs(limit));
}
