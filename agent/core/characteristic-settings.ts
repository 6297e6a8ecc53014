import { z } from 'zod';
import { charts } from '../charts/index.ts';
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
  sigma: z.number().positive().describe('standard deviation of single readings, in the unit'),
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
  subgroup: subgroupers.schema
    .default({ kind: 'by-count', size: 5 })
    .describe('how readings are grouped; size 1 for individuals'),
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
export const characteristicSettings = row.superRefine((s, context) => {
  const wrong = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  checkTolerance(s, wrong);
  checkCharts(s, wrong);
  const size = sizeOf(s.subgroup);
  const estimator = s.limits.kind === 'baseline' ? s.limits.estimator : undefined;
  if (estimator !== undefined && (estimator === 'mrbar/d2') !== (size === 1)) {
    wrong(['limits', 'estimator'], `'${estimator}' does not suit subgroups of ${size}`);
  }
});

export type CharacteristicSettings = z.output<typeof row>;

/** Readings of one full subgroup. */
function sizeOf(subgroup: CharacteristicSettings['subgroup']): number {
  return subgroupers.create(subgroup, {}).size;
}

type Wrong = (path: PropertyKey[], message: string) => void;

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
  list.forEach((chart, i) => {
    const { least, most } = charts.create(chart, { size }).sizes;
    if (size < least || size > most) {
      const wanted = least === most ? `of ${least}` : `of at least ${least}`;
      wrong(['charts', i, 'kind'], `chart '${chart.kind}' needs subgroups ${wanted}`);
    }
    const named = Array.isArray(chart['spreadRules']) ? chart['spreadRules'] : [];
    const unknown = named.filter((rule) => !rules.names.includes(rule));
    if (unknown.length > 0) {
      const known = `there are: ${rules.names.join(', ')}`;
      wrong(['charts', i, 'spreadRules'], `there is no rule '${unknown.join("', '")}'; ${known}`);
    }
  });
  if (new Set(list.map((chart) => chart.kind)).size < list.length) {
    wrong(['charts'], 'each kind of chart may be used once');
  }
}
