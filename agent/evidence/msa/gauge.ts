/** Studies of one gauge against known values: type 1, bias, linearity. */
import { InputError } from '../../runtime/errors.ts';
import { biasStudy, linearityStudy, type1Study } from '../../spc/gage.ts';
import { checkNumbers } from '../study/data.ts';
import { gapless } from '../study/readings.ts';
import type { Table } from '../tables/table.ts';
import { type Columns, needed } from './columns.ts';
import type { MsaResult, MsaWish } from './result.ts';

const WANTED = 1.33;
const P_LIMIT = 0.05;

/** Repeated measurements of one master: Cg and Cgk against 1.33. */
export function type1(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const { values, reference } = against(table, columns, wish);
  if (wish.tolerance === null) {
    throw new InputError(`${table.file}: a type-1 study needs --tolerance, or --lsl and --usl`);
  }
  const study = type1Study(values, reference, wish.tolerance);
  const { cg, cgk } = study ?? { cg: null, cgk: null };
  const good = cg !== null && cgk !== null && cg >= WANTED && cgk >= WANTED;
  return {
    type: 'type1',
    size: { readings: values.length },
    tolerance: wish.tolerance,
    verdict: cg === null || cgk === null ? 'no verdict' : good ? 'acceptable' : 'not acceptable',
    reasons:
      cg === null || cgk === null
        ? ['All measurements are equal: the gauge is too coarse or stuck, Cg is not defined.']
        : [
            `Cg is ${cg.toFixed(2)}, Cgk ${cgk.toFixed(2)}; both must reach ${WANTED}.`,
            ...(cg >= WANTED && cgk < WANTED
              ? ['The spread is good; the gauge reads off: adjust it.']
              : []),
          ],
    figures: { reference, ...study },
    notes: few(values.length, 50),
  };
}

/** Is the mean of repeated measurements off the reference? */
export function bias(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const { values, reference } = against(table, columns, wish);
  const study = biasStudy(values, reference, wish.confidence);
  const p = study?.p ?? null;
  const share =
    wish.tolerance === null || study === null
      ? null
      : (100 * Math.abs(study.bias)) / wish.tolerance;
  return {
    type: 'bias',
    size: { readings: values.length },
    tolerance: wish.tolerance,
    verdict: p === null ? 'no verdict' : p < P_LIMIT ? 'not acceptable' : 'acceptable',
    reasons:
      p === null
        ? ['Too few or equal measurements: the bias cannot be tested.']
        : [
            `The bias of ${study?.bias.toPrecision(4)} is ${p < P_LIMIT ? 'real' : 'not distinguishable from 0'} (p = ${p.toPrecision(2)}).`,
            ...(share === null ? [] : [`It is ${share.toFixed(1)} % of the tolerance.`]),
          ],
    figures: { reference, ...study, pctTolerance: share },
    notes: few(values.length, 10),
  };
}

/** Does the bias change over the range? */
export function linearity(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const value = needed(table, columns, 'value', 'linearity');
  const reference = needed(table, columns, 'reference', 'linearity');
  checkNumbers(table, value);
  checkNumbers(table, reference);
  const rows = new Map<number, number[]>();
  for (let row = 0; row < table.rows; row += 1) {
    const at = reference.numbers[row] ?? Number.NaN;
    const x = value.numbers[row] ?? Number.NaN;
    if (Number.isNaN(at) || Number.isNaN(x)) continue;
    rows.set(at, [...(rows.get(at) ?? []), x]);
  }
  const references = [...rows.keys()].sort((a, b) => a - b);
  const study = linearityStudy(
    references,
    references.map((at) => rows.get(at) ?? []),
    wish.confidence,
  );
  if (study === null) {
    throw new InputError(`${table.file}: linearity needs at least two references with spread`);
  }
  const slopes = study.pSlope !== null && study.pSlope < P_LIMIT;
  const offset = study.pIntercept !== null && study.pIntercept < P_LIMIT;
  return {
    type: 'linearity',
    size: { references: references.length, readings: [...rows.values()].flat().length },
    tolerance: wish.tolerance,
    verdict: slopes || offset ? 'not acceptable' : 'acceptable',
    reasons: [
      slopes
        ? `The bias changes over the range (slope ${study.slope.toPrecision(4)}, p = ${study.pSlope?.toPrecision(2)}).`
        : 'The bias does not change over the range.',
      offset
        ? `The line does not pass through 0 (intercept ${study.intercept.toPrecision(4)}).`
        : 'There is no constant bias.',
    ],
    figures: { references, ...study },
    notes: references.length < 5 ? [`${references.length} references; 5 are usual.`] : [],
  };
}

function against(table: Table, columns: Columns, wish: MsaWish) {
  const value = needed(table, columns, 'value', 'this study');
  checkNumbers(table, value);
  const given = columns.reference === null ? [] : gapless(columns.reference.numbers);
  const reference = wish.reference ?? given[0];
  if (reference === undefined) {
    throw new InputError(`${table.file}: the value of the master is needed: --reference N`);
  }
  return { values: Array.from(gapless(value.numbers)), reference };
}

function few(n: number, usual: number): string[] {
  return n < usual ? [`${n} measurements; ${usual} are usual.`] : [];
}
