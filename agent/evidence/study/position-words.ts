/** A study of position as text. */
import { index, near, numberOr, percent } from './figures.ts';
import type { PositionStudy } from './position.ts';

/** A readable page: location and spread, stability, capability, what to be careful about. */
export function positionText(s: PositionStudy): string {
  const warnings = s.warnings.map(({ text }) => `  ! ${text}`);
  const parts = [
    [headOf(s), ...s.notes.map((note) => `  note: ${note}`)],
    ['Parts', ...pairs(partsOf(s))],
    [
      `Stability: ${s.verdict.toUpperCase()}`,
      `  along x: ${s.stability.x.verdict} — ${s.stability.x.reason}`,
      `  along y: ${s.stability.y.verdict} — ${s.stability.y.reason}`,
    ],
    ['Capability', ...pairs(capabilityOf(s))],
    warnings.length === 0 ? ['No warnings.'] : ['Warnings', ...warnings],
  ];
  return parts.map((part) => part.join('\n')).join('\n\n');
}

/** The first line: what was asked. */
export function headOf({ x, y, tolerance, bonus }: PositionStudy): string {
  const more = bonus === null ? '' : `, bonus ${bonus.min} to ${bonus.max}`;
  return `Position of '${x}' and '${y}': zone of diameter ${tolerance}${more}`;
}

/** Location and spread, as names and values. */
export function partsOf({ n, missing, capability: c, reason }: PositionStudy): [string, string][] {
  const count: [string, string] = ['n', `${n}${missing > 0 ? `, ${missing} missing` : ''}`];
  if (c === null) return [count, ['fit', `none: ${reason}`]];
  return [
    count,
    ['mean deviation', `${near(c.meanX, c.sdX)}, ${near(c.meanY, c.sdY)}`],
    [
      'sd',
      `${numberOr(c.sdX)}, ${numberOr(c.sdY)}   correlation ${Number(c.correlation.toFixed(2))}`,
    ],
  ];
}

/** Indices with what they mean, as names and values. */
export function capabilityOf(s: PositionStudy): [string, string][] {
  const { capability: c, bound, confidence, mmc } = s;
  if (c === null) return [['Pok', `–   ${s.reason}`]];
  const far = c.pok === null ? '   the share outside is 0 or 1 in this arithmetic' : '';
  const low =
    bound === null ? '' : `   lower bound (one-sided ${percent(confidence)}) ${index(bound)}`;
  return [
    ['Pok', `${index(c.pok)}${low}${far}`],
    ['', 'Φ⁻¹((1 + p)/2)/3, p the share of a bivariate normal fit inside the zone'],
    ['', 'bound: delta method, approximate'],
    ['Poc', `${index(c.poc)}   the same with the mean on true position`],
    [
      'radial Ppk',
      mmc === null
        ? `${index(c.radialPpk)}   (R − r50)/(r99.865 − r50) of the fitted distance r`
        : '–   a bonus moves the limit of each part',
    ],
    ['ppm outside', `observed ${ppm(c.observedOutside)}, expected ${ppm(c.outside)}`],
  ];
}

function ppm(share: number): string {
  const x = 1e6 * share;
  return x === 0 ? '0' : x >= 10 ? x.toFixed(0) : x >= 0.01 ? x.toFixed(2) : x.toExponential(1);
}

const pairs = (rows: readonly [string, string][]) =>
  rows.map(([name, value]) => `  ${name.padEnd(15)}${value}`);
