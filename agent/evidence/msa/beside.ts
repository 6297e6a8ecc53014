/** What goes with every study of numbers: the step of the gauge, and capability without the gauge. */
import { actualCp } from '../../spc/gage.ts';
import { resolution, resolutionWarnings } from '../../spc/resolution.ts';
import { subgroupSigma } from '../../spc/sigma.ts';
import type { Table } from '../tables/table.ts';
import type { Columns } from './columns.ts';
import type { MsaResult, MsaWish } from './result.ts';

/** The result with `resolution` and, when asked for, `capability` among its figures. */
export function withBeside(
  result: MsaResult,
  table: Table,
  columns: Columns,
  wish: MsaWish,
): MsaResult {
  const measured = MEASURED.has(result.type);
  const step = measured ? stepOf(table, columns, wish) : null;
  const capability = wish.observedCp === null ? null : withoutGauge(result, wish.observedCp);
  return {
    ...result,
    figures: {
      ...result.figures,
      ...(measured ? { resolution: step } : {}),
      ...(capability === null ? {} : { capability: capability.figures }),
    },
    notes: [
      ...result.notes,
      ...(step === null ? [] : resolutionWarnings(step)),
      ...(capability === null ? [] : [capability.note]),
    ],
  };
}

const MEASURED = new Set<MsaResult['type']>([
  'grr',
  'nested',
  'type1',
  'bias',
  'linearity',
  'stability',
]);

function stepOf(table: Table, columns: Columns, wish: MsaWish) {
  const { value } = columns;
  if (value === null) return null;
  const keys = [columns.part, columns.operator, columns.group, columns.reference];
  const cells = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row += 1) {
    const x = value.numbers[row] ?? Number.NaN;
    if (Number.isNaN(x)) continue;
    const key = keys.map((column) => column?.text(row) ?? '').join('\n');
    const cell = cells.get(key) ?? [];
    cell.push(x);
    cells.set(key, cell);
  }
  const groups = [...cells.values()];
  // One long series of repeats has no R chart.
  const subgroups = groups.length > 1 && groups.some((one) => one.length > 1) ? groups : undefined;
  return resolution(groups.flat(), {
    step: wish.resolution,
    tolerance: wish.tolerance,
    ...(subgroups === undefined ? {} : { subgroups }),
    sigmaWithin: groups.some((one) => one.length > 1)
      ? subgroupSigma('pooled-uncorrected', groups)
      : null,
  });
}

/** 1/Cp_obs² = 1/Cp² + (6 s/T)²: what the index would be if the gauge added nothing. */
function withoutGauge(result: MsaResult, observed: number) {
  const sd = gaugeSd(result.figures);
  const { tolerance } = result;
  const without = sd === null || tolerance === null ? null : actualCp(observed, sd, tolerance);
  const reason =
    tolerance === null
      ? 'Capability without the gauge needs a tolerance.'
      : sd === null
        ? 'This study gives no sigma of the gauge: capability without it is not defined.'
        : 'The gauge alone would give a smaller index than the observed one: they do not belong together.';
  const note =
    without === null
      ? reason
      : `Observed Cp ${observed}; without the gauge's share it would be ${without.toFixed(2)}. ` +
        'This explains, it proves nothing: the observed index counts.';
  return { figures: { observed, sdGauge: sd, withoutGauge: without }, note };
}

/** Sigma of the measurement from whatever the study estimates. */
function gaugeSd(figures: Record<string, unknown>): number | null {
  const components = figures['components'] as { grr?: { sd: number } } | undefined;
  const range = figures['range'] as { grr?: number } | null | undefined;
  const process = (figures['process'] ?? figures['system']) as { u?: number } | null | undefined;
  const found =
    components?.grr?.sd ?? range?.grr ?? process?.u ?? figures['sigma'] ?? figures['sd'];
  return typeof found === 'number' ? found : null;
}
