/** Operating characteristic of np, p, c and u charts: chance of a point inside the limits. */
import {
  binomialCdf,
  binomialPmf,
  binomialSf,
  poissonCdf,
  poissonPmf,
  poissonSf,
} from './discrete.ts';
import { sumOf } from './summation.ts';

export interface CountLimits {
  lcl: number;
  ucl: number;
}

/** Limits of an np chart, in counts, drawn to 0 and n. */
export function npLimits(n: number, p0: number, k = 3): CountLimits {
  const width = k * Math.sqrt(n * p0 * (1 - p0));
  return { lcl: Math.max(0, n * p0 - width), ucl: Math.min(n, n * p0 + width) };
}

/** Limits of a c chart, drawn to 0. */
export function cLimits(c0: number, k = 3): CountLimits {
  return { lcl: Math.max(0, c0 - k * Math.sqrt(c0)), ucl: c0 + k * Math.sqrt(c0) };
}

export interface Inside {
  /** P(lcl <= X <= ucl) */
  beta: number;
  /** 1/(1 - beta); null when the chart can never signal */
  arl: number | null;
}

/** For a binomial count. */
export function binomialInside({ lcl, ucl }: CountLimits, n: number, p: number): Inside {
  const pmf = (x: number) => binomialPmf(x, n, p);
  const outside = binomialCdf(Math.ceil(lcl) - 1, n, p) + binomialSf(Math.floor(ucl), n, p);
  return inside(lcl, ucl, pmf, outside);
}

/** For a Poisson count. */
export function poissonInside({ lcl, ucl }: CountLimits, mean: number): Inside {
  const outside = poissonCdf(Math.ceil(lcl) - 1, mean) + poissonSf(Math.floor(ucl), mean);
  return inside(lcl, ucl, (x) => poissonPmf(x, mean), outside);
}

/** Both the chance inside and the chance outside are summed directly: neither is 1 minus. */
function inside(lcl: number, ucl: number, pmf: (x: number) => number, outside: number): Inside {
  const terms: number[] = [];
  for (let x = Math.ceil(lcl); x <= Math.floor(ucl); x += 1) terms.push(pmf(x));
  const beta = outside < 0.5 ? 1 - outside : sumOf(terms);
  return { beta, arl: outside > 0 ? 1 / outside : null };
}
