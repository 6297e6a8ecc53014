/** Three-zone verdict of every piece: conform, not conform, not decidable (ISO 14253-1). */
import { InputError } from '../../runtime/errors.ts';
import {
  conformingZone,
  guardBand,
  conformity as judgeOne,
  type Zone,
} from '../../spc/conformity.ts';
import { checkNumbers } from '../study/data.ts';
import type { Table } from '../tables/table.ts';
import { type Columns, needed } from './columns.ts';
import type { MsaResult, MsaVerdict, MsaWish } from './result.ts';

interface Piece {
  part: string;
  value: number | null;
  zone: Zone | null;
  probability: number | null;
}

/** One measured value per row against limits drawn in by the guard band. */
export function conformity(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const { lsl, usl, standardUncertainty: u, risk } = wish;
  if (u === null) {
    throw new InputError(`${table.file}: the uncertainty is needed: --u N, or --expanded N`);
  }
  if (lsl === null && usl === null) {
    throw new InputError(`${table.file}: a limit is needed: --lsl N, --usl N or both`);
  }
  const guard = wish.guard ?? guardBand(u, risk);
  if (guard === null) {
    throw new InputError(`--risk ${risk}: the risk lies above 0 and is 0.5 at most`);
  }
  const value = needed(table, columns, 'value', 'the three-zone verdict');
  checkNumbers(table, value);
  const pieces = Array.from({ length: table.rows }, (_, row): Piece => {
    const x = value.numbers[row] ?? Number.NaN;
    const judged = judgeOne(x, { lsl, usl }, u, guard);
    return {
      part: columns.part?.text(row) ?? String(row + 1),
      value: Number.isNaN(x) ? null : x,
      zone: judged?.zone ?? null,
      probability: judged?.probability ?? null,
    };
  });
  const count = (zone: Zone | null) => pieces.filter((one) => one.zone === zone).length;
  const zones = {
    conform: count('conform'),
    notDecidable: count('not decidable'),
    notConform: count('not conform'),
  };
  const zone = conformingZone({ lsl, usl }, guard);
  return {
    type: 'conformity',
    size: { pieces: pieces.length, ...zones },
    tolerance: wish.tolerance,
    verdict: verdictOf(zones),
    reasons: [
      zone === null
        ? 'The guard bands leave no zone in which conformity can be proven: the gauge is too coarse.'
        : `Conformity is proven ${sayZone(zone)} (guard band ${Number(guard.toPrecision(4))}).`,
      `${zones.conform} conform, ${zones.notDecidable} cannot be decided, ` +
        `${zones.notConform} do not conform.`,
    ],
    figures: { u, guard, lsl, usl, conformingZone: zone, ...zones, pieces },
    notes: count(null) > 0 ? [`${count(null)} rows hold no value.`] : [],
  };
}

function verdictOf(zones: {
  conform: number;
  notDecidable: number;
  notConform: number;
}): MsaVerdict {
  if (zones.notConform > 0) return 'not acceptable';
  if (zones.notDecidable > 0) return 'conditional';
  return zones.conform > 0 ? 'acceptable' : 'no verdict';
}

function sayZone({ lsl, usl }: { lsl: number | null; usl: number | null }): string {
  const short = (x: number) => String(Number(x.toPrecision(7)));
  if (lsl === null) return `up to ${short(usl ?? 0)}`;
  return usl === null ? `from ${short(lsl)}` : `from ${short(lsl)} to ${short(usl)}`;
}
