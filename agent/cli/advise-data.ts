import { adviseChart } from '../evidence/advise/advise.ts';
import type { Advice, Demands, Observations } from '../evidence/advise/observations.ts';
import { checkNumbers, columnOf, studyData } from '../evidence/study/data.ts';
import { readTable } from '../evidence/tables/read.ts';
import type { Column, Table } from '../evidence/tables/table.ts';
import { InputError } from '../runtime/errors.ts';
import { EXIT, type Terminal, type Values } from './command.ts';
import { numberOption, readWish, textOption } from './options.ts';

/** `meyar advise DATA`: which chart, limits, rules and sampling, and why. */
export async function adviseData(
  file: string,
  values: Values,
  terminal: Terminal,
): Promise<number> {
  const table = await readTable(file, readWish(values));
  const lsl = numberOption(values, 'lsl');
  const usl = numberOption(values, 'usl');
  if (lsl !== null && usl !== null && lsl >= usl) {
    throw new InputError(
      `--lsl ${lsl}, --usl ${usl}: the lower limit must lie below the upper one`,
    );
  }
  const demands: Demands = {
    lsl,
    usl,
    target: numberOption(values, 'target-index') ?? 1.33,
    resolution: numberOption(values, 'resolution'),
    expectedPieces: numberOption(values, 'expected'),
  };
  const counted = textOption(values, 'count');
  const observations =
    counted === undefined ? measured(table, values) : counts(table, counted, values);
  const advice = adviseChart(observations, demands);
  terminal.out(values['json'] === true ? JSON.stringify(advice) : sayAdvice(advice));
  return EXIT.done;
}

function measured(table: Table, values: Values): Observations {
  const known = ['stream', 'lot', 'part', 'tool'] as const;
  const named = known.filter((key) => textOption(values, key) !== undefined);
  const wish = { value: textOption(values, 'value'), subgroup: textOption(values, 'subgroup') };
  const nothing = { stream: null, lot: null, part: null, tool: null };
  if (named.length === 0) {
    const data = studyData(table, wish);
    const subgroup = data.bounds === null ? null : numbersOf(data.values.length, data.bounds);
    const good = Array.from(data.values, (value, i) => ({
      value,
      group: subgroup?.[i] ?? 0,
    })).filter(({ value }) => Number.isFinite(value));
    return {
      kind: 'measurements',
      values: atLeast(
        good.map(({ value }) => value),
        table,
      ),
      subgroup: subgroup === null ? null : good.map(({ group }) => group),
      ...nothing,
    };
  }
  return withContext(table, values, named, wish.subgroup);
}

/** Readings one to a row, with columns that say where each is from. */
function withContext(
  table: Table,
  values: Values,
  named: readonly ('stream' | 'lot' | 'part' | 'tool')[],
  subgroup: string | undefined,
): Observations {
  const name = textOption(values, 'value');
  if (name === undefined) {
    throw new InputError(`${table.file}: name the column of the readings with --value as well`);
  }
  const column = columnOf(table, name, '--value');
  checkNumbers(table, column);
  const rows = Array.from({ length: table.rows }, (_, row) => row).filter((row) =>
    Number.isFinite(column.numbers[row]),
  );
  const texts = (key: string): string[] | null => {
    const wanted = textOption(values, key);
    if (wanted === undefined) return null;
    const from = columnOf(table, wanted, `--${key}`);
    return rows.map((row) => from.text(row));
  };
  return {
    kind: 'measurements',
    values: atLeast(
      rows.map((row) => column.numbers[row] as number),
      table,
    ),
    subgroup: subgroup === undefined ? null : subgroupsOf(table, subgroup, rows),
    stream: named.includes('stream') ? texts('stream') : null,
    lot: texts('lot'),
    part: texts('part'),
    tool: texts('tool'),
  };
}

/** So many readings in a row, or a new number wherever the column changes. */
function subgroupsOf(table: Table, wish: string, rows: readonly number[]): number[] {
  const size = Number(wish);
  if (Number.isInteger(size) && size > 0) return rows.map((_, i) => Math.floor(i / size));
  const column = columnOf(table, wish, '--subgroup');
  const numbers = new Map<string, number>();
  return rows.map((row) => {
    const key = column.text(row);
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return numbers.get(key) as number;
  });
}

function numbersOf(length: number, bounds: Int32Array): number[] {
  const numbers: number[] = [];
  for (let group = 0; group + 1 < bounds.length; group += 1) {
    const end = bounds[group + 1] ?? length;
    while (numbers.length < end) numbers.push(group);
  }
  return numbers;
}

function atLeast(values: number[], table: Table): number[] {
  if (values.length >= 3) return values;
  throw new InputError(`${table.file}: ${values.length} readings are too few to advise on`);
}

function counts(table: Table, counted: string, values: Values): Observations {
  const column = columnOf(table, counted, '--count');
  checkNumbers(table, column);
  const size = textOption(values, 'size');
  if (size === undefined) {
    throw new InputError('--count needs --size: units inspected, a number or a column');
  }
  const fixed = Number(size);
  const sized: Column | null = Number.isFinite(fixed) ? null : columnOf(table, size, '--size');
  if (sized !== null) checkNumbers(table, sized);
  const sizeIn = (row: number) => sized?.numbers[row] ?? fixed;
  const rows = Array.from({ length: table.rows }, (_, row) => row).filter(
    (row) => Number.isFinite(column.numbers[row]) && Number.isFinite(sizeIn(row)),
  );
  const of = values['defects'] === true ? 'defects' : 'units';
  for (const row of rows) {
    const count = column.numbers[row] as number;
    const wrong = count < 0 || !(sizeIn(row) > 0) || (of === 'units' && count > sizeIn(row));
    if (wrong) {
      throw new InputError(
        `${table.file}: row ${table.rowInFile(row)}: ${count} of ${sizeIn(row)} cannot be; ` +
          'counts are 0 or more, of a size above 0 (--defects allows more than one a unit)',
      );
    }
  }
  if (rows.length < 3) throw new InputError(`${table.file}: too few counts to advise on`);
  return {
    kind: 'counts',
    of,
    counts: rows.map((row) => column.numbers[row] as number),
    sizes: rows.map(sizeIn),
  };
}

function sayAdvice({ proposal, steps, warnings, settings }: Advice): string {
  const lines = [
    `chart:    ${proposal.chart}`,
    `limits:   ${proposal.limits}`,
    `rules:    ${proposal.rules}`,
    `sampling: ${proposal.sampling}`,
    '',
    ...steps.map((step, i) => `${i + 1}. ${step.question} ${step.sentence}`),
  ];
  if (warnings.length > 0) lines.push('', ...warnings.map((warning) => `note: ${warning}`));
  if (settings.length > 0) {
    lines.push('', 'for the settings file:', ...settings.map((line) => `    ${line}`));
  }
  return lines.join('\n');
}
