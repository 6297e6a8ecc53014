import { followLots, type LotRow } from '../evidence/sampling/lots.ts';
import {
  type SamplingAdvice,
  type SamplingWish,
  samplingAdvice,
} from '../evidence/sampling/plan.ts';
import { lotsText, samplingText } from '../evidence/sampling/words.ts';
import { checkNumbers, columnOf } from '../evidence/study/data.ts';
import { readTable } from '../evidence/tables/read.ts';
import type { Table } from '../evidence/tables/table.ts';
import { InputError } from '../runtime/errors.ts';
import { AQLS, LEVELS, SEVERITIES } from '../spc/attribute-tables.ts';
import { EXIT, type Terminal, type Values } from './command.ts';
import { numberOption, oneOf, readWish, textOption } from './options.ts';

/** `meyar advise --sampling`: plans for a lot, and the switching rules over a file of lots. */
export async function adviseSampling(
  file: string | undefined,
  values: Values,
  terminal: Terminal,
): Promise<number> {
  const wish = wishOf(values);
  if (file === undefined) {
    const lot = wholeLot(values);
    const advice = samplingAdvice({ ...wish, lot });
    terminal.out(values['json'] === true ? JSON.stringify(advice) : samplingText(advice));
    return EXIT.done;
  }
  const table = await readTable(file, readWish(values));
  const scheme = oneOf(values, 'switching', ['iso', '105e'], 'iso');
  const rules = { scheme, allowReduced: values['no-reduced'] !== true } as const;
  const { lots, state } = followLots(rowsOf(table, values), wish, rules);
  terminal.out(values['json'] === true ? JSON.stringify({ lots, state }) : lotsText(lots, state));
  return EXIT.done;
}

/** Options of this mode, beside those of the others. */
export const SAMPLING_OPTIONS = {
  sampling: { type: 'boolean' },
  'lot-size': { type: 'string' },
  aql: { type: 'string' },
  level: { type: 'string' },
  severity: { type: 'string' },
  limit: { type: 'string' },
  beta: { type: 'string' },
  skip: { type: 'string' },
  switching: { type: 'string' },
  'no-reduced': { type: 'boolean' },
} as const;

export const SAMPLING_HELP = [
  'With --sampling: acceptance sampling plans for a lot (MIL-STD-105E, ISO 2859-1, Z1.4, Z1.9)',
  '--lot-size N          pieces in the lot           --aql P   percent, of the series 0.010 … 1000',
  '--level L             S-1 … S-4, I, II (default), III',
  '--severity S          normal (default), tightened, reduced',
  '--limit P, --beta P   accept-on-zero: percent bad that passes with at most P percent (1, 10)',
  '--skip I,F            skip-lot: after I good lots inspect the share F of them, such as 10,0.25',
  'DATA with --sampling  lots in order with columns lot, bad and size (or --lot-size): the',
  '                      switching rules lot by lot; --switching iso (default) or 105e;',
  '                      --no-reduced where the customer allows no reduced inspection',
];

function wishOf(values: Values): Omit<SamplingWish, 'lot'> {
  const aql = numberOption(values, 'aql');
  if (aql === null || !AQLS.includes(aql)) {
    const given = aql === null ? 'is needed' : `${aql} is not in the series`;
    throw new InputError(`--aql ${given}: ${AQLS.join(', ')}`);
  }
  return {
    aql,
    level: oneOf(values, 'level', LEVELS, 'II'),
    severity: oneOf(values, 'severity', SEVERITIES, 'normal'),
    limit: percentOption(values, 'limit', 1),
    beta: percentOption(values, 'beta', 10),
    skip: skipOf(textOption(values, 'skip')),
  };
}

function percentOption(values: Values, name: string, usual: number): number {
  const percent = numberOption(values, name) ?? usual;
  if (percent > 0 && percent < 100) return percent / 100;
  throw new InputError(`--${name} ${percent}: a percentage above 0 and below 100 is needed`);
}

function wholeLot(values: Values): number {
  const lot = numberOption(values, 'lot-size');
  if (lot !== null && Number.isInteger(lot) && lot >= 2 && lot <= MOST_IN_LOT) return lot;
  throw new InputError(
    `--lot-size ${lot ?? ''}: a whole number from 2 to ${MOST_IN_LOT} is needed`,
  );
}

const MOST_IN_LOT = 10_000_000;

function skipOf(text: string | undefined): SamplingAdvice['skip'] {
  if (text === undefined) return null;
  const [clearing = 0, fraction = 0] = text.split(',').map(Number);
  if (Number.isInteger(clearing) && clearing >= 1 && fraction > 0 && fraction <= 1) {
    return { clearing, fraction, atAql: null };
  }
  throw new InputError(`--skip ${text}: lots in a row and a share, such as 10,0.25`);
}

function rowsOf(table: Table, values: Values): LotRow[] {
  const column = (name: string) =>
    table.columns.find((one) => one.name.trim().toLowerCase() === name) ?? null;
  const bad = columnOf(table, 'bad', 'a file of lots');
  const size = column('size');
  checkNumbers(table, bad);
  if (size !== null) checkNumbers(table, size);
  const fixed = size === null ? wholeLot(values) : 0;
  return Array.from({ length: table.rows }, (_, row) => {
    const lot = { lot: column('lot')?.text(row) ?? String(row + 1) };
    const counted = { size: size?.numbers[row] ?? fixed, bad: bad.numbers[row] ?? Number.NaN };
    if (Number.isInteger(counted.bad) && counted.bad >= 0 && Number.isInteger(counted.size)) {
      return { ...lot, ...counted };
    }
    throw new InputError(
      `${table.file}: row ${table.rowInFile(row)}: bad and size must be whole numbers from 0 up`,
    );
  });
}
