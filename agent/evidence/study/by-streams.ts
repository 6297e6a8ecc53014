import { InputError } from '../../runtime/errors.ts';
import { type StreamsResult, streamCapability } from '../../spc/streams.ts';
import type { Table } from '../tables/table.ts';
import { columnOf, valueColumns } from './data.ts';
import { index, numberOr } from './figures.ts';
import type { StudyWish } from './result.ts';
import { effective } from './tolerance.ts';

const MOST_STREAMS = 256;

/** Capability per stream: what `--by COLUMN` adds to a study. */
export interface NamedStreams extends StreamsResult {
  by: string;
  names: string[];
}

/** The readings of a table by the label in a column, as streams of one characteristic. */
export function streamsOf(
  table: Table,
  by: string,
  value: string | undefined,
  wish: StudyWish,
): NamedStreams {
  const label = columnOf(table, by, '--by');
  const columns = valueColumns(table, value, []).filter((column) => column !== label);
  const lists = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row += 1) {
    const name = label.text(row) || '(none)';
    const list = lists.get(name) ?? [];
    lists.set(name, list);
    for (const column of columns) {
      const x = column.numbers[row] ?? Number.NaN;
      if (!Number.isNaN(x)) list.push(x);
    }
    if (lists.size > MOST_STREAMS) {
      throw new InputError(
        `--by ${by}: more than ${MOST_STREAMS} labels: is this the right column?`,
      );
    }
  }
  const named = [...lists].filter(([, list]) => list.length > 0);
  const result = streamCapability(
    named.map(([, list]) => list),
    effective(wish),
  );
  if (result === null) throw new InputError(`--by ${by}: there are no readings`);
  return { by, names: named.map(([name]) => name), ...result };
}

/** One line per stream, the worst one named. */
export function sayStreams(s: NamedStreams): string {
  const rows = s.streams.map(
    (one, i) =>
      `  ${(s.names[i] ?? '').padEnd(14)} n ${String(one.n).padEnd(7)} mean ${numberOr(one.mean).padEnd(12)}` +
      ` sd ${numberOr(one.sd).padEnd(12)} Pp ${index(one.pp)}  Ppk ${index(one.ppk)}` +
      (i === s.worst ? '   worst' : ''),
  );
  const share = s.shareBetween === null ? '–' : `${(100 * s.shareBetween).toFixed(1)} %`;
  return [
    '',
    `Streams by '${s.by}'`,
    ...rows,
    `  sigma within ${numberOr(s.sigmaWithin)}, ${share} of the variance lies between streams`,
    `  pooled, as if of one stream: Pp ${index(s.pooled.pp)}, Ppk ${index(s.pooled.ppk)}`,
  ].join('\n');
}
