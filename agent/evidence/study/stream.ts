/**
 * A study of a file that is too large to keep: two passes over it in constant memory. The first
 * gathers moments, sums and samples; the second runs every reading through the charts and finds the
 * median. Tests of normality, fits and the page rest on evenly spaced readings, as in any long study.
 */
import { InputError } from '../../runtime/errors.ts';
import type { Fractions, Tolerance } from '../../spc/nonconforming.ts';
import { type Cell, type Decimal, isMissing, numberIn } from '../tables/cells.ts';
import { type PlainFile, plainFile, type ReadWish } from '../tables/read.ts';
import type { Table } from '../tables/table.ts';
import { type DataWish, groups, studyData, valueColumns } from './data.ts';
import { type Facts, groupingOf, MOST_FITTED } from './facts.ts';
import { type Gathered, gatherer } from './gather.ts';
import { gaugeColumn } from './gauges.ts';
import { type Judging, startJudging } from './judging.ts';
import { medianPass } from './median-pass.ts';
import { thinned } from './readings.ts';
import type { StudyDetail, StudyWish } from './result.ts';
import { sigmaFromSums, unbiased, type WithinSigma } from './sigma.ts';
import { judgementOf, settingsOf } from './stability.ts';
import { assemble } from './study.ts';
import { effective } from './tolerance.ts';

/** Files from here on are read in passes: some three million readings. */
export const STREAM_FROM_BYTES = 1 << 25;

interface Plan {
  name: string;
  /** places of the columns, from 0; several are the members of a subgroup */
  places: number[];
  /** readings of a subgroup; 1 for individuals */
  size: number;
  notes: string[];
}

/**
 * The study, or null when the file must be kept to answer: it is small, has quotes or words among
 * its numbers, names its subgroups by label, or the estimator is the median moving range.
 */
export function streamStudy(
  file: string,
  read: ReadWish,
  data: DataWish,
  wish: StudyWish,
  fromBytes = STREAM_FROM_BYTES,
): StudyDetail | null {
  const plain = plainFile(file, read, fromBytes);
  // Rows of several gauges are not read in passes: they have to be told apart first.
  if (plain !== null && gaugeColumn(plain.head) !== undefined) return null;
  const plan = plain && planOf(plain.head, data);
  if (plain === null || plan === null) return null;
  const gather = gatherer(plan.size, effective(wish));
  if (!pass(plain, plan, gather.add)) return null;
  const gathered = gather.done();
  const grouped = plan.size > 1;
  const within = sigmaFromSums(gathered.sums, wish.estimator, grouped);
  if (within === null || gathered.n < 2) return null;
  const { mean, points, sample, n } = gathered;
  const { sigma, estimator } = within;
  const limits = sigma !== null && sigma > 0 ? { center: mean, sigma } : null;
  const judging = limits && startJudging(plan.size, points, limits, settingsOf(wish.rules));
  const median = medianPass(sample, n);
  const charts = feeder(judging, plan.size);
  const again = pass(plain, plan, (x) => {
    median.add(x);
    charts.add(x);
  });
  const middle = median.done();
  if (!again || middle === null) return null;
  charts.done();
  const asked = { center: mean, sigma, estimator, rules: wish.rules };
  const first = judgementOf(asked, grouped ? 'xbar' : 'imr', () => judging?.found ?? null);
  return assemble(facts(plan, gathered, within, middle, effective(wish)), first, wish);
}

