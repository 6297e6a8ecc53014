/**
 * Gage repeatability and reproducibility: crossed ANOVA with and without interaction, nested
 * ANOVA, and the average-and-range method. AIAG MSA 4th edition; expected mean squares as in
 * Montgomery. Negative variance components are set to 0.
 */
import { isBalanced } from './balanced.ts';
import { d2, d2Star, isSize } from './constants.ts';
import { fSf } from './distributions.ts';
import { meanOf, rangeOf, squaresOf, sumOf } from './summation.ts';

/** values[part][operator][trial], the same number of trials everywhere. */
export type Crossed = readonly (readonly (readonly number[])[])[];

interface AnovaRow {
  df: number;
  ss: number;
  ms: number | null;
  f: number | null;
  p: number | null;
}

interface Component {
  variance: number;
  sd: number;
  studyVar: number;
  pctContribution: number | null;
  pctStudyVar: number | null;
  pctTolerance: number | null;
}

export interface Scale {
  /** width of the tolerance; null when one-sided */
  tolerance: number | null;
  /** sigmas that stand for the spread, usually 6 (older work 5.15) */
  studyVarMultiplier: number;
}

interface Components {
  components: Record<string, Component>;
  /** 1.41 PV/GRR before truncation; null when GRR is 0 */
  ndcRaw: number | null;
}

export interface CrossedStudy {
  anovaWithInteraction: Record<string, AnovaRow>;
  withInteraction: Components;
  anovaPooled: Record<string, AnovaRow>;
  pooled: Components;
  /** pooled when the interaction is not significant at `alpha` */
  chosen: 'pooled' | 'withInteraction';
}

/** Crossed ANOVA; null below two parts, operators or trials, or unbalanced. */
export function crossedStudy(values: Crossed, scale: Scale, alpha: number): CrossedStudy | null {
  const p = values.length;
  const o = values[0]?.length ?? 0;
  const r = values[0]?.[0]?.length ?? 0;
  if (p < 2 || o < 2 || r < 2 || !isBalanced(values)) return null;
  const all = values.flat(2);
  const total = squaresOf(all);
  const ssPart = o * r * squaresOf(values.map((part) => mean(part.flat())));
  const operatorMeans = operatorAverages(values);
  const ssOperator = p * r * squaresOf(operatorMeans);
  const ssError = sumOf(values.flat().map((trials) => squaresOf(trials)));
  const ssInteraction = interactionSquares(values, operatorMeans, r);
  const dfInteraction = (p - 1) * (o - 1);
  const dfError = p * o * (r - 1);
  const errorRow = row(ssError, dfError);
  const interaction = row(ssInteraction, dfInteraction, errorRow);
  const withInteraction = {
    part: row(ssPart, p - 1, interaction),
    operator: row(ssOperator, o - 1, interaction),
    interaction,
    repeatability: errorRow,
    total: { df: all.length - 1, ss: total, ms: null, f: null, p: null },
  };
  const pooledError = row(ssError + ssInteraction, dfError + dfInteraction);
  const anovaPooled = {
    part: row(ssPart, p - 1, pooledError),
    operator: row(ssOperator, o - 1, pooledError),
    repeatability: pooledError,
    total: withInteraction.total,
  };
  const ms = (one: AnovaRow) => one.ms ?? 0;
  return {
    anovaWithInteraction: withInteraction,
    withInteraction: components(
      {
        repeatability: ms(errorRow),
        operator: (ms(withInteraction.operator) - ms(interaction)) / (p * r),
        interaction: (ms(interaction) - ms(errorRow)) / r,
        part: (ms(withInteraction.part) - ms(interaction)) / (o * r),
      },
      scale,
    ),
    anovaPooled,
    pooled: components(
      {
        repeatability: ms(pooledError),
        operator: (ms(anovaPooled.operator) - ms(pooledError)) / (p * r),
        part: (ms(anovaPooled.part) - ms(pooledError)) / (o * r),
      },
      scale,
    ),
    chosen: (interaction.p ?? 1) > alpha ? 'pooled' : 'withInteraction',
  };
}

export interface NestedStudy extends Components {
  anova: Record<string, AnovaRow>;
}

/** Nested ANOVA of values[operator][part][trial], every operator with parts of his own. */
export function nestedStudy(values: Crossed, scale: Scale): NestedStudy | null {
  const o = values.length;
  const p = values[0]?.length ?? 0;
  const r = values[0]?.[0]?.length ?? 0;
  if (o < 2 || p < 2 || r < 2 || !isBalanced(values)) return null;
  const all = values.flat(2);
  const ssOperator = p * r * squaresOf(values.map((one) => mean(one.flat())));
  const ssPart = r * sumOf(values.map((one) => squaresOf(one.map(mean))));
  const repeatability = row(sumOf(values.flat().map((t) => squaresOf(t))), o * p * (r - 1));
  const partInOperator = row(ssPart, o * (p - 1), repeatability);
  const operator = row(ssOperator, o - 1, partInOperator);
  const total = { df: all.length - 1, ss: squaresOf(all), ms: null, f: null, p: null };
  const ms = (one: AnovaRow) => one.ms ?? 0;
  return {
    anova: { operator, partInOperator, repeatability, total },
    ...components(
      {
        repeatability: ms(repeatability),
        operator: (ms(operator) - ms(partInOperator)) / (p * r),
        part: (ms(partInOperator) - ms(repeatability)) / r,
      },
      scale,
    ),
  };
}

