/** Does the gauge stay as it is? One master over time: control chart, drift, bias. */
import { InputError } from '../../runtime/errors.ts';
import type { ControlChart } from '../../spc/control-chart.ts';
import { type GaugeStability, gaugeStability } from '../../spc/gauge-stability.ts';
import { checkNumbers } from '../study/data.ts';
import { gapless } from '../study/readings.ts';
import type { Table } from '../tables/table.ts';
import { type Columns, levels, needed } from './columns.ts';
import type { MsaResult, MsaWish } from './result.ts';

const P_LIMIT = 0.05;
const USUAL = 20;

/** Repeats of one master, grouped by time, in the order of the file. */
export function stability(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const value = needed(table, columns, 'value', 'a stability study');
  const group = needed(table, columns, 'group', 'a stability study');
  checkNumbers(table, value);
  const names = levels(table, group);
  const place = new Map(names.map((name, i) => [name, i]));
  const groups: number[][] = names.map(() => []);
  for (let row = 0; row < table.rows; row += 1) {
    const x = value.numbers[row] ?? Number.NaN;
    if (!Number.isNaN(x)) groups[place.get(group.text(row)) as number]?.push(x);
  }
  const masters = new Set(columns.reference === null ? [] : gapless(columns.reference.numbers));
  const [given] = masters;
  const study = gaugeStability(groups, wish.reference ?? given ?? null);
  if (study === null) {
    throw new InputError(`${table.file}: a stability study needs readings at two times or more`);
  }
  const kept = names.filter((_, i) => (groups[i]?.length ?? 0) > 0);
  const { verdict, reasons } = judge(study, kept);
  return {
    type: 'stability',
    size: { times: study.subgroups, readings: groups.flat().length },
    tolerance: wish.tolerance,
    verdict,
    reasons,
    figures: {
      reference: wish.reference ?? given ?? null,
      ...study,
      times: kept,
      pctTolerance:
        study.bias === null || wish.tolerance === null
          ? null
          : (100 * Math.abs(study.bias.bias)) / wish.tolerance,
    },
    notes: [
      ...(study.subgroups < USUAL ? [`${study.subgroups} times; ${USUAL} to 25 are usual.`] : []),
      ...(names.length > kept.length ? ['Times without a reading are left out.'] : []),
      ...(masters.size > 1
        ? ['The column of the master holds several values: the first counts.']
        : []),
    ],
  };
}

function judge(study: GaugeStability, names: readonly string[]) {
  if (study.sigma === null || !(study.sigma > 0)) {
    const reasons = [
      study.sigma === null
        ? 'Too few repeats: sigma within cannot be estimated.'
        : 'Repeats at one time are all equal: the gauge is too coarse or stuck, there are no limits.',
    ];
    return { verdict: 'no verdict' as const, reasons };
  }
  const out = (chart: ControlChart, what: string) =>
    chart.beyond.length === 0
      ? []
      : [`${what} outside the limits: ${chart.beyond.map((i) => names[i] ?? i + 1).join(', ')}.`];
  const { drift, bias } = study;
  const drifts = drift?.p !== null && drift?.p !== undefined && drift.p < P_LIMIT;
  const biased = bias?.p !== null && bias?.p !== undefined && bias.p < P_LIMIT;
  const broken = [...out(study.location, 'Means'), ...out(study.spread, 'Spread')];
  const reasons = [
    ...(broken.length === 0 ? ['No point is outside its limits.'] : broken),
    drift === null || drift.p === null
      ? 'A drift cannot be tested: too few times.'
      : `${drifts ? 'The means drift' : 'There is no drift'} (slope ${drift.slope.toPrecision(3)} ` +
        `from one time to the next, p = ${drift.p.toPrecision(2)}).`,
    ...(bias === null
      ? []
      : [
          `The bias against the master of ${bias.bias.toPrecision(3)} is ` +
            `${biased ? 'real' : 'not distinguishable from 0'}.`,
        ]),
  ];
  const verdict = broken.length > 0 || drifts ? ('not acceptable' as const) : null;
  return {
    verdict: verdict ?? (biased ? ('conditional' as const) : ('acceptable' as const)),
    reasons,
  };
}
