/** Sampling plans and lots in words. */
import type { CurvePoint } from '../../spc/sampling-curves.ts';
import type { Switching } from '../../spc/switching.ts';
import type { LotVerdict } from './lots.ts';
import type { SamplingAdvice } from './plan.ts';

/** The plans for one lot. */
export function samplingText(advice: SamplingAdvice): string {
  const { single, double, variables, matched, zero, skip, aoql } = advice;
  const lines = [
    `Lot of ${advice.lot}, AQL ${advice.aql}, level ${advice.level}, ${advice.severity} inspection`,
    '',
    single.plan === null
      ? `single:    – (${single.reason})`
      : `single:    letter ${single.plan.letter}: ${advice.wholeLot ? 'inspect the whole lot' : `sample ${single.plan.n}`}, ` +
        `accept up to ${single.plan.ac}, reject from ${single.plan.re}` +
        (single.plan.re > single.plan.ac + 1
          ? '; between them accept, and go back to normal inspection'
          : ''),
    double.plan === null
      ? `double:    – (${double.reason})`
      : `double:    ${double.plan.n} + ${double.plan.n}: accept up to ${double.plan.ac1}, reject from ` +
        `${double.plan.re1}; then of both accept up to ${double.plan.ac2}, reject from ${double.plan.re2}`,
    variables.plan === null
      ? `variables: – (${variables.reason})`
      : `variables: letter ${variables.plan.letter} of Z1.9: measure ${variables.plan.n}, accept when ` +
        `(limit − mean)/s is at least ${variables.plan.k}`,
    ...(matched === null
      ? []
      : [
          `matched:   measure ${matched.n}, k = ${matched.k.toFixed(3)}: as strict as the single plan ` +
            `(95 % at ${percent(matched.p95)}, 10 % at ${percent(matched.p10)})`,
        ]),
    zero === null
      ? 'zero:      – (no such plan)'
      : `zero:      sample ${zero.n}, accept on 0: lots with ${percent(zero.limit)} bad pass with ` +
        `${percent(zero.paAtLimit)}`,
    ...(skip === null ? [] : [skipLine(skip)]),
    ...curveLines(advice.curve),
    ...(aoql === null
      ? []
      : [
          `worst average outgoing quality: ${percent(aoql.aoql)} at ${percent(aoql.p)} (rejected lots sorted)`,
        ]),
  ];
  return lines.join('\n');
}

/** The lots under the switching rules. */
export function lotsText(lots: readonly LotVerdict[], state: Switching): string {
  const rows = lots.map((one) => [
    one.lot,
    String(one.size),
    one.severity,
    one.n === null ? '–' : `${one.n}`,
    one.ac === null ? '–' : `${one.ac}/${one.re}`,
    String(one.bad),
    one.accepted === null ? '–' : one.accepted ? 'accepted' : 'REJECTED',
    String(one.score),
    one.next === null ? (one.reason ?? '') : `→ ${one.next}`,
  ]);
  const header = ['lot', 'size', 'inspection', 'n', 'Ac/Re', 'bad', '', 'score', ''];
  return [...aligned([header, ...rows]), '', `next lot: ${state.severity} inspection`].join('\n');
}

function skipLine(skip: NonNullable<SamplingAdvice['skip']>): string {
  const long =
    skip.atAql === null
      ? ''
      : `; at the AQL ${percent(skip.atAql.inspected)} of the lots are inspected`;
  return `skip-lot:  after ${skip.clearing} lots accepted in a row inspect ${percent(skip.fraction)} of them, drawn by chance${long}`;
}

function curveLines(curve: SamplingAdvice['curve']): string[] {
  if (curve.every((row) => row.single === null)) return [];
  const cell = (x: number | null | undefined, digits: number) =>
    x === null || x === undefined ? '–' : x.toFixed(digits);
  const rows = curve.map(({ p, single, double }: SamplingAdvice['curve'][number]) => [
    percent(p),
    ...[single, double].map((one: CurvePoint | null) =>
      cell(one === null ? null : 100 * one.pa, 1),
    ),
    cell(single?.asn, 0),
    cell(double?.asn, 1),
    cell(single === null || single.aoq === null ? null : 100 * single.aoq, 3),
    cell(single?.ati, 0),
  ]);
  const header = ['bad', '% accepted', 'double', 'ASN', 'double', 'AOQ %', 'ATI'];
  return ['', ...aligned([header, ...rows]), ''];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  return rows.map((r) =>
    r
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
