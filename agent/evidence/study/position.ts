/** A study of position (GD&T): two coordinates of a feature, a round zone, a bonus per part. */
import { InputError } from '../../runtime/errors.ts';
import { type PositionCapability, positionCapability, zoneRadii } from '../../spc/position.ts';
import { pokLower } from '../../spc/position-bound.ts';
import { meanOf } from '../../spc/summation.ts';
import type { Column, Table } from '../tables/table.ts';
import { checkNumbers, columnOf } from './data.ts';
import type { Judged } from './judging.ts';
import { gapless } from './readings.ts';
import { withinSigma } from './sigma.ts';
import { judgeStability, type Stability, type Verdict } from './stability.ts';
import type { Warning } from './warnings.ts';

export interface PositionWish {
  /** columns of the two coordinates, and of the bonus */
  x: string;
  y: string;
  mmc: string | undefined;
  /** true position; 0, 0 when the columns hold deviations */
  nominal: readonly [number, number];
  /** diameter of the zone at maximum material */
  diameter: number;
  confidence: number;
  rules: string;
}

export interface PositionStudy {
  kind: 'position';
  x: string;
  y: string;
  mmc: string | null;
  nominal: readonly [number, number];
  tolerance: number;
  confidence: number;
  n: number;
  missing: number;
  /** null with a reason where nothing can be fitted */
  capability: PositionCapability | null;
  reason: string | null;
  /** one-sided lower bound of Pok */
  bound: number | null;
  /** smallest and largest bonus of a part */
  bonus: { min: number; max: number } | null;
  verdict: Verdict;
  stability: { x: Stability; y: Stability };
  warnings: Warning[];
  notes: string[];
}

/** What only the page needs beside the study: deviations, and the charts of both coordinates. */
export interface PositionDetail {
  study: PositionStudy;
  dx: number[];
  dy: number[];
  judged: { x: Judged | null; y: Judged | null };
}

/** Study of the parts of a table, one row each; throws InputError when the table does not say. */
export function positionStudy(table: Table, wish: PositionWish): PositionDetail {
  const x = numbersOf(table, wish.x, '--position');
  const y = numbersOf(table, wish.y, '--position');
  const mmc = wish.mmc === undefined ? null : numbersOf(table, wish.mmc, '--mmc');
  if (x === y) throw new InputError(`--position ${wish.x},${wish.y}: two columns are needed`);
  if (mmc !== null) checkBonus(table, mmc);
  const ofX = x.numbers.map((v) => v - wish.nominal[0]);
  const ofY = y.numbers.map((v) => v - wish.nominal[1]);
  const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) =>
    [ofX[i], ofY[i], mmc === null ? 0 : mmc.numbers[i]].every((v) => Number.isFinite(v)),
  );
  const pick = (column: Float64Array) => rows.map((i) => column[i] as number);
  const [dx, dy, bonus] = [pick(ofX), pick(ofY), mmc === null ? null : pick(mmc.numbers)];
  const { diameter, confidence, rules } = wish;
  const capability = positionCapability(dx, dy, diameter, bonus);
  const [alongX, alongY] = [judged(ofX, rules), judged(ofY, rules)];
  const study: PositionStudy = {
    ...{ kind: 'position', x: x.name, y: y.name, mmc: mmc?.name ?? null },
    ...{ nominal: wish.nominal, tolerance: diameter, confidence },
    ...{ n: rows.length, missing: table.rows - rows.length, capability },
    reason: capability === null ? reasonOf(dx, dy) : null,
    bound: capability && pokLower(capability, zoneRadii(diameter, bonus), confidence),
    bonus: bonus?.length ? rangeOfBonus(bonus) : null,
    verdict: worse(alongX.stability.verdict, alongY.stability.verdict),
    stability: { x: alongX.stability, y: alongY.stability },
    ...{ warnings: [], notes: notesOf(wish) },
  };
  study.warnings = warningsOf(study);
  return { study, dx, dy, judged: { x: alongX.judged, y: alongY.judged } };
}

function numbersOf(table: Table, name: string, option: string): Column {
  const column = columnOf(table, name, option);
  checkNumbers(table, column);
  return column;
}

function checkBonus(table: Table, column: Column): void {
  const row = column.numbers.findIndex((bonus) => bonus < 0);
  if (row < 0) return;
  throw new InputError(
    `${table.file}: row ${table.rowInFile(row)}, column '${column.name}': a bonus of ` +
      `${column.numbers[row]} is below 0 — it is the departure from maximum material, which only widens`,
  );
}

function rangeOfBonus(bonus: readonly number[]) {
  const ends = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  for (const one of bonus) {
    ends.min = Math.min(ends.min, one);
    ends.max = Math.max(ends.max, one);
  }
  return ends;
}

/** Each coordinate is judged as individuals in the order of the parts. */
function judged(values: Float64Array, rules: string) {
  const { sigma, estimator } = withinSigma(values, null, undefined);
  const center = meanOf(gapless(values));
  return judgeStability({ values, bounds: null, center, sigma, estimator, rules });
}

function reasonOf(dx: readonly number[], dy: readonly number[]): string {
  if (dx.length < 3) return `${dx.length} whole parts; at least three are needed`;
  const flat = (list: readonly number[]) => list.every((v) => v === list[0]);
  if (flat(dx) || flat(dy)) return 'a coordinate does not vary: no distribution in two coordinates';
  return 'the coordinates lie on one line: no distribution in two coordinates';
}

function worse(a: Verdict, b: Verdict): Verdict {
  const order: Verdict[] = ['unstable', 'not judged', 'stable'];
  return order.find((verdict) => verdict === a || verdict === b) ?? 'not judged';
}

function notesOf({ mmc, nominal }: PositionWish): string[] {
  const [x, y] = nominal;
  const origin = x === 0 && y === 0 ? 'deviations from it' : `coordinates; it lies at ${x}, ${y}`;
  return [
    `true position: the columns hold ${origin}`,
    ...(mmc === undefined ? [] : [`the zone of each part is wider by its '${mmc}'`]),
  ];
}

const ENOUGH = 100;

function warningsOf({ verdict, stability, n, missing, capability, bound }: PositionStudy) {
  const said: Warning[] = [];
  const warn = (code: string, text: string) => said.push({ code, text });
  const reasons = `along x: ${stability.x.reason}; along y: ${stability.y.reason}`;
  if (verdict === 'unstable') {
    warn('unstable', `The process is unstable (${reasons}). Capability cannot be claimed.`);
  }
  if (verdict === 'not judged') {
    warn('not-judged', `Stability was not judged (${reasons}): no capability can be claimed.`);
  }
  if (n < ENOUGH) warn('few', `${n} parts are fewer than the usual ${ENOUGH}: look at the bound.`);
  if (capability?.outside === 0) warn('far', 'The fitted share outside is 0 in this arithmetic.');
  if (capability?.pok != null && bound === null) warn('no-bound', 'No bound could be computed.');
  if (missing > 0) warn('missing', `${missing} parts lack a number and were left out.`);
  return said;
}
