import { z } from 'zod';
import { charts } from '../charts/index.ts';
import { sayUnit } from '../features/feature.ts';
import { features } from '../features/index.ts';
import { rules } from '../rules/index.ts';
import { type RuleSetName, ruleSets } from '../rules/rule-sets.ts';
import { duration } from '../runtime/duration.ts';
import { subgroupers } from '../subgroups/index.ts';

const text = (about: string) => z.string().default('').describe(about);
const limit = (about: string) => z.number().nullable().default(null).describe(about);

const baseline = z.strictObject({
  kind: z.literal('baseline'),
  subgroups: z
    .int()
    .min(2)
    .max(1000)
    .optional()
    .describe('points the limits are estimated from; 25 subgroups or 100 individuals'),
  estimator: z
    .enum(['rbar/d2', 'sbar/c4', 'mrbar/d2', 'pooled/c4'])
    .optional()
    .describe('how sigma is estimated; follows the chart when left out'),
  requireApproval: z
    .boolean()
    .default(false)
    .describe('alarm only after a person has approved the estimated limits'),
});

const fixed = z.strictObject({
  kind: z.literal('fixed'),
  center: z.number().describe('centre line, in the unit'),
  sigma: z
    .number()
    .positive()
    .optional()
    .describe('standard deviation of single readings, in the unit; counts do not need it'),
  parameters: z
    .record(z.string(), z.number())
    .optional()
    .describe('what else a kind of chart asks for by name: slope, phi, ratio …'),
});

const ruleSetNames = Object.keys(ruleSets) as [RuleSetName, ...RuleSetName[]];

const row = z.strictObject({
  name: z.string().min(1).max(100).describe('what people call it'),
  unit: text('unit of the values, e.g. mm'),
  nominal: limit('value asked for, in the unit'),
  lsl: limit('lower specification limit, in the unit'),
  usl: limit('upper specification limit, in the unit'),
  class: z
    .enum(['CC', 'SC', 'none'])
    .default('none')
    .describe('AIAG class: CC critical, SC special, none ordinary'),
  resolution: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('smallest step of the gauge, in the unit'),
  decimals: z.int().min(0).max(10).default(3).describe('digits shown after the point'),
  part: text('name of the part'),
  line: text('production line'),
  machine: text('machine that makes the feature'),
  source: z.string().min(1).describe('name of the source that delivers it'),
  tag: z.string().min(1).describe('tag of that source'),
  feature: features.schema
    .optional()
    .describe('measured is a feature of this tag in every cycle, and not each of its values'),
  subgroup: subgroupers.schema
    .optional()
    .describe('how readings are grouped; by-count of 5, or of 1 when a chart asks for individuals'),
  charts: z
    .array(charts.schema)
    .min(1)
    .max(8)
    .optional()
    .describe('imr for individuals, xbar-r for 2 to 8, xbar-s for 9 and more when left out'),
  rules: z
    .union([z.enum(ruleSetNames), z.array(rules.schema).min(1).max(31)])
    .default('western-electric')
    .describe('a named set or a list of rules'),
  limits: z
    .discriminatedUnion('kind', [baseline, fixed])
    .prefault({ kind: 'baseline' })
    .describe('limits estimated from the first subgroups, or given'),
  maxGap: duration('2h').describe('a longer pause ends runs and drops an open subgroup'),
  noDataAfter: duration('10m').describe('silence after which people are told'),
  natural: z
    .enum(['lower', 'upper', 'none'])
    .default('none')
    .describe('a limit that values cannot pass by nature, e.g. lower for flatness'),
  reactionPlan: text('what the operator does when it alarms'),
});

/** One row of the control plan as it stands in the settings file. */
export const characteristicSettings = row
  .superRefine((given, context) => {
    const s = complete(given);
    const wrong = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    checkUnit(s, wrong);
    checkTolerance(s, wrong);
    checkCharts(s, wrong);
    checkLimits(s, wrong);
  })
  .transform(complete);

type Row = z.output<typeof row>;
type Subgrouping = NonNullable<Row['subgroup']>;

export type CharacteristicSettings = Row & { subgroup: Subgrouping };

/** The chart of a characteristic that names none. */
export function usualChart(subgroup: Subgrouping): string {
  if (subgroup.kind === 'counts') return 'p';
  const size = sizeOf(subgroup);
  return size === 1 ? 'imr' : size < 9 ? 'xbar-r' : 'xbar-s';
}

/** Subgroups of 5, or single readings when no chart can take more. */
function complete(s: Row): CharacteristicSettings {
  if (s.subgroup !== undefined) return { ...s, subgroup: s.subgroup };
  const list = s.charts ?? [];
  const single = list.some((chart) => sizesOf(s, chart, 1).most === 1);
  return { ...s, subgroup: { kind: 'by-count', size: single ? 1 : 5 } };
}

