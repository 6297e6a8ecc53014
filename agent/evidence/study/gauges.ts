import { InputError } from '../../runtime/errors.ts';
import type { Column, Table } from '../tables/table.ts';

/** How the readings of several gauges are to be taken. */
export interface GaugeWish {
  /** only those of this gauge */
  gauge?: string | undefined;
  /** all as one: who signs that, and what shows it */
  pool?: string | undefined;
}

const NAMES = /^(gauge|gage)([ _-]?(id|name|no|sn|serial))?$/i;
const NOT_SAID = '(not said)';
const MOST_NAMED = 10;

/** The column that says what each row was measured with, when there is one. */
export function gaugeColumn(table: Table): Column | undefined {
  return table.hasHeader ? table.columns.find((c) => NAMES.test(c.name.trim())) : undefined;
}

/**
 * What one gauge measured is one segment; a capability is never made of several in silence. Returns
 * the rows to study and what the study has to say of it; throws an InputError that asks for a decision.
 */
export function oneGauge(table: Table, wish: GaugeWish): { table: Table; notes: string[] } {
  const column = gaugeColumn(table);
  if (column === undefined) {
    if (wish.gauge === undefined && wish.pool === undefined) return { table, notes: [] };
    throw new InputError(`${table.file}: no column 'gauge' says what a row was measured with`);
  }
  const counts = new Map<string, number>();
  for (let row = 0; row < table.rows; row += 1) {
    const name = column.text(row) || NOT_SAID;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const named = [...counts].slice(0, MOST_NAMED).map(([name, n]) => `'${name}' ${n}`);
  const said = named.join(', ') + (counts.size > MOST_NAMED ? ', …' : '');
  if (wish.gauge !== undefined) return chosen(table, column, wish.gauge, said);
  if (counts.size < 2) return { table, notes: [] };
  if (wish.pool === undefined) {
    throw new InputError(
      `${table.file}: column '${column.name}' names ${counts.size} gauges (rows: ${said}), and their ` +
        'readings are not put into one capability unless somebody signs that they measure the same — ' +
        "choose one with --gauge NAME, or sign with --pool-gauges 'who: what shows it'",
    );
  }
  if (!/^.{2,}:.{3,}$/.test(wish.pool)) {
    throw new InputError(
      `--pool-gauges '${wish.pool}': who signs and what shows it, e.g. 'A. Khan: GRR of 1 March'`,
    );
  }
  const note = `readings of ${counts.size} gauges are counted as one (rows: ${said}), signed by ${wish.pool}`;
  return { table, notes: [note] };
}

function chosen(table: Table, column: Column, gauge: string, said: string) {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row += 1) {
    if ((column.text(row) || NOT_SAID) === gauge) rows.push(row);
  }
  if (rows.length === 0) {
    throw new InputError(
      `${table.file}: --gauge ${gauge}: there is none of that name (rows: ${said})`,
    );
  }
  const left = table.rows - rows.length;
  const notes = [`only readings of gauge '${gauge}': ${left} rows of others are left out`];
  return { table: rowsOf(table, rows), notes: left === 0 ? [] : notes };
}

function rowsOf(table: Table, rows: readonly number[]): Table {
  return {
    ...table,
    rows: rows.length,
    rowInFile: (row) => table.rowInFile(rows[row] ?? 0),
    columns: table.columns.map((column) => {
      const numbers = Float64Array.from(rows, (row) => column.numbers[row] ?? Number.NaN);
      const text = (row: number) => column.text(rows[row] ?? -1);
      const texts = rows.map((_, row) => text(row));
      const missing = texts.filter((one) => one === '').length;
      const words = texts.filter((one, row) => one !== '' && Number.isNaN(numbers[row])).length;
      return { name: column.name, place: column.place, numbers, words, missing, text };
    }),
  };
}
