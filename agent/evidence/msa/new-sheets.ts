/** Tables of stability, uncertainty and single pieces. */
import type { ControlChart } from '../../spc/control-chart.ts';
import type { Budget, Total } from '../../spc/uncertainty.ts';
import { figures, numberOr } from '../study/figures.ts';
import type { MsaResult, Sheet } from './result.ts';

const MOST_PIECES = 500;

/** The sheets of the kinds of study that have sheets of their own. */
export function sheetsOf({ type, figures: f }: MsaResult): Sheet[] {
  if (type === 'uncertainty') return budgetSheets(f as unknown as Budget);
  if (type === 'stability') return [stabilitySheet(f as unknown as Stability)];
  return type === 'conformity' ? [pieceSheet(f['pieces'] as Piece[])] : [];
}

function budgetSheets({ rows, system, process }: Budget): Sheet[] {
  const percent = (x: number | null) => (x === null ? '–' : `${x.toFixed(1)} %`);
  const total = (name: string, t: Total | null) =>
    t === null
      ? []
      : [[name, figures(t.u), figures(t.expanded), percent(t.q), figures(t.leastTolerance)]];
  return [
    {
      title: 'Uncertainty budget',
      header: ['influence', 'figure', 'form', 'u', 'in system', 'in process', 'share'],
      rows: rows.map((row) => [
        row.influence,
        figures(row.value),
        row.form,
        figures(row.u),
        row.inSystem ? 'yes' : 'no',
        row.inProcess ? 'yes' : 'no',
        percent(row.share),
      ]),
    },
    {
      title: 'Capability of the measurement',
      header: ['', 'u', 'U', 'Q', 'smallest tolerance'],
      rows: [...total('measuring system', system), ...total('measurement process', process)],
    },
  ];
}

interface Stability {
  times: string[];
  location: ControlChart;
  spread: ControlChart;
}

function stabilitySheet({ times, location, spread }: Stability): Sheet {
  const cell = (values: readonly (number | null)[], i: number) => numberOr(values[i] ?? null);
  return {
    title: 'Points',
    header: ['time', 'mean', 'LCL', 'UCL', 'spread', 'UCL of spread', ''],
    rows: times.map((time, i) => [
      time,
      cell(location.plotted, i),
      cell(location.lcl, i),
      cell(location.ucl, i),
      cell(spread.plotted, i),
      cell(spread.ucl, i),
      location.beyond.includes(i) || spread.beyond.includes(i) ? 'outside' : '',
    ]),
  };
}

interface Piece {
  part: string;
  value: number | null;
  zone: string | null;
  probability: number | null;
}

function pieceSheet(pieces: readonly Piece[]): Sheet {
  const shown = pieces.slice(0, MOST_PIECES);
  const left = pieces.length - shown.length;
  return {
    title: left > 0 ? `Pieces (the first ${MOST_PIECES} of ${pieces.length})` : 'Pieces',
    header: ['part', 'value', 'zone', 'chance of conformity'],
    rows: shown.map((one) => [
      one.part,
      numberOr(one.value),
      one.zone ?? 'no value',
      one.probability === null ? '–' : `${(100 * one.probability).toFixed(2)} %`,
    ]),
  };
}