/** Readings of one full subgroup. */
function sizeOf(subgroup: Subgrouping): number {
  return subgroupers.create(subgroup, {}).size;
}

function sizesOf({ lsl, usl }: Row, chart: NonNullable<Row['charts']>[number], size: number) {
  return charts.create(chart, { size, lsl, usl }).sizes;
}

type Wrong = (path: PropertyKey[], message: string) => void;

/** The unit of a feature follows from what it is: its limits are numbers in that unit. */
function checkUnit({ feature, unit }: CharacteristicSettings, wrong: Wrong): void {
  if (feature === undefined) return;
  const message = sayUnit(features.create(feature, {}).unit, unit);
  if (message !== '') wrong(['unit'], `'${feature.kind}' ${message}`);
}

function checkTolerance({ lsl, usl, nominal }: CharacteristicSettings, wrong: Wrong): void {
  if (lsl !== null && usl !== null && usl <= lsl) {
    wrong(['usl'], `usl (${usl}) must be above lsl (${lsl})`);
  } else if (nominal !== null && (nominal < (lsl ?? nominal) || nominal > (usl ?? nominal))) {
    wrong(['nominal'], `nominal (${nominal}) must lie inside lsl and usl`);
  }
}

function checkCharts(s: CharacteristicSettings, wrong: Wrong): void {
  const size = sizeOf(s.subgroup);
  const list = s.charts ?? [];
  const made = list.map((chart) => charts.create(chart, { size, lsl: s.lsl, usl: s.usl }));
  made.forEach(({ kind, sizes, scale, needsTolerance }, i) => {
    const at = ['charts', i, 'kind'];
    if (size < sizes.least || size > sizes.most) wrong(at, unsuited(kind, sizes));
    if (scale !== made[0]?.scale) {
      wrong(
        at,
        `'${kind}' and '${made[0]?.kind}' plot on different scales and cannot share limits;
        give a second characteristic a tag of its own on the same value`.replace(/\s+/g, ' '),
      );
    }
    if (needsTolerance === true && (s.lsl === null || s.usl === null)) {
      wrong(at, `chart '${kind}' draws its lines from the tolerance: give both lsl and usl`);
    }
  });
  list.forEach((chart, i) => {
    const named = Array.isArray(chart['spreadRules']) ? chart['spreadRules'] : [];
    const unknown = named.filter((rule) => !rules.names.includes(rule));
    if (unknown.length > 0) {
      const known = `there are: ${rules.names.join(', ')}`;
      wrong(['charts', i, 'spreadRules'], `there is no rule '${unknown.join("', '")}'; ${known}`);
    }
  });
  if (s.subgroup.kind === 'counts' && made[0] !== undefined && made[0].sigmaOf === undefined) {
    wrong(['charts', 0, 'kind'], `counts need a chart of counts first: p, np, c, u, laney-p …`);
  }
  if (new Set(list.map((chart) => chart.kind)).size < list.length) {
    wrong(['charts'], 'each kind of chart may be used once');
  }
}

function givesLines({ lsl, usl }: Row, chart: NonNullable<Row['charts']>[number]): boolean {
  return charts.create(chart, { size: 1, lsl, usl }).given !== undefined;
}

/** Anything that a chart with lines of its own would pass over in silence. */
function saysLimits({ limits }: Row): boolean {
  if (limits.kind === 'fixed') return true;
  const { subgroups, estimator, requireApproval } = limits;
  return subgroups !== undefined || estimator !== undefined || requireApproval;
}

/** What does not fit, and what to write instead. */
function unsuited(kind: string, { least, most }: { least: number; most: number }): string {
  const wanted = least === most ? `of ${least}` : `of at least ${least}`;
  const size = least === most ? `${least}` : `${Math.max(least, Math.min(5, most))}`;
  return `chart '${kind}' needs subgroups ${wanted}: write subgroup: { kind: by-count, size: ${size} }`;
}

function checkLimits(s: CharacteristicSettings, wrong: Wrong): void {
  const size = sizeOf(s.subgroup);
  const first = s.charts?.[0];
  if (first !== undefined && givesLines(s, first) && saysLimits(s)) {
    const words = `chart '${first.kind}' draws its lines from its own settings: leave limits out`;
    wrong(['limits'], words);
    return;
  }
  if (s.limits.kind === 'fixed') {
    const chart = charts.create(first ?? { kind: usualChart(s.subgroup) }, { size });
    if (s.limits.sigma === undefined && chart.sigmaOf === undefined) {
      wrong(['limits', 'sigma'], `chart '${chart.kind}' needs a sigma beside the center`);
    }
    return;
  }
  const { estimator } = s.limits;
  if (estimator !== undefined && (estimator === 'mrbar/d2') !== (size === 1)) {
    wrong(['limits', 'estimator'], `'${estimator}' does not suit subgroups of ${size}`);
  }
}