/** Which columns, and how they are grouped, by the first rows; null when those cannot tell. */
function planOf(head: Table, wish: DataWish): Plan | null {
  try {
    const notes: string[] = [];
    const { name } = studyData(head, wish);
    const columns = valueColumns(head, wish.value, notes);
    const places = columns.map((column) => column.place - 1);
    const { subgroup } = wish;
    if (places.length > 1)
      return { name, places, size: subgroup === '1' ? 1 : places.length, notes };
    if (subgroup !== undefined) {
      return /^\d+$/.test(subgroup) ? { name, places, size: Number(subgroup), notes } : null;
    }
    const [value] = columns;
    const labelled = head.columns.some((c) => c !== value && head.hasHeader && groups(head, c));
    return labelled ? null : { name, places, size: 1, notes };
  } catch (error) {
    // The whole table may tell, or is needed for a message with the row.
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Hands over the readings of all rows; false when something is found that passes cannot read. */
function pass(
  { head, decimal, pass: rows }: PlainFile,
  { places }: Plan,
  take: (x: number) => void,
): boolean {
  const width = head.hasHeader ? head.columns.length : Number.POSITIVE_INFINITY;
  let begun = false;
  let blank = 0;
  let sound = true;
  const skipped = () => {
    for (; blank > 0; blank -= 1) {
      for (let i = 0; i < places.length; i += 1) take(Number.NaN);
    }
  };
  const row = (cells: readonly Cell[]) => {
    if (!sound) return;
    if (cells.every(isMissing)) {
      // Empty lines count only when something follows, and not before the header.
      if (begun) blank += 1;
      return;
    }
    if (!begun) {
      begun = true;
      if (head.hasHeader) return;
    }
    skipped();
    if (cells.length > width && !cells.slice(width).every(isMissing)) sound = false;
    for (const place of places) {
      const x = readingIn(cells[place] ?? null, decimal);
      if (x === null) sound = false;
      else take(x);
    }
  };
  const numbers = (readings: Float64Array) => {
    skipped();
    for (let i = 0; i < readings.length; i += 1) take(readings[i] as number);
  };
  return rows({ places, width }, { row, numbers, ready: () => begun }) && sound;
}

/** NaN for a missing reading, null for a word. */
function readingIn(cell: Cell, decimal: Decimal): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : Number.NaN;
  const x = numberIn(cell, decimal);
  if (Number.isFinite(x)) return x;
  return isMissing(cell) ? Number.NaN : null;
}

/** Puts readings into the charts, one by one or as subgroups; the last may be short. */
function feeder(judging: Judging | null, size: number) {
  const buffer = new Float64Array(size);
  let filled = 0;
  return {
    add(x: number) {
      if (size === 1) {
        judging?.individual(x);
        return;
      }
      buffer[filled] = x;
      filled += 1;
      if (filled < size) return;
      filled = 0;
      judging?.group(buffer);
    },
    done() {
      if (filled > 0) judging?.group(buffer.subarray(0, filled));
    },
  };
}

function facts(
  plan: Plan,
  g: Gathered,
  within: WithinSigma,
  { median, error }: { median: number; error: number },
  tolerance: Tolerance,
): Facts {
  const sample = thinned(Float64Array.from(g.sample), MOST_FITTED);
  const s = Math.sqrt(g.squares / (g.n - 1));
  const grouped = plan.size > 1;
  const passes =
    `${g.n} readings were read in two passes; tests, fits and the histogram use ` +
    `${sample.length} evenly spaced ones, the median is exact to ${error.toPrecision(2)}`;
  const rest = (g.n + g.missing) % plan.size;
  const short = rest === 0 ? [] : [`the last subgroup has ${rest} of ${plan.size} readings`];
  const missing = `${g.missing} missing readings were counted and left out`;
  return {
    description: {
      ...{ name: plan.name, n: g.n, missing: g.missing, subgroups: grouped ? g.subgroups : null },
      ...{ mean: g.mean, median, min: g.min, max: g.max },
      ...{ sigmaWithin: within.sigma, sigmaOverall: s, sigmaOverallUnbiased: unbiased(s, g.n) },
      ...{ estimator: within.estimator, estimatorWords: within.words, withinDf: within.df },
    },
    ...{ within, sample, readings: Float64Array.from(sample), series: g.series },
    individuals: grouped ? null : g.individuals,
    groups: g.groups,
    grouping: groupingOf(!grouped),
    observed: observedOf(g, tolerance),
    distinct: g.distinct,
    notes: [...plan.notes, ...short, ...(g.missing > 0 ? [missing] : []), passes],
  };
}

function observedOf({ below, above, n }: Gathered, { lsl, usl }: Tolerance): Fractions {
  const low = lsl === null ? null : below / n;
  const high = usl === null ? null : above / n;
  return { below: low, above: high, total: (low ?? 0) + (high ?? 0) };
}
