/** Finds out what the columns of a measurement-system study mean. */
import { InputError } from '../../runtime/errors.ts';
import { columnOf } from '../study/data.ts';
import type { Column, Table } from '../tables/table.ts';

export type Role = 'part' | 'operator' | 'trial' | 'value' | 'reference' | 'group';
export type Columns = Record<Role, Column | null>;

const NAMES: Record<Role, RegExp> = {
  part: /^(part|parts|piece|unit|sample|item|specimen|part ?(no|nr|id|number)\.?)$/i,
  operator: /^(operator|operators|appraiser|inspector|rater|tester|op|user)$/i,
  trial: /^(trial|trials|repeat|repetition|replicate|rep|run)$/i,
  value: /^(value|values|measurement|measured|reading|result|rating|decision|judge?ment|x|y)$/i,
  reference: /^(reference|ref|master|true|true value|standard|nominal)$/i,
  group: /^(subgroup|group|time|date|day|week|shift|period|check|date ?time|timestamp)$/i,
};

/** Columns by their names; the one left over holds the values. Wishes name a column outright. */
export function msaColumns(table: Table, wish: Partial<Record<Role, string | undefined>>): Columns {
  const found = {} as Columns;
  for (const role of Object.keys(NAMES) as Role[]) {
    const asked = wish[role];
    found[role] =
      asked === undefined
        ? (table.columns.find((c) => NAMES[role].test(c.name.trim())) ?? null)
        : columnOf(table, asked, `--${role}`);
  }
  if (found.value === null) {
    const taken = Object.values(found);
    const left = table.columns.filter((c) => !taken.includes(c));
    const [only] = left;
    if (left.length !== 1 || only === undefined) {
      const names = table.columns.map((c) => `'${c.name}'`).join(', ');
      throw new InputError(
        `${table.file}: which column holds the measurements? There are ${names} — name it with --value`,
      );
    }
    found.value = only;
  }
  return found;
}

/** The column of a role that this kind of study cannot do without. */
export function needed(table: Table, columns: Columns, role: Role, why: string): Column {
  const column = columns[role];
  if (column !== null) return column;
  const names = table.columns.map((c) => `'${c.name}'`).join(', ');
  throw new InputError(
    `${table.file}: ${why} needs a column '${role}'; there are ${names} — rename one or use --${role} NAME`,
  );
}

/** Different entries of a column in the order of their first appearance. */
export function levels(table: Table, column: Column): string[] {
  const seen = new Set<string>();
  for (let row = 0; row < table.rows; row += 1) seen.add(column.text(row));
  return [...seen];
}

export interface Cube<Value> {
  outer: string[];
  inner: string[];
  /** [outer][inner][trial] */
  cells: Value[][][];
}

/**
 * Entries by outer and inner level, e.g. part and operator. Every cell must hold as many trials;
 * the first that does not is named.
 */
export function cube<Value>(
  table: Table,
  outer: Column,
  inner: Column,
  valueAt: (row: number) => Value,
): Cube<Value> {
  const names = { outer: levels(table, outer), inner: levels(table, inner) };
  const place = (list: string[]) => new Map(list.map((name, i) => [name, i]));
  const [outerAt, innerAt] = [place(names.outer), place(names.inner)];
  const cells: Value[][][] = names.outer.map(() => names.inner.map(() => []));
  for (let row = 0; row < table.rows; row += 1) {
    const o = outerAt.get(outer.text(row)) as number;
    const i = innerAt.get(inner.text(row)) as number;
    cells[o]?.[i]?.push(valueAt(row));
  }
  const trials = Math.max(...cells.flat().map((cell) => cell.length));
  cells.forEach((of, o) => {
    of.forEach((cell, i) => {
      if (cell.length === trials) return;
      throw new InputError(
        `${table.file}: ${outer.name} ${names.outer[o]}, ${inner.name} ${names.inner[i]} has ` +
          `${cell.length} trials where others have ${trials} — every ${inner.name} must measure ` +
          `every ${outer.name} equally often`,
      );
    });
  });
  return { ...names, cells };
}
