/**
 * Position of a feature in two coordinates (GD&T): deviations (dx, dy) from the true position, a
 * round tolerance zone of a given diameter, with the bonus of maximum material condition per part.
 * A bivariate normal distribution is fitted; capability is the share of it inside the zone, as the
 * index Pok = z((1 + p)/2)/3 that a centred normal characteristic with that share would have; and,
 * beside it, the one-sided percentile index of the distance from true position (ISO 22514-6
 * treats the multivariate case).
 */
import { normalCdf, normalUpperQuantile } from './normal.ts';
import { findRoot, gaussGrid } from './solve.ts';
import { meanOf, squaresOf, sumOf } from './summation.ts';

export interface PositionFit {
  n: number;
  /** mean deviations, in the unit of the readings */
  meanX: number;
  meanY: number;
  sdX: number;
  sdY: number;
  correlation: number;
}

export interface PositionCapability extends PositionFit {
  /** share of parts outside the zone: of the fitted distribution, and counted */
  outside: number;
  observedOutside: number;
  /** Pok = z((1 + inside)/2)/3; null where the share outside is 0 or 1 to machine precision */
  pok: number | null;
  /** the same with the mean on true position: what centring would give */
  poc: number | null;
  /** (R - r50)/(r99.865 - r50) of the fitted distance r; null with a bonus, which moves R */
  radialPpk: number | null;
  radialMedian: number | null;
  radialHigh: number | null;
}

/** Bivariate normal fit (n - 1); null for fewer than three parts or without spread. */
export function fitPosition(dx: readonly number[], dy: readonly number[]): PositionFit | null {
  const n = Math.min(dx.length, dy.length);
  const meanX = meanOf(dx);
  const meanY = meanOf(dy);
  if (n < 3 || dx.length !== dy.length || meanX === null || meanY === null) return null;
  const xx = squaresOf(dx);
  const yy = squaresOf(dy);
  const xy = sumOf(dx.map((x, i) => (x - meanX) * ((dy[i] as number) - meanY)));
  const correlation = xy / Math.sqrt(xx * yy);
  if (!(xx > 0 && yy > 0) || !(Math.abs(correlation) < 1)) return null;
  const sd = (squares: number) => Math.sqrt(squares / (n - 1));
  return { n, meanX, meanY, sdX: sd(xx), sdY: sd(yy), correlation };
}

/**
 * Capability of a position tolerance of `diameter` (> 0, unit of the readings). `bonus`: what the
 * departure from maximum material adds to the diameter, one per part (>= 0), or none. The share
 * outside is the mean over the zones of all parts, the deviation taken as independent of the bonus.
 * null when nothing can be fitted.
 */
export function positionCapability(
  dx: readonly number[],
  dy: readonly number[],
  diameter: number,
  bonus: readonly number[] | null = null,
): PositionCapability | null {
  const fit = fitPosition(dx, dy);
  const usable = bonus === null || (bonus.length === dx.length && bonus.every((b) => b >= 0));
  if (fit === null || !(diameter > 0) || !usable) return null;
  const radii = zoneRadii(diameter, bonus);
  const outside = meanOutside(fit, radii);
  const centred = meanOutside({ ...fit, meanX: 0, meanY: 0 }, radii);
  const count = dx.filter((x, i) => {
    const radius = radii[bonus === null ? 0 : i] as number;
    return Math.hypot(x, dy[i] as number) > radius;
  }).length;
  const { median, high } = bonus === null ? radialPercentiles(fit) : { median: null, high: null };
  const radialPpk =
    median === null || high === null || !(high > median)
      ? null
      : (diameter / 2 - median) / (high - median);
  return {
    ...fit,
    ...{ outside, observedOutside: count / dx.length },
    ...{ pok: indexOf(outside), poc: indexOf(centred) },
    ...{ radialPpk, radialMedian: median, radialHigh: high },
  };
}

/** Radii of the zones: one of all parts, or one per part where each has its bonus. */
export function zoneRadii(diameter: number, bonus: readonly number[] | null): number[] {
  return bonus === null ? [diameter / 2] : bonus.map((b) => (diameter + b) / 2);
}

