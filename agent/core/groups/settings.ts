import { z } from 'zod';
import { vectorCharts } from '../../charts/multivariate/index.ts';
import { duration } from '../../runtime/duration.ts';
import { firstDependent } from '../../spc/positive-definite.ts';

const baseline = z.strictObject({
  kind: z.literal('baseline'),
  subgroups: z
    .int()
    .min(5)
    .max(1000)
    .optional()
    .describe('points the limits are estimated from; 25 subgroups or 100 parts'),
  covariance: z
    .enum(['sample', 'successive'])
    .default('sample')
    .describe(
      'single parts: of all of them, or of successive differences, which a drift inflates less',
    ),
  requireApproval: z
    .boolean()
    .default(false)
    .describe('alarm only after a person has approved the estimated limits'),
});

const fixed = z.strictObject({
  kind: z.literal('fixed'),
  mean: z.array(z.number()).describe('mean of every characteristic, in their order and units'),
  covariance: z
    .array(z.array(z.number()))
    .describe('covariance of single parts: one row per characteristic, symmetric'),
});

/** Several characteristics of one part, charted together, as they stand in the settings file. */
export const groupSettings = z
  .strictObject({
    name: z.string().min(1).max(100).describe('what people call it'),
    characteristics: z
      .array(z.string())
      .min(2)
      .max(10)
      .describe('the characteristics that are measured of one and the same part'),
    join: z
      .string()
      .min(1)
      .default('sequence')
      .describe('what tells that readings are of one part: sequence, or a context such as serial'),
    openRows: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe('parts that may wait for their other readings; the oldest is dropped and counted'),
    subgroup: z
      .strictObject({
        size: z.int().min(1).max(25).default(1).describe('consecutive parts of one point'),
      })
      .prefault({})
      .describe('how parts are grouped'),
    charts: z
      .array(vectorCharts.schema)
      .min(1)
      .max(4)
      .prefault([{ kind: 't2' }])
      .describe('t2 when left out'),
    limits: z
      .discriminatedUnion('kind', [baseline, fixed])
      .prefault({ kind: 'baseline' })
      .describe('mean and covariance estimated from the first points, or given'),
    decimals: z.int().min(0).max(10).default(2).describe('digits shown after the point'),
    class: z.enum(['CC', 'SC', 'none']).default('none').describe('AIAG class of the group'),
    maxGap: duration('2h').describe('a longer pause ends runs and drops what is incomplete'),
    noDataAfter: duration('1h').describe('people are told after so long without a complete part'),
    reactionPlan: z.string().default('').describe('what the operator does when it alarms'),
  })
  .superRefine((s, context) => {
    const wrong = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    checkMembers(s, wrong);
    checkCharts(s, wrong);
    checkLimits(s, wrong);
  });

export type GroupSettings = z.output<typeof groupSettings>;

type Wrong = (path: PropertyKey[], message: string) => void;

/** Points that Phase I takes. */
export function pointsWanted({ limits, subgroup }: GroupSettings): number {
  const stated = limits.kind === 'baseline' ? limits.subgroups : 0;
  return stated ?? (subgroup.size === 1 ? 100 : 25);
}

function checkMembers({ characteristics }: GroupSettings, wrong: Wrong): void {
  characteristics.forEach((id, i) => {
    if (characteristics.indexOf(id) < i) {
      wrong(['characteristics', i], `'${id}' is named twice: a variable counts once`);
    }
  });
}

function checkCharts(s: GroupSettings, wrong: Wrong): void {
  const ids = s.characteristics;
  const { size } = s.subgroup;
  s.charts.forEach((chart, i) => {
    const { sizes, kind } = vectorCharts.create(chart, {
      ...{ ids, names: ids, size, covariance: 'sample' },
    });
    if (size < sizes.least) {
      const words = `needs more parts in a subgroup than there are variables`;
      wrong(['charts', i, 'kind'], `'${kind}' ${words}: write subgroup: { size: ${sizes.least} }`);
    }
  });
  if (new Set(s.charts.map((chart) => chart.kind)).size < s.charts.length) {
    wrong(['charts'], 'each kind of chart may be used once');
  }
}

function checkLimits(s: GroupSettings, wrong: Wrong): void {
  const p = s.characteristics.length;
  const { limits, subgroup } = s;
  if (limits.kind === 'baseline') {
    const m = pointsWanted(s);
    const degrees = subgroup.size === 1 ? m - 1 : m * (subgroup.size - 1);
    if (degrees < p + 1) {
      wrong(
        ['limits', 'subgroups'],
        `${m} points are too few for the covariance of ${p} variables`,
      );
    }
    return;
  }
  const { mean, covariance } = limits;
  if (mean.length !== p) wrong(['limits', 'mean'], `give ${p} means, one per characteristic`);
  if (covariance.length !== p || covariance.some((row) => row.length !== p)) {
    wrong(['limits', 'covariance'], `give ${p} rows of ${p} numbers`);
    return;
  }
  const odd = covariance.findIndex((row, i) => row.some((x, j) => x !== covariance[j]?.[i]));
  if (odd >= 0) {
    wrong(
      ['limits', 'covariance', odd],
      'a covariance is symmetric: row i, column j = row j, column i',
    );
    return;
  }
  const which = firstDependent(covariance);
  if (which !== null) {
    const words = 'has no variance, or follows from those before it: this cannot be inverted';
    wrong(['limits', 'covariance', which], `'${s.characteristics[which]}' ${words}`);
  }
}
