/**
 * Individual readings that are skewed by nature (flatness, roughness, times) leave normal limits
 * without any cause. They are judged again on the scale on which they are normal: a reading becomes
 * the normal score of its probability under a fitted distribution, the limits go back the same way
 * (percentile limits, as ISO 22514-2 practice draws them). A process that shifts or jumps shows
 * there too, because sigma still comes from neighbours.
 */
import type { Law } from '../../spc/families.ts';
import { normalCdf, normalQuantile, normalSf, normalUpperQuantile } from '../../spc/normal.ts';
import { andersonDarling } from '../../spc/normality.ts';
import { meanOf } from '../../spc/summation.ts';
import type { Judged, Trace } from './judging.ts';
import { chooseModel, type ModelInput } from './model.ts';
import { gapless, thinned } from './readings.ts';
import { withinSigma } from './sigma.ts';
import { judgeStability, type Stability } from './stability.ts';

export interface ByScores {
  stability: Stability;
  judged: Judged;
  chosen: { model: NonNullable<ReturnType<typeof chooseModel>>['model']; law: Law };
}

/** Heavy on both sides: such a fit would hide single bad readings, so it excuses none. */
const SYMMETRIC = new Set<string>(['normal', 'logistic', 'empirical', 'johnson']);
const FEWEST = 50;
const P_LIMIT = 0.05;

/** The second judgement; null when it does not apply or does not find the process stable. */
export function judgeByScores(
  values: Float64Array,
  rules: string,
  input: ModelInput,
  first: Judged | null,
): ByScores | null {
  if (first === null || input.p === null || input.p >= P_LIMIT) return null;
  if (input.values.length < FEWEST || normalWithoutSignals(values, first)) return null;
  const chosen = chooseModel({ ...input, verdict: 'not judged' });
  if (chosen === null || !chosen.model.fits) return null;
  const explicit = input.asked === chosen.model.distribution;
  if (SYMMETRIC.has(chosen.model.distribution) && !explicit) return null;
  if (chosen.model.distribution === 'normal') return null;
  const scores = values.map((x) => scoreOf(chosen.law, x));
  const sigma = withinSigma(scores, null, undefined).sigma;
  const center = meanOf(gapless(scores));
  const estimator = `${chosen.model.distribution} scores, mrbar/d2`;
  const again = judgeStability({ values: scores, bounds: null, center, sigma, estimator, rules });
  if (again.judged === null || again.stability.verdict !== 'stable') return null;
  const { stability, judged } = again;
  return {
    chosen,
    judged: { ...judged, location: backTo(chosen.law, judged.location, values) },
    stability: {
      ...stability,
      reason: `${stability.reason}; judged with limits of the ${chosen.model.distribution} model`,
      signals: stability.signals.map((signal) =>
        signal.statistic === 'spread'
          ? signal
          : { ...signal, value: values[signal.point - 1] ?? signal.value },
      ),
    },
  };
}

/** A few points spoil normality and nothing else does: they are causes, not skewness. */
function normalWithoutSignals(values: Float64Array, { location }: Judged): boolean {
  // Individuals share their limits.
  const high = location.ucl.find((limit) => !Number.isNaN(limit)) ?? Number.POSITIVE_INFINITY;
  const low = location.lcl.find((limit) => !Number.isNaN(limit)) ?? Number.NEGATIVE_INFINITY;
  const rest = values.filter((x) => x <= high && x >= low);
  const p = andersonDarling(thinned(rest, 20_000))?.p ?? 0;
  return p >= P_LIMIT;
}

function scoreOf(law: Law, x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const below = law.cdf(x);
  const z = below < 0.5 ? normalQuantile(below) : normalUpperQuantile(law.sf(x));
  // A reading where the law has none is as far out as a score can tell.
  return z === null || !Number.isFinite(z) ? (below < 0.5 ? -8 : 8) : z;
}

/** The trace in the unit of the readings. */
function backTo(law: Law, trace: Trace, values: Float64Array): Trace {
  const back = (z: number) => {
    if (Number.isNaN(z)) return Number.NaN;
    const x = z < 0 ? law.quantile(normalCdf(z)) : law.upperQuantile(normalSf(z));
    return x ?? Number.NaN;
  };
  // Individuals share their limits: one quantile each, not one per reading.
  const known = new Map<number, number>();
  const line = (column: Float64Array) =>
    column.map((z) => {
      const x = known.get(z) ?? back(z);
      known.set(z, x);
      return x;
    });
  return {
    value: values.slice(0, trace.value.length),
    cl: line(trace.cl),
    lcl: line(trace.lcl),
    ucl: line(trace.ucl),
    broken: trace.broken,
  };
}