/** Pok of a fitted position in zones of these radii; null where the share outside is 0 or 1. */
export function pokOf(fit: PositionFit, radii: readonly number[]): number | null {
  return indexOf(meanOutside(fit, radii));
}

/** Share of a bivariate normal outside the circle of this radius about the origin. */
export function outsideCircle(fit: PositionFit, radius: number): number {
  // Along the principal axes the two coordinates are independent.
  const { major, minor, alongMajor, alongMinor } = axes(fit);
  if (!(radius > 0)) return 1;
  const inner = gaussGrid(-1, 1, PANELS);
  const reach = Math.min(radius, Math.abs(alongMajor) + 40 * major);
  // Outside the strip |u| > R both tails; inside it what lies above and below the circle.
  let share = normalCdf((-radius - alongMajor) / major) + normalCdf((alongMajor - radius) / major);
  inner.nodes.forEach((node, i) => {
    // u = R sin(t) takes the corner of the circle out of the integrand.
    const t = (node * Math.PI) / 2;
    const u = radius * Math.sin(t);
    if (Math.abs(u) > reach) return;
    const half = radius * Math.cos(t);
    const beyond = normalCdf((-half - alongMinor) / minor) + normalCdf((alongMinor - half) / minor);
    const z = (u - alongMajor) / major;
    const density = Math.exp(-0.5 * z * z) / (major * ROOT_2PI);
    const weight = (inner.weights[i] as number) * (Math.PI / 2) * radius * Math.cos(t);
    share += weight * density * beyond;
  });
  return Math.min(1, share);
}

const ROOT_2PI = 2.5066282746310002;
/** Of 16 nodes each: enough for a zone of 200 sigmas. */
const PANELS = 64;

/** Standard deviations along the principal axes, and the mean in their directions. */
function axes({ sdX, sdY, correlation, meanX, meanY }: PositionFit) {
  const a = sdX * sdX;
  const b = sdY * sdY;
  const c = correlation * sdX * sdY;
  const angle = 0.5 * Math.atan2(2 * c, a - b);
  const root = Math.hypot((a - b) / 2, c);
  const major = Math.sqrt((a + b) / 2 + root);
  // The determinant keeps the digits that a difference of the two halves would lose.
  const minor = (sdX * sdY * Math.sqrt((1 - correlation) * (1 + correlation))) / major;
  return {
    ...{ major, minor },
    alongMajor: meanX * Math.cos(angle) + meanY * Math.sin(angle),
    alongMinor: meanY * Math.cos(angle) - meanX * Math.sin(angle),
  };
}

/** Mean share outside; equal radii are computed once, many different ones by interpolation. */
function meanOutside(fit: PositionFit, radii: readonly number[]): number {
  const known = new Map<number, number>();
  for (const radius of radii) known.set(radius, (known.get(radius) ?? 0) + 1);
  if (known.size <= MOST_RADII) {
    const terms = [...known].map(([radius, count]) => count * outsideCircle(fit, radius));
    return sumOf(terms) / radii.length;
  }
  const sorted = [...radii].sort((a, b) => a - b);
  const step = sorted.length / MOST_RADII;
  // Means of neighbouring radii stand for their slice.
  const slices = Array.from({ length: MOST_RADII }, (_, i) =>
    sorted.slice(Math.floor(i * step), Math.floor((i + 1) * step)),
  );
  return (
    sumOf(slices.map((s) => s.length * outsideCircle(fit, meanOf(s) as number))) / sorted.length
  );
}

const MOST_RADII = 500;

function indexOf(outside: number): number | null {
  const z = outside > 0 && outside < 1 ? normalUpperQuantile(outside / 2) : null;
  return z === null ? null : z / 3;
}

/** r50 and r99.865 of the fitted distance from true position. */
function radialPercentiles(fit: PositionFit) {
  const most = Math.hypot(fit.meanX, fit.meanY) + 12 * (fit.sdX + fit.sdY);
  const at = (share: number) =>
    findRoot((r) => Math.log(Math.max(outsideCircle(fit, r), 1e-300) / share), most * 1e-9, most);
  return { median: at(0.5), high: at(0.00135) };
}
