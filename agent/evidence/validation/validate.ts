/**
 * Software validation: published numbers computed again on the installed program, with the largest
 * deviation per kind of calculation and a verdict.
 */
import type { Adapter } from './adapters/common.ts';
import type { GoldenCase } from './cases.ts';
import { type Compared, compareAll } from './compare.ts';

/** What was validated, where and when. */
export interface Identity {
  program: string;
  version: string;
  node: string;
  platform: string;
  /** time of the run */
  timeMs: number;
}

export interface CaseSet {
  title: string;
  cases: readonly GoldenCase[];
}

/** One kind of calculation over all sets. */
export interface KindResult {
  kind: string;
  cases: number;
  failed: number;
  /** single numbers and facts compared */
  values: number;
  /** largest |deviation| / |published|; null when nothing but 0 and facts was compared */
  largestRelative: number | null;
  /** largest deviation as a share of what is allowed; above 1 fails */
  largestShare: number | null;
}

export interface Failure {
  set: string;
  name: string;
  kind: string;
  path: string;
  expected: string;
  actual: string;
}

export interface ValidationRecord extends Identity {
  date: string;
  sets: { title: string; cases: number; failed: number; sources: string[] }[];
  kinds: KindResult[];
  failures: Failure[];
  notServed: string[];
  cases: number;
  values: number;
  failed: number;
  verdict: 'passed' | 'failed';
}

const MOST_FAILURES = 200;

/** Runs every case of every set. A kind that is not served fails: nothing is skipped silently. */
export function validate(
  sets: readonly CaseSet[],
  adapters: Record<string, Adapter | undefined>,
  identity: Identity,
): ValidationRecord {
  const kinds = new Map<string, KindResult>();
  const failures: Failure[] = [];
  const notServed = new Set<string>();
  const told = sets.map(({ title, cases }) => {
    let failed = 0;
    for (const one of cases) {
      const { leaves, error } = runOne(one, adapters[one.kind]);
      if (adapters[one.kind] === undefined) notServed.add(one.kind);
      const wrong = leaves.filter((leaf) => !leaf.passes);
      const bad = wrong.length > 0 || error !== null;
      if (bad) failed += 1;
      count(kinds, one.kind, leaves, bad);
      const tell = (path: string, expected: unknown, actual: unknown) => {
        if (failures.length >= MOST_FAILURES) return;
        const { name, kind } = one;
        failures.push({
          set: title,
          name,
          kind,
          path,
          expected: show(expected),
          actual: show(actual),
        });
      };
      if (error !== null) tell('', 'an answer', error);
      for (const leaf of wrong) tell(leaf.path, leaf.expected, leaf.actual);
    }
    const sources = [...new Set(cases.flatMap((one) => one.source ?? []))];
    return { title, cases: cases.length, failed, sources };
  });
  const list = [...kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  const total = (of: (kind: KindResult) => number) => list.reduce((sum, kind) => sum + of(kind), 0);
  const failed = total((kind) => kind.failed);
  const cases = total((kind) => kind.cases);
  return {
    ...identity,
    date: new Date(identity.timeMs).toISOString(),
    sets: told,
    kinds: list,
    failures,
    notServed: [...notServed],
    cases,
    values: total((kind) => kind.values),
    failed,
    verdict: failed === 0 && cases > 0 ? 'passed' : 'failed',
  };
}

function runOne(
  one: GoldenCase,
  adapter: Adapter | undefined,
): { leaves: Compared[]; error: string | null } {
  if (adapter === undefined) return { leaves: [], error: `no calculation for '${one.kind}'` };
  try {
    return { leaves: compareAll(one.expected, adapter(one.input), one.tolerance), error: null };
  } catch (error) {
    return { leaves: [], error: String(error) };
  }
}

function count(
  kinds: Map<string, KindResult>,
  kind: string,
  leaves: Compared[],
  bad: boolean,
): void {
  const before = kinds.get(kind) ?? {
    kind,
    cases: 0,
    failed: 0,
    values: 0,
    largestRelative: null,
    largestShare: null,
  };
  const larger = (a: number | null, b: number) => (a === null ? b : Math.max(a, b));
  let { largestRelative, largestShare } = before;
  for (const { expected, actual, allowed } of leaves) {
    if (typeof expected !== 'number' || typeof actual !== 'number') continue;
    const deviation = Math.abs(actual - expected);
    if (expected !== 0) largestRelative = larger(largestRelative, deviation / Math.abs(expected));
    if (allowed > 0) largestShare = larger(largestShare, deviation / allowed);
  }
  kinds.set(kind, {
    kind,
    cases: before.cases + 1,
    failed: before.failed + (bad ? 1 : 0),
    values: before.values + leaves.length,
    largestRelative,
    largestShare,
  });
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