export interface RangeStudy {
  rBar: number;
  xDiff: number;
  rp: number;
  k1: number;
  /** null for one operator, whose reproducibility cannot be seen */
  k2: number | null;
  k3: number;
  ev: number;
  av: number;
  grr: number;
  pv: number;
  tv: number;
  pctEv: number | null;
  pctAv: number | null;
  pctGrr: number | null;
  pctPv: number | null;
  pctToleranceGrr: number | null;
  ndcRaw: number | null;
}

/** Average-and-range method with exact constants; null when a size is below two. */
export function rangeStudy(values: Crossed, scale: Scale): RangeStudy | null {
  const p = values.length;
  const o = values[0]?.length ?? 0;
  const r = values[0]?.[0]?.length ?? 0;
  if (!isSize(p) || o < 1 || !isSize(r) || !isBalanced(values)) return null;
  const rBar = mean(values.flat().map((trials) => rangeOf(trials) ?? 0));
  const xDiff = rangeOf(operatorAverages(values)) ?? 0;
  const rp = rangeOf(values.map((part) => mean(part.flat()))) ?? 0;
  const k1 = 1 / d2(r);
  const k2 = isSize(o) ? 1 / d2Star(o, 1) : null;
  const k3 = 1 / d2Star(p, 1);
  const ev = rBar * k1;
  const av = Math.sqrt(Math.max(0, (xDiff * (k2 ?? 0)) ** 2 - (ev * ev) / (p * r)));
  const grr = Math.hypot(ev, av);
  const pv = rp * k3;
  const tv = Math.hypot(grr, pv);
  const pct = (x: number) => (tv > 0 ? (100 * x) / tv : null);
  const { tolerance, studyVarMultiplier } = scale;
  return {
    ...{ rBar, xDiff, rp, k1, k2, k3, ev, av, grr, pv, tv },
    ...{ pctEv: pct(ev), pctAv: pct(av), pctGrr: pct(grr), pctPv: pct(pv) },
    pctToleranceGrr: share(studyVarMultiplier * grr, tolerance),
    ndcRaw: grr > 0 ? (1.41 * pv) / grr : null,
  };
}

/** Adds the sums GRR, reproducibility and total and scales everything. */
function components(raw: Record<string, number>, scale: Scale): Components {
  const variance = (name: string) => Math.max(0, raw[name] ?? 0);
  const reproducibility = variance('operator') + variance('interaction');
  const grr = variance('repeatability') + reproducibility;
  const part = variance('part');
  const total = grr + part;
  const all: Record<string, number> = {
    ...Object.fromEntries(Object.keys(raw).map((name) => [name, variance(name)])),
    reproducibility,
    grr,
    total,
  };
  const one = (value: number): Component => {
    const sd = Math.sqrt(value);
    const studyVar = scale.studyVarMultiplier * sd;
    return {
      variance: value,
      sd,
      studyVar,
      pctContribution: share(value, total),
      pctStudyVar: share(sd, Math.sqrt(total)),
      pctTolerance: share(studyVar, scale.tolerance),
    };
  };
  return {
    components: Object.fromEntries(Object.entries(all).map(([name, v]) => [name, one(v)])),
    ndcRaw: grr > 0 ? 1.41 * Math.sqrt(part / grr) : null,
  };
}

function share(value: number, whole: number | null): number | null {
  return whole !== null && whole > 0 ? (100 * value) / whole : null;
}

function row(ss: number, df: number, against?: AnovaRow): AnovaRow {
  const ms = df > 0 ? ss / df : null;
  const under = against?.ms ?? null;
  if (against === undefined || ms === null || under === null || !(under > 0)) {
    return { df, ss, ms, f: null, p: null };
  }
  return { df, ss, ms, f: ms / under, p: fSf(ms / under, df, against.df) };
}

function mean(values: readonly number[]): number {
  return meanOf(values) ?? 0;
}

function operatorAverages(values: Crossed): number[] {
  const operators = values[0] ?? [];
  return operators.map((_, j) => mean(values.flatMap((part) => part[j] ?? [])));
}

function interactionSquares(values: Crossed, operatorMeans: number[], r: number): number {
  const grand = mean(values.flat(2));
  const cells = values.flatMap((part) => {
    const partMean = mean(part.flat());
    return part.map((trials, j) => mean(trials) - partMean - (operatorMeans[j] ?? 0) + grand);
  });
  return r * sumOf(cells.map((cell) => cell * cell));
}
