/** What to do about a chart, in sentences and in lines for the settings file. */
import type { Facts } from './facts.ts';
import type { Advice, AdvisedChart } from './observations.ts';
import { say } from './say.ts';
import { measurementLines } from './settings-lines.ts';

/** The proposal for a chart; `settings` only where the agent draws it live. */
export function propose(
  chart: AdvisedChart,
  companion: Advice['companion'],
  facts: Facts,
): Pick<Advice, 'proposal' | 'settings'> {
  return {
    proposal: {
      chart: companion === null ? NAMES[chart] : `${NAMES[chart]}, with an EWMA beside it`,
      limits: limitsOf(chart, facts),
      rules: rulesOf(chart, facts, companion),
      sampling: samplingOf(chart, facts),
    },
    settings: measurementLines(chart, companion, facts),
  };
}

const NAMES: Record<AdvisedChart, string> = {
  np: 'np chart',
  p: 'p chart',
  'laney-p': "Laney p' chart",
  c: 'c chart',
  u: 'u chart',
  'laney-u': "Laney u' chart",
  g: 'g chart',
  dnom: 'Deviation from nominal (DNOM), one chart for all parts',
  'z-mr': 'Z-MR chart: each part by its own mean and sigma',
  q: 'Self-starting Q chart',
  group: 'Group chart: highest and lowest stream of every sample',
  'xbar-r': 'X̄-R chart',
  'xbar-s': 'X̄-s chart',
  imr: 'Individuals and moving range',
  'between-within':
    'Three-way chart: means as individuals, their moving range, and the spread within',
  residual: 'Residual chart: what the last point could not foretell',
  regression: 'Regression chart: distance from the wear line, with a counter of tool life',
  transformed: 'Individuals on transformed readings, or with quantile limits',
};

function limitsOf(chart: AdvisedChart, f: Facts): string {
  const sigma = say(f.sigma);
  switch (chart) {
    case 'dnom':
      return `Nominal of each part ± 3 sigma, one sigma for the family (${sigma}).`;
    case 'z-mr':
      return '±3 for the individuals, 3.686 for their moving range.';
    case 'q':
      return '±3 on the Q scale from the third piece on; fixed limits when 100 pieces are there.';
    case 'group':
      return `±${say(groupWidth(f.streams.names))} sigma, so that ${f.streams.names} streams together ring as rarely as one at 3 sigma.`;
    case 'between-within':
      return 'From the moving range of the means; the spread within has limits of its own.';
    case 'residual':
      return 'Fit the dependence on 25 × 4 points or more, then ±4 sigma of the residuals.';
    case 'regression':
      return `Sloping line ± 3 sigma about it (${sigma}); the line starts anew with every tool.`;
    case 'transformed':
      return `Quantiles at 0.135 %, 50 % and 99.865 % of ${f.shape.family ?? 'the fitted law'}.`;
    default:
      return `3 sigma within (${sigma}, by ${f.estimator}), learned from ${
        f.subgroups === null ? '100 readings' : '25 subgroups'
      }, then frozen and given a version.`;
  }
}

/** 3 sigma for one stream at the same rate of false alarms for all (two-sided). */
function groupWidth(streams: number): number {
  const table: [number, number][] = [
    [2, 3.21],
    [4, 3.4],
    [8, 3.58],
    [16, 3.76],
  ];
  return (table.find(([most]) => streams <= most) ?? table[3])?.[1] ?? 3.76;
}

function rulesOf(chart: AdvisedChart, f: Facts, companion: Advice['companion']): string {
  if (chart === 'residual' || (f.r1 ?? 0) > 0.2) {
    return 'The limits alone: run rules ring falsely where neighbours are alike.';
  }
  if (companion !== null) {
    return 'The limits alone and the EWMA: faster than more rules at the same rate of false alarms.';
  }
  return 'The limits alone; further rules only where someone acts on them.';
}

function samplingOf(chart: AdvisedChart, f: Facts): string {
  if (f.memory !== null && (f.r1 ?? 0) > 0.2) {
    return `Take one point in every ${Math.ceil(3 * f.memory)}; until then the ${say(
      f.n,
    )} readings count as ${say(f.effective)}.`;
  }
  if (chart === 'regression') {
    return 'At least 4 samples in a tool life, and five pieces after every change.';
  }
  if (f.subgroups !== null) return 'Subgroups as now, all pieces of one inside one stream.';
  return 'As now; where several pieces can be had at once, subgroups of 4 or 5 see more.';
}
