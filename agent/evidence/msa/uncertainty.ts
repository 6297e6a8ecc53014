/** The uncertainty budget of a measuring system and process: Q_MS, Q_MP, smallest tolerance. */
import { InputError } from '../../runtime/errors.ts';
import {
  type Budget,
  type Entry,
  FORMS,
  type Form,
  INFLUENCES,
  type Influence,
  uncertaintyBudget,
} from '../../spc/uncertainty.ts';
import { checkNumbers } from '../study/data.ts';
import type { Column, Table } from '../tables/table.ts';
import { type Columns, needed } from './columns.ts';
import type { MsaResult, MsaVerdict, MsaWish } from './result.ts';

const SYSTEM = 15;
const PROCESS = 30;
const STEP = 5;

const INFLUENCE_COLUMN = /^(influence|component|source|name)$/i;
const FORM_COLUMN = /^(form|type|kind)$/i;
const FACTOR_COLUMN = /^(factor|k)$/i;

/** True when a column names influences of a budget. */
export function isBudget(table: Table): boolean {
  const column = named(table, INFLUENCE_COLUMN);
  if (column === null) return false;
  return Array.from({ length: table.rows }, (_, row) => influenceIn(column.text(row))).every(
    (one) => one !== null,
  );
}

/** One row per influence: its name, a figure, and how the figure is meant. */
export function uncertainty(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const entries = entriesOf(table, columns);
  const { tolerance, coverage: k } = wish;
  const budget = uncertaintyBudget(entries, { tolerance, k, qSystem: SYSTEM, qProcess: PROCESS });
  if (budget === null) {
    throw new InputError(`${table.file}: an uncertainty is a number from 0 up`);
  }
  return {
    type: 'uncertainty',
    size: { influences: entries.length },
    tolerance,
    ...judge(budget, tolerance),
    figures: { ...budget, coverageFactor: k },
    notes: [
      ...(budget.process === null
        ? ['No influence of the process (evo, av, gv, obj, temp …) is given: the system alone.']
        : []),
      ...budget.rows
        .filter((row) => !row.inSystem && !row.inProcess)
        .map((row) => `${row.influence} does not count: a larger influence contains it.`),
    ],
  };
}

function judge(
  budget: Budget,
  tolerance: number | null,
): { verdict: MsaVerdict; reasons: string[] } {
  const { system, process, resolution } = budget;
  const say = (name: string, q: number, most: number) =>
    `${name} is ${q.toFixed(1)} % of the tolerance; ${most} % is the most.`;
  const judged: [string, number | null, number][] = [
    ['The step of the display', resolution, STEP],
    ['Q_MS of the measuring system', system?.q ?? null, SYSTEM],
    ['Q_MP of the measurement process', process?.q ?? null, PROCESS],
  ];
  const known = judged.flatMap(([name, q, most]) => (q === null ? [] : [{ name, q, most }]));
  const least = (process ?? system)?.leastTolerance ?? null;
  const smallest =
    least === null
      ? []
      : [`The smallest tolerance it is fit for is ${Number(least.toPrecision(5))}.`];
  if (tolerance === null) {
    return {
      verdict: 'no verdict',
      reasons: ['Without a tolerance (--tolerance) there is no Q.', ...smallest],
    };
  }
  if (known.length === 0) return { verdict: 'no verdict', reasons: ['The budget is empty.'] };
  const good = known.every(({ q, most }) => q <= most);
  return {
    verdict: good ? 'acceptable' : 'not acceptable',
    reasons: [...known.map(({ name, q, most }) => say(name, q, most)), ...smallest],
  };
}

function entriesOf(table: Table, columns: Columns): Entry[] {
  const names = named(table, INFLUENCE_COLUMN);
  if (names === null) {
    throw new InputError(`${table.file}: a budget needs a column 'influence' and one 'value'`);
  }
  const value = needed(table, columns, 'value', 'a budget');
  checkNumbers(table, value);
  const forms = named(table, FORM_COLUMN);
  const factors = named(table, FACTOR_COLUMN);
  const seen = new Set<Influence>();
  return Array.from({ length: table.rows }, (_, row) => {
    const at = `${table.file}: row ${table.rowInFile(row)}`;
    const influence = influenceIn(names.text(row));
    if (influence === null) {
      const known = Object.keys(INFLUENCES).join(', ');
      throw new InputError(`${at}: '${names.text(row)}' is no influence; there are ${known}`);
    }
    if (seen.has(influence)) throw new InputError(`${at}: ${influence} is there twice`);
    seen.add(influence);
    const figure = value.numbers[row] ?? Number.NaN;
    if (!(figure >= 0)) throw new InputError(`${at}: ${influence} needs a number from 0 up`);
    return {
      influence,
      value: figure,
      form: formIn(forms?.text(row) ?? '', at),
      factor: factorIn(factors, row, at),
    };
  });
}

function named(table: Table, pattern: RegExp): Column | null {
  return table.columns.find((column) => pattern.test(column.name.trim())) ?? null;
}

/** u_cal, U_CAL and cal are the same influence. */
function influenceIn(text: string): Influence | null {
  const word = text.trim().toLowerCase().replace(/^u_?/, '').replaceAll('_', '-');
  const found = SYNONYMS[word] ?? word;
  return Object.hasOwn(INFLUENCES, found) ? (found as Influence) : null;
}

const SYNONYMS: Record<string, string> = { re: 'res', bi: 'bias', t: 'temp', rest: 'mp-rest' };

function formIn(text: string, at: string): Form | undefined {
  const word = text.trim().toLowerCase();
  if (word === '') return undefined;
  const found = FORMS.find((form) => form === word);
  if (found !== undefined) return found;
  throw new InputError(`${at}: '${text}' is no form; there are ${FORMS.join(', ')}`);
}

function factorIn(column: Column | null, row: number, at: string): number | undefined {
  if (column === null || column.text(row) === '') return undefined;
  const factor = column.numbers[row] ?? Number.NaN;
  if (factor > 0) return factor;
  throw new InputError(`${at}: the factor must be a number above 0, not '${column.text(row)}'`);
}
