import {
  type IndividualSigma,
  individualSigma,
  type SubgroupSigma,
  subgroupSigma,
} from '../../../spc/sigma.ts';
import { meanOf } from '../../../spc/summation.ts';

/** Input of a case: what stands in its file, to be read with the type the kind promises. */
export type Input = Record<string, unknown>;

/** Answers of the engine in the shape of `expected`. */
export type Adapter = (input: Input) => Record<string, unknown>;

/** A field that must be there. */
export function need<T>(input: Input, key: string): T {
  if (input[key] === undefined) throw new Error(`input has no '${key}'`);
  return input[key] as T;
}

/** A field with a default. */
export function option<T>(input: Input, key: string, fallback: T): T {
  return input[key] === undefined || input[key] === null ? fallback : (input[key] as T);
}

/**
 * The answer of a kind that is not defined for its input (constant data, too few values): why, and
 * nothing else. A place that is left out counts as null.
 */
export function undefinedFor(reason: string): Record<string, unknown> {
  return { reason };
}

/** The same answer with null wherever a number ran out of range: NaN is never an answer. */
export function finite(answer: unknown): unknown {
  if (typeof answer === 'number') return Number.isFinite(answer) ? answer : null;
  if (Array.isArray(answer)) return answer.map(finite);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, finite(value)]));
}

/** Means of subgroups or single values, with what the charts over them need. */
export interface Series {
  subgroups: number[][];
  means: number[];
  sizes: number[];
  /** mean of all single values of Phase I */
  center: number | null;
  sigma: number | null;
}

/** `data` or `subgroups` with `sigma` or `sigmaMethod`, Phase I being the first `phase1Count`. */
export function series(input: Input): Series {
  const data = input['data'] as (number | null)[] | undefined;
  // A missing value is no reading: it counts in no mean, and no moving range crosses it.
  const present = (group: (number | null)[]) => group.filter((x) => x !== null);
  const subgroups =
    data === undefined
      ? need<(number | null)[][]>(input, 'subgroups').map(present)
      : present(data).map((x) => [x]);
  const phase1 = subgroups.slice(0, option(input, 'phase1Count', subgroups.length));
  const method = option<string | null>(input, 'sigmaMethod', null);
  let sigma = option<number | null>(input, 'sigma', null);
  if (sigma === null && method !== null) {
    sigma =
      data === undefined
        ? subgroupSigma(method as SubgroupSigma, phase1)
        : individualSigma(
            method as IndividualSigma,
            data.slice(0, option(input, 'phase1Count', data.length)),
            option(input, 'span', 2),
          );
  }
  return {
    subgroups,
    means: subgroups.map((group) => meanOf(group) as number),
    sizes: subgroups.map((group) => group.length),
    center: meanOf(phase1.flat()),
    sigma,
  };
}
