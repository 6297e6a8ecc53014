/** A study of counts as text, and what to be careful about. */
import type { CountedStudy } from './counted.ts';
import { figures, percent } from './figures.ts';
import type { Warning } from './warnings.ts';

/** A readable page. */
export function countedText(s: CountedStudy): string {
  const pairs = (rows: readonly [string, string][]) =>
    rows.map(([name, value]) => `  ${name.padEnd(19)}${value}`);
  const signals = s.signals
    .slice(0, 8)
    .map(({ rule, point, value }) => `  row ${point}: ${figures(value)}: ${rule}`);
  const more = s.signals.length > 8 ? [`  and ${s.signals.length - 8} more (see --json)`] : [];
  const warnings = s.warnings.map(({ text }) => `  ! ${text}`);
  const parts = [
    [countedHead(s)],
    ['Counted', ...pairs(countedRows(s))],
    [`Stability: ${s.verdict.toUpperCase()} — ${s.reason}`, `  ${chartOf(s)}`, ...signals, ...more],
    ['Capability', ...pairs(rateRows(s))],
    warnings.length === 0 ? ['No warnings.'] : ['Warnings', ...warnings],
  ];
  return parts.map((part) => part.join('\n')).join('\n\n');
}

/** The first line: what was counted. */
export function countedHead({ kind, name }: CountedStudy): string {
  return kind === 'proportion' ? `Nonconforming units: '${name}'` : `Defects per unit: '${name}'`;
}

/** What was counted, as names and values. */
export function countedRows(s: CountedStudy): [string, string][] {
  const what = s.kind === 'proportion' ? 'nonconforming' : 'defects';
  return [
    ['rows', `${s.rows}${s.missing > 0 ? `, ${s.missing} missing` : ''}`],
    [what, `${s.count} in ${figures(s.units)} units`],
    [
      'variation',
      `${s.sigmaZ === null ? '–' : s.sigmaZ.toFixed(2)} of what chance gives (sigma z)`,
    ],
  ];
}

/** Rate, interval, bound and z, as names and values. */
export function rateRows(s: CountedStudy): [string, string][] {
  const { rate, bound, confidence, z, zBound, kind } = s;
  if (rate === null) return [['rate', '–   nothing was inspected']];
  const method = kind === 'proportion' ? 'Clopper-Pearson' : 'chi-square (Garwood 1936)';
  const tail = kind === 'proportion' ? 'p' : '1 − exp(−u)';
  const least = bound === null ? '–' : figures(bound);
  return [
    [kind === 'proportion' ? 'proportion' : 'defects per unit', figures(rate.value)],
    ['', `interval ${percent(confidence)}: ${figures(rate.lower)} to ${figures(rate.upper)}`],
    ['', `upper bound (one-sided ${percent(confidence)}): ${least}   ${method}`],
    [
      'per million',
      `${figures(1e6 * rate.value)}, at most ${bound === null ? '–' : figures(1e6 * bound)}`,
    ],
    ['yield', s.yield === null ? '–' : percent(s.yield)],
    ['Z', `${zText(z)}, at least ${zText(zBound)}   upper tail ${tail}; no 1.5 is added`],
  ];
}

/** How the rows were judged. */
export function chartOf({ chart, exactLimits }: CountedStudy): string {
  const limits = exactLimits ? 'limits by probability (fewer than 9 expected)' : '3-sigma limits';
  return `${chart} chart, ${limits}, and nine in a row on one side`;
}

const zText = (z: number | null) => (z === null ? '–' : z.toFixed(2));
const LIKE_CHANCE: readonly [number, number] = [0.8, 1.2];
const FEWEST = 25;

/** Warnings, the gravest first. */
export function countedWarnings(s: CountedStudy): Warning[] {
  const said: Warning[] = [];
  const warn = (code: string, text: string) => said.push({ code, text });
  if (s.verdict === 'unstable') {
    warn('unstable', `The process is unstable (${s.reason}). The rate describes only these rows.`);
  }
  if (s.verdict === 'not judged') {
    warn('not-judged', `Stability was not judged (${s.reason}): no capability can be claimed.`);
  }
  const [low, high] = LIKE_CHANCE;
  if (s.sigmaZ !== null && s.count > 0 && s.sigmaZ > high) {
    warn(
      'overdispersed',
      `The rows vary ${s.sigmaZ.toFixed(2)} times as much as chance allows: the interval is too ` +
        `narrow. Look for what differs, or chart with Laney's ${s.chart}′.`,
    );
  }
  if (s.sigmaZ !== null && s.count > 0 && s.sigmaZ < low) {
    warn(
      'underdispersed',
      `The rows vary only ${s.sigmaZ.toFixed(2)} times as much as chance gives: are they sorted, ` +
        'mixed, or not counted independently?',
    );
  }
  if (s.rateOnSize?.p != null && s.rateOnSize.p < 0.01) {
    warn('size', 'The rate depends on how much was inspected: one rate for all misleads.');
  }
  if (s.count === 0) {
    warn('none-found', 'Nothing was found: only the upper bound says something.');
  }
  if (s.rows < FEWEST) warn('few', `${s.rows} rows are fewer than the usual ${FEWEST}.`);
  if (s.missing > 0) warn('missing', `${s.missing} rows lack a number and were left out.`);
  return said;
}
