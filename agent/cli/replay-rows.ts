import { checkNumbers, columnOf } from '../evidence/study/data.ts';
import type { Column, Table } from '../evidence/tables/table.ts';
import { InputError } from '../runtime/errors.ts';

/** One reading of the file, by the lasting number of its characteristic or of a tag of cycles. */
export interface ReplayRow {
  characteristic: number;
  value: number;
  timeMs: number;
  sequence: number;
}

export interface ReplayPlan {
  rows: Iterable<ReplayRow>;
  /** numbers of what the file holds: others are not missed */
  present: Set<number>;
  /** rows whose characteristic the settings do not know */
  unknown: Map<string, number>;
  notes: string[];
  /** the file numbers its readings */
  numbered: boolean;
}

/** What columns and rows may be named after. */
export interface Names {
  /** ids and tags, with the number that their readings go to */
  known: ReadonlyMap<string, number>;
  /** for what is said when nothing fits */
  ids: readonly string[];
  /** where unnamed readings can only belong; null when there is a choice */
  only: number | null;
}

export interface ReplayWish {
  value?: string | undefined;
  time?: string | undefined;
  sequence?: string | undefined;
  characteristic?: string | undefined;
  /** time between rows when the file has none */
  everyMs: number;
}

const NAMES = {
  time: /^(time|timestamp|ts|date|datetime|time_?ms|when)$/i,
  characteristic: /^(characteristic|char|tag|name|signal|feature)$/i,
  value: /^(value|values|measurement|reading|x)$/i,
  sequence: /^(sequence|seq|counter|part ?(no|number|count)|n)$/i,
};

/** Rows without a time are a fixed distance apart from here: 2000-01-01 UTC. */
const FIRST_MS = 946_684_800_000;

/** Reads the meaning of the columns, then hands out reading after reading in the file's order. */
export function replayPlan(table: Table, names: Names, wish: ReplayWish): ReplayPlan {
  const notes: string[] = [];
  const unknown = new Map<string, number>();
  const find = (role: keyof typeof NAMES): Column | null => {
    const asked = wish[role];
    if (asked !== undefined) return columnOf(table, asked, `--${role}`);
    return table.columns.find((c) => NAMES[role].test(c.name.trim())) ?? null;
  };
  const time = find('time');
  const sequence = find('sequence');
  if (time === null) notes.push(`no column holds times: rows are ${wish.everyMs} ms apart`);
  const targets = targetsOf(table, names, find('characteristic'), find('value'), unknown);
  const timeOf =
    time === null ? (row: number) => FIRST_MS + row * wish.everyMs : times(table, time);
  if (sequence !== null) checkNumbers(table, sequence);
  const present = new Set<number>();
  for (const { at } of targets) {
    for (let row = 0; row < table.rows; row += 1) if (at(row) >= 0) present.add(at(row));
  }
  unknown.clear();
  const rows = read(table, targets, timeOf, sequence);
  return { rows, present, unknown, notes, numbered: sequence !== null };
}

/** Where a value of a row goes: the column it stands in and what it measures there. */
interface Target {
  column: Column;
  /** the number that its readings go to; -1 = not in the settings */
  at(row: number): number;
}

function targetsOf(
  table: Table,
  { known, ids, only }: Names,
  named: Column | null,
  value: Column | null,
  unknown: Map<string, number>,
): Target[] {
  if (named !== null) {
    const column = value ?? leftOver(table, named);
    checkNumbers(table, column);
    const at = (row: number) => {
      const name = named.text(row);
      const found = known.get(name);
      if (found === undefined) unknown.set(name, (unknown.get(name) ?? 0) + 1);
      return found ?? -1;
    };
    return [{ column, at }];
  }
  const wide = table.columns.flatMap((column) => {
    const i = known.get(column.name.trim());
    return i === undefined ? [] : [{ column, at: () => i }];
  });
  if (wide.length > 0) {
    for (const { column } of wide) checkNumbers(table, column);
    return wide;
  }
  if (only !== null) {
    const column = value ?? leftOver(table, null);
    checkNumbers(table, column);
    return [{ column, at: () => only }];
  }
  throw new InputError(
    `${table.file}: which characteristic do the readings belong to? The settings know ` +
      `${ids.slice(0, 8).join(', ')} — add a column 'characteristic', or name columns after them`,
  );
}

/** The one column of numbers that has no other meaning. */
function leftOver(table: Table, taken: Column | null): Column {
  const free = table.columns.filter(
    (c) => c !== taken && !isNamed(c) && c.missing + c.words < table.rows,
  );
  const [only] = free;
  if (only !== undefined && free.length === 1) return only;
  const names = table.columns.map((c) => `'${c.name}'`).join(', ');
  throw new InputError(
    `${table.file}: which column holds the readings? There are ${names} — name it with --value`,
  );
}

const isNamed = ({ name }: Column) =>
  NAMES.time.test(name) || NAMES.characteristic.test(name) || NAMES.sequence.test(name);

function* read(
  table: Table,
  targets: readonly Target[],
  timeOf: (row: number) => number,
  sequence: Column | null,
): Iterable<ReplayRow> {
  for (let row = 0; row < table.rows; row += 1) {
    for (const { column, at } of targets) {
      const characteristic = at(row);
      if (characteristic < 0) continue;
      const value = column.numbers[row] ?? Number.NaN;
      const own = sequence === null ? row + 1 : (sequence.numbers[row] ?? Number.NaN);
      yield { characteristic, value, timeMs: timeOf(row), sequence: own };
    }
  }
}

/** Times as numbers (s or ms since 1970) or as text: ISO 8601, or day.month.year. UTC if not said. */
function times(table: Table, column: Column): (row: number) => number {
  return (row) => {
    const number = column.numbers[row] ?? Number.NaN;
    const ms = Number.isNaN(number)
      ? parsed(column.text(row))
      : number < 1e11
        ? number * 1000
        : number;
    if (Number.isFinite(ms)) return ms;
    throw new InputError(
      `${table.file}: row ${table.rowInFile(row)}, column '${column.name}': ` +
        `'${column.text(row)}' is not a time — write 2026-03-01T06:30:00Z or milliseconds`,
    );
  };
}

function parsed(text: string): number {
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ /T](.*))?$/.exec(text);
  const pad = (part: string | undefined) => (part ?? '').padStart(2, '0');
  const iso =
    german === null
      ? text.replace(' ', 'T')
      : `${german[3]}-${pad(german[2])}-${pad(german[1])}T${german[4] ?? '00:00:00'}`;
  return Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : iso.includes('T') ? `${iso}Z` : iso);
}
