/** The validation record as text, and the words it shares with the printed one. */
import type { KindResult, ValidationRecord } from './validate.ts';

export const PURPOSE =
  'Verification of software used for process control and evidence (IATF 16949, 7.1.5.2.1): ' +
  'numbers that were published, or computed with other programs, are computed again on the ' +
  'installed program and compared.';

const NAMES: Record<string, string> = {
  constants: 'control chart constants',
  moments: 'mean, standard deviation, autocorrelation',
  'chart-xbar': 'X-bar, R and s charts, sigma estimators',
  'chart-imr': 'individuals and moving range',
  'chart-p': 'p chart',
  'chart-laney-p': "Laney p' chart",
  'chart-c': 'c chart',
  'chart-u': 'u chart',
  'chart-cusum': 'CUSUM',
  'chart-ewma': 'EWMA',
  mewma: 'MEWMA',
  hotelling: 'Hotelling T2',
  rules: 'run rules, as the live charts apply them',
  capability: 'capability indices and intervals',
  'capability-summary': 'capability from summary figures',
  normality: 'tests of normality',
  gof: 'tests of a stated distribution',
  'capability-nonnormal': 'fits and percentile indices, twelve families',
  boxcox: 'Box-Cox transformation',
  johnson: 'Johnson transformation',
  bias: 'gage bias',
  linearity: 'gage linearity',
  kappa: 'agreement (kappa)',
  grr: 'gage R&R',
  'grr-nested': 'gage R&R, nested',
  'attribute-agreement': 'agreement with the reference',
  'gauge-stability': 'stability of a gauge',
  'gauge-share': 'capability without the gauge',
  uncertainty: 'uncertainty budget',
  conformity: 'three-zone verdict',
  'oc-attributes': 'operating characteristics',
  'oc-outgoing': 'average outgoing quality',
  'plan-aql': 'sampling plans by AQL',
  'plan-attributes': 'sampling plans through two points',
  'plan-zero': 'accept-on-zero plans',
  'tolerance-factor': 'tolerance factors',
  position: 'position with its indices',
  'position-share': 'position: share outside a zone',
  'bound-one-limit': 'exact lower bounds, and of the posterior',
  'interval-proportion': 'limits of a proportion',
  'interval-defects': 'limits of defects per unit',
  homogeneity: 'equal means, equal variances',
  'threshold-fit': 'three-parameter distributions',
  'time-model': 'models over time (ISO 22514-2)',
  'arl-rules': 'run lengths of rules, exact',
  'arl-ewma': 'run lengths of EWMA',
  'arl-cusum': 'run lengths of CUSUM',
  'arl-mewma-shifted': 'run lengths of MEWMA',
  'arl-pair': 'run lengths of pairs of charts',
  'arl-zone': 'run lengths of zone charts',
  'arl-simulated': 'run lengths of rules, simulated',
};

/** What a kind of calculation is called. */
export const nameOf = (kind: string): string => NAMES[kind] ?? kind;

/** A deviation as people read it; 0 is exact, '-' when nothing of that sort was compared. */
export function sayDeviation(x: number | null): string {
  if (x === null) return '-';
  return x === 0 ? '0' : x.toExponential(1);
}

/** Share of what is allowed, in percent. */
export function sayShare(x: number | null): string {
  return x === null ? '-' : `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %`;
}

/** One line of numbers that says it all. */
export function sayVerdict(record: ValidationRecord): string {
  const { cases, values, failed, verdict } = record;
  return (
    `${verdict.toUpperCase()}: ${cases - failed} of ${cases} cases agree ` +
    `(${values} numbers and facts compared)`
  );
}

/** The record for the screen. */
export function recordText(record: ValidationRecord): string {
  const row = (kind: KindResult) =>
    [
      `  ${nameOf(kind.kind).padEnd(46)}`,
      String(kind.cases).padStart(5),
      String(kind.values).padStart(7),
      sayDeviation(kind.largestRelative).padStart(11),
      sayShare(kind.largestShare).padStart(11),
      kind.failed > 0 ? `  ${kind.failed} FAILED` : '',
    ].join(' ');
  const head = `  ${'calculation'.padEnd(46)} cases  values   deviation  of allowed`;
  return [
    `Validation of ${record.program} ${record.version}`,
    `${record.date}, Node ${record.node}, ${record.platform}`,
    PURPOSE,
    '',
    head,
    ...record.kinds.map(row),
    '',
    ...record.sets.map((set) => `${set.title}: ${set.cases - set.failed} of ${set.cases}`),
    ...record.failures.map(
      (f) => `wrong: ${f.set}: ${f.name} ${f.path}: expected ${f.expected}, got ${f.actual}`,
    ),
    '',
    sayVerdict(record),
  ].join('\n');
}
